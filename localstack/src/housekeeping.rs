//! What expires, removed now and then: the work of S3's lifecycle rules and of DynamoDB's TTL.

use std::time::Duration;

use crate::dynamodb::{self, Database};
use crate::s3::Store;

const INTERVAL: Duration = Duration::from_mins(10);
/// An upload session lives a day; what is older belongs to nobody.
const UPLOADS_LIVE_MS: u64 = 2 * 24 * 60 * 60 * 1000;

/// Removes what has expired, for ever.
pub(crate) async fn run(store: Store, bucket: &str, database: Database) {
    loop {
        for prefix in ["uploads/", "chunks/"] {
            if let Err(error) = store.expire(bucket, prefix, UPLOADS_LIVE_MS).await {
                tracing::warn!(prefix, %error, "cannot remove expired uploads");
            }
        }
        if let Err(error) = dynamodb::sweep(&database).await {
            tracing::warn!(%error, "cannot remove expired items");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
