//! Events of the embedded S3, from its outbox to the code that production's functions run.

use std::time::Duration;

use berth_registry::Registry;
use berth_store::Key;

use crate::s3::Store;

/// How long to wait after storage has failed.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// How many events to read at a time.
const BATCH: usize = 64;

/// Promotes what clients put under `uploads/`, for ever. At least once for each object, also across restarts.
pub(crate) async fn pump(store: Store, registry: Registry) {
    loop {
        match drain(&store, &registry).await {
            Ok(()) => store.events_created().notified().await,
            Err(error) => {
                tracing::warn!(error = &*error, "cannot work off the events; trying again");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

async fn drain(store: &Store, registry: &Registry) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    loop {
        let events = store.events_pending(BATCH).await?;
        if events.is_empty() {
            return Ok(());
        }
        // One object that cannot be promoted must not hold up the others: it stays for the next round.
        let mut failure = None;
        for event in events {
            let promoted = match Key::parse_staging(&event.key) {
                Some((repository, digest)) => registry.promote(&repository, &digest).await.map(drop),
                None => Ok(()),
            };
            match promoted {
                Ok(()) => store.event_done(event.id).await?,
                Err(error) => failure = Some(error),
            }
        }
        if let Some(error) = failure {
            return Err(error.into());
        }
    }
}
