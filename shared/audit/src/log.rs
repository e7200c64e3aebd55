//! Writing the log.

use std::sync::Arc;

use berth_records::{Change, Expect, Key, RecordRead, RecordWrite, Written, number_key, put};
use berth_registry::{Clock, Effect, Ids, StoreError, StoreErrorKind};

use crate::calendar::Month;
use crate::{Entry, Event, Part};

/// How long entries are kept if nobody says otherwise.
pub const DEFAULT_RETENTION_DAYS: u64 = 365;
pub(crate) const SECS_PER_DAY: u64 = 24 * 60 * 60;
/// How many entries have room in one millisecond.
pub(crate) const PER_MS: u64 = 1000;
/// How often an entry looks for a free number.
const MAX_ATTEMPTS: usize = 16;

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
    write: Arc<dyn RecordWrite>,
    pub(crate) clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    pub(crate) retention_days: u64,
}

impl AuditLog {
    /// A log on these ports, whose entries are kept for so many days.
    pub fn new(
        read: Arc<dyn RecordRead>,
        write: Arc<dyn RecordWrite>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        retention_days: u64,
    ) -> Self {
        Self { read, write, clock, ids, retention_days }
    }

    /// Writes down what happened just now. One write.
    pub async fn record(&self, event: Event) -> Result<Entry, StoreError> {
        let at_ms = u64::try_from(self.clock.now().as_millis()).unwrap_or(u64::MAX / PER_MS);
        let mut entry = Entry { id: at_ms * PER_MS, at_ms, event: event.shortened() };
        for _ in 0..MAX_ATTEMPTS {
            entry.id = at_ms * PER_MS + self.draw();
            if self.write.write(self.changes(&entry)).await? == Written::Written {
                return Ok(entry);
            }
        }
        Err(StoreError {
            kind: StoreErrorKind::Throttled,
            effect: Effect::DidNotHappen,
            operation: "RecordAudit",
            source: Some("too many entries in one millisecond".into()),
        })
    }

    fn changes(&self, entry: &Entry) -> Vec<Change> {
        let at_secs = entry.at_ms / 1000;
        let expires_at_secs = Some(at_secs + self.retention_days * SECS_PER_DAY);
        let parts = [Some(Part::Everything), entry.event.project.as_ref().map(|of| Part::Project(of.id))];
        let expiring = |part: Part| {
            let key = Key::new(part.partition(Month::of_secs(at_secs)), number_key(entry.id));
            match put(key, entry, Expect::Absent) {
                Change::Put { key, document, expect, .. } => {
                    Change::Put { key, document, expires_at_secs, expect }
                }
                other => other,
            }
        };
        parts.into_iter().flatten().map(expiring).collect()
    }

    /// A number below [`PER_MS`].
    fn draw(&self) -> u64 {
        let id = self.ids.next();
        let digits = id.get(id.len().saturating_sub(8)..).unwrap_or_default();
        u64::from_str_radix(digits, 16).unwrap_or_default() % PER_MS
    }
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditLog")
    }
}
