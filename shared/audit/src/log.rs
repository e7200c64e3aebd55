//! The log, and what happens now.

use std::sync::Arc;

use berth_records::{RecordRead, RecordWrite};
use berth_registry::{Clock, Ids, StoreError};

use crate::{Entry, Event, Line, Lines};

/// How long entries are kept if nobody says otherwise.
pub const DEFAULT_RETENTION_DAYS: u64 = 365;
pub(crate) const SECS_PER_DAY: u64 = 24 * 60 * 60;
/// How many entries have room in one millisecond.
pub(crate) const PER_MS: u64 = 1000;

/// The log. Cheap to clone.
///
/// ```text
/// partition                    sort   document
/// audit#<year>-<month>         <id>   Entry
/// audit#<project id>#<month>   <id>   Entry     the same, of one project
/// ```
#[derive(Clone)]
pub struct AuditLog {
    pub(crate) read: Arc<dyn RecordRead>,
    pub(crate) write: Arc<dyn RecordWrite>,
    pub(crate) clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    pub(crate) retention_days: u64,
    lines: Option<Arc<dyn Lines>>,
}

impl AuditLog {
    /// A log on these ports, whose entries are kept for so many days. It writes no lines.
    pub fn new(
        read: Arc<dyn RecordRead>,
        write: Arc<dyn RecordWrite>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        retention_days: u64,
    ) -> Self {
        Self { read, write, clock, ids, retention_days, lines: None }
    }

    /// The same, which writes everything as a line first, from which it can be [kept](Self::keep) later.
    #[must_use]
    pub fn with_lines(self, lines: Arc<dyn Lines>) -> Self {
        Self { lines: Some(lines), ..self }
    }

    /// Writes down what happened just now, as a line alone: whoever reads the lines keeps the entry. Never waits for storage.
    pub fn note(&self, event: Event) {
        self.write_line(&self.line_of(event));
    }

    /// Writes down what happened just now, and keeps the entry before it returns. After an error the line is there all the same.
    pub async fn record(&self, event: Event) -> Result<Entry, StoreError> {
        let line = self.line_of(event);
        self.write_line(&line);
        self.keep(&line).await
    }

    /// The time, and a name for what has none, so that nothing is taken for the same that is not.
    fn line_of(&self, mut event: Event) -> Line {
        event.detail.request_id.get_or_insert_with(|| self.ids.next());
        let at_ms = u64::try_from(self.clock.now().as_millis()).unwrap_or(u64::MAX / PER_MS);
        Line::new(at_ms, event)
    }

    fn write_line(&self, line: &Line) {
        if let Some(lines) = &self.lines {
            lines.write(&line.to_json());
        }
    }
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditLog")
    }
}
