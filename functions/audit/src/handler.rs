//! One batch of lines.

use berth_audit::{AuditLog, Line};
use berth_registry::StoreError;
use futures::{StreamExt, TryStreamExt, stream};

use crate::event::{Batch, EventError, LogsEvent};

/// How many lines are kept at a time.
const AT_ONCE: usize = 16;

/// Why a batch must come again.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It is no batch. It will not become one: it ends in the queue of what was given up, for somebody to look at.
    #[error(transparent)]
    Event(#[from] EventError),
    /// Storage failed. What was kept so far does no harm.
    #[error("lines could not be kept")]
    Store(#[from] StoreError),
}

/// Keeps the lines of ours in a batch; answers how many there were.
pub async fn handle(log: &AuditLog, event: LogsEvent) -> Result<usize, Failure> {
    let batch = event.awslogs.unpacked()?;
    if batch.message_type != "DATA_MESSAGE" {
        return Ok(0);
    }
    let lines = lines(&batch);
    let count = lines.len();
    let kept = stream::iter(lines).map(|line| async move { log.keep(&line).await.map(drop) });
    kept.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    Ok(count)
}

fn lines(batch: &Batch) -> Vec<Line> {
    let mut lines = Vec::new();
    for event in &batch.log_events {
        let Some(text) = event.line() else {
            tracing::error!(id = event.id, group = batch.log_group, "a line is too long to be ours");
            continue;
        };
        match Line::parse(text) {
            Ok(line) => lines.extend(line),
            // The line itself stays where it is, in the group that it came from.
            Err(error) => {
                tracing::error!(id = event.id, group = batch.log_group, %error, "a line is not readable");
            }
        }
    }
    lines
}
