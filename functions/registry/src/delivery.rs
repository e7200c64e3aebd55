//! The networks that `auto` delivery sends to S3: a file in the bucket, one network a line, put there by `infra/networks`.

use std::sync::Arc;

use berth_registry::{Delivery, Networks};
use berth_store::Store;

/// The same delivery, with the networks in the bucket. Without a readable file everybody gets blobs through the edge, which
/// works for all and costs more for some.
pub async fn with_networks(delivery: Delivery, store: &Store) -> Delivery {
    let Delivery::Auto(_) = delivery else { return delivery };
    Delivery::Auto(Arc::new(networks(store).await.unwrap_or_default()))
}

async fn networks(store: &Store) -> Option<Networks> {
    let text = match store.networks().await {
        Ok(Some(text)) => text,
        Ok(None) => {
            tracing::warn!(
                "no networks are in the bucket, run infra/networks: all blobs go through the edge"
            );
            return None;
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the networks cannot be read: all blobs go through the edge");
            return None;
        }
    };
    Networks::parse(&text).inspect_err(|error| tracing::error!(%error, "the networks are malformed")).ok()
}
