//! The log as a file: one JSON document per line, the newest first.

use berth_registry::StoreError;

use crate::{AuditLog, Part, Window};

/// How many entries one read takes.
const AT_ONCE: usize = 500;

/// A part of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Entries, each on a line of its own.
    pub lines: String,
    /// The entry before which the next part goes on; `None` at the end.
    pub next: Option<u64>,
}

impl AuditLog {
    /// Entries within the window, older than the entry `before`, as lines: up to `max_bytes` and what one entry may be longer.
    /// Nothing is left out between a part and the next.
    pub async fn export(
        &self,
        part: Part,
        window: Window,
        before: Option<u64>,
        max_bytes: usize,
    ) -> Result<Export, StoreError> {
        let (mut lines, mut before) = (String::new(), before);
        loop {
            let (entries, more) = self.list(part, window, before, AT_ONCE).await?;
            let mut left = entries.iter().peekable();
            while let Some(entry) = left.next() {
                let line = serde_json::to_string(entry);
                lines += &line.map_err(|error| StoreError::corrupt("ExportAudit", error))?;
                lines.push('\n');
                before = Some(entry.id);
                if lines.len() >= max_bytes && (more || left.peek().is_some()) {
                    return Ok(Export { lines, next: before });
                }
            }
            if !more {
                return Ok(Export { lines, next: None });
            }
        }
    }
}
