//! The log as a file: one JSON document per line, the newest first.

use berth_registry::StoreError;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};

use crate::{AuditLog, Part, Window};

/// How many entries one read takes.
const AT_ONCE: usize = 500;

impl AuditLog {
    /// The entries within the window as lines, each with its line end. Reads as it is read from, a page at a time.
    pub fn export(&self, part: Part, window: Window) -> BoxStream<'_, Result<String, StoreError>> {
        let pages = stream::try_unfold(Some(None), move |state: Option<Option<u64>>| async move {
            let Some(before) = state else { return Ok(None) };
            let (entries, more) = self.list(part, window, before, AT_ONCE).await?;
            let next = entries.last().filter(|_| more).map(|oldest| Some(oldest.id));
            Ok::<_, StoreError>(Some((entries, next)))
        });
        let lines = pages.map_ok(|entries| {
            stream::iter(entries.into_iter().map(|entry| {
                let line = serde_json::to_string(&entry);
                line.map(|line| line + "\n").map_err(|error| StoreError::corrupt("ExportAudit", error))
            }))
        });
        lines.try_flatten().boxed()
    }
}
