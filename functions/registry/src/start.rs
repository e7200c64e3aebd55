//! From the environment to a running service: what every process on AWS does when it starts.

use std::sync::Arc;

use berth_http::Settings;
use berth_store::{Store, Table};

use crate::{
    Audit, Config, OriginSecret, RandomIds, Service, StandardOutput, Storage, Surroundings, SystemClock,
    service, with_networks,
};

/// Storage with the credentials and the region of this process.
pub async fn open_store(bucket: impl Into<String>, table: impl Into<String>) -> Store {
    let aws = aws_config::load_from_env().await;
    let (s3, dynamodb) = (aws_sdk_s3::Client::new(&aws), aws_sdk_dynamodb::Client::new(&aws));
    Store::new(s3, dynamodb, bucket, table, Arc::new(SystemClock), Arc::new(RandomIds))
}

/// The records alone, for who has no business in the bucket.
pub async fn open_table(table: impl Into<String>) -> Table {
    let aws = aws_config::load_from_env().await;
    Table::new(aws_sdk_dynamodb::Client::new(&aws), table, Arc::new(SystemClock), Arc::new(RandomIds))
}

/// The service, and what a request must carry to reach it.
pub async fn start(config: Config, settings: Settings) -> (Service, OriginSecret) {
    let store = open_store(config.bucket, config.table).await;
    let surroundings = Surroundings {
        config: berth_registry::Config::new(config.signer, with_networks(config.delivery, &store).await),
        access: config.access,
        settings,
        audit: Audit { lines: Some(Arc::new(StandardOutput)), retention_days: config.audit_retention_days },
    };
    (service(Storage::of(&store), surroundings), config.origin)
}

impl Storage {
    /// All of it in one store.
    pub fn of(store: &Store) -> Self {
        Self { ports: store.ports(), read: store.records(), write: store.records() }
    }
}
