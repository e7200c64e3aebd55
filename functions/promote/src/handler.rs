//! One batch of messages.

use berth_registry::Registry;
use futures::{StreamExt, stream};

use crate::event::{Batch, Failed, FailedItem, Message, staged_objects};

/// How many objects are promoted at a time: copies run in S3, so this costs memory for answers alone.
const AT_ONCE: usize = 8;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Promotes what the messages tell of. Answers the messages that must come again.
pub async fn handle(registry: &Registry, batch: Batch) -> Failed {
    let outcomes = stream::iter(batch.messages)
        .map(|message| async move {
            let failed = promote_all(registry, &message).await.is_err();
            failed.then_some(FailedItem { item_identifier: message.message_id })
        })
        .buffer_unordered(AT_ONCE);
    Failed { batch_item_failures: outcomes.filter_map(std::future::ready).collect().await }
}

async fn promote_all(registry: &Registry, message: &Message) -> Result<(), Failure> {
    let outcome = try_promote_all(registry, &message.body).await;
    if let Err(error) = &outcome {
        tracing::error!(message_id = message.message_id, error = &**error, "a message failed");
    }
    outcome
}

async fn try_promote_all(registry: &Registry, body: &str) -> Result<(), Failure> {
    for (repository, digest) in staged_objects(body)? {
        registry.promote(&repository, &digest).await?;
    }
    Ok(())
}
