//! From the environment to a running service: what every process on AWS does when it starts.

use std::sync::Arc;

use aws_config::SdkConfig;
use berth_http::Settings;
use berth_store::{Store, Table};

use crate::{
    Audit, Config, OriginSecret, RandomIds, Service, StandardOutput, Storage, Surroundings, SystemClock,
    service, with_networks,
};

/// Storage with these credentials, in this region.
pub fn open_store(aws: &SdkConfig, bucket: impl Into<String>, table: impl Into<String>) -> Store {
    let (s3, dynamodb) = (aws_sdk_s3::Client::new(aws), aws_sdk_dynamodb::Client::new(aws));
    Store::new(s3, dynamodb, bucket, table, Arc::new(SystemClock), Arc::new(RandomIds))
}

/// The records alone, for who has no business in the bucket.
pub fn open_table(aws: &SdkConfig, table: impl Into<String>) -> Table {
    Table::new(aws_sdk_dynamodb::Client::new(aws), table, Arc::new(SystemClock), Arc::new(RandomIds))
}

/// The service on what `storage` takes of the store, and what a request must carry to reach it.
pub async fn start(
    aws: &SdkConfig,
    config: Config,
    settings: Settings,
    storage: impl FnOnce(&Store) -> Storage,
) -> (Service, OriginSecret) {
    let store = open_store(aws, config.bucket, config.table);
    let surroundings = Surroundings {
        config: berth_registry::Config::new(config.signer, with_networks(config.delivery, &store).await),
        access: config.access,
        settings,
        audit: Audit { lines: Some(Arc::new(StandardOutput)), retention_days: config.audit_retention_days },
    };
    (service(storage(&store), surroundings), config.origin)
}

impl Storage {
    /// All of it in one store.
    pub fn of(store: &Store) -> Self {
        Self { ports: store.ports(), read: store.records(), write: store.records() }
    }

    /// All but what takes content from clients.
    pub fn without_uploads(store: &Store) -> Self {
        Self { ports: store.ports_without_uploads(), read: store.records(), write: store.records() }
    }
}
