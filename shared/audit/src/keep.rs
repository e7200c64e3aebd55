//! From lines to entries. A line may come several times, in any order, and from several processes at once: it becomes one entry.
//!
//! An entry's number is its millisecond and three digits that follow from the line. If another entry has that number, the next one
//! is tried, and so on. Entries do not go away before their time, so a line that comes again takes the same way and finds its own
//! entry, which says the same.

use std::collections::BTreeMap;

use berth_records::{Change, Expect, Key, MAX_CHANGES, Written, get, number_key, put};
use berth_registry::{Effect, StoreError, StoreErrorKind};

use crate::calendar::Month;
use crate::log::{PER_MS, SECS_PER_DAY};
use crate::{AuditLog, Entry, Line, Part};

/// How many numbers are tried, and how often the same one when others are at it.
const MAX_ATTEMPTS: u64 = 64;

impl AuditLog {
    /// Keeps the entry of a line, once however often it is called. Two writes for an entry of a project, else one. After an error
    /// call it again.
    pub async fn keep(&self, line: &Line) -> Result<Entry, StoreError> {
        let mut offset = 0;
        for _ in 0..MAX_ATTEMPTS {
            let entry = entry(line, offset);
            if self.claim(&entry).await? {
                self.copy(&entry).await?;
                return Ok(entry);
            }
            match get::<Entry>(&*self.read, key(Part::Everything, &entry)).await? {
                // The copy may be what is missing.
                Some(there) if there.value == entry => {
                    self.copy(&entry).await?;
                    return Ok(entry);
                }
                Some(_) => offset += 1,
                // Somebody was at it, or it was not written after all.
                None => {}
            }
        }
        Err(StoreError {
            kind: StoreErrorKind::Throttled,
            effect: Effect::MayHaveHappened,
            operation: "KeepAudit",
            source: Some("too many entries in one millisecond".into()),
        })
    }

    /// The same for many lines: as few writes as possible, or one line after the other if some are there already.
    pub async fn keep_all(&self, lines: &[Line]) -> Result<(), StoreError> {
        for lines in lines.chunks(MAX_CHANGES / 2) {
            let entries: BTreeMap<u64, Entry> =
                lines.iter().map(|line| entry(line, 0)).map(|entry| (entry.id, entry)).collect();
            let changes = entries.values().flat_map(|entry| {
                let everywhere = self.put(Part::Everything, entry, Expect::Absent);
                std::iter::once(everywhere).chain(self.in_project(entry))
            });
            let fits = entries.len() == lines.len();
            if fits && self.write.write(changes.collect()).await? == Written::Written {
                continue;
            }
            for line in lines {
                self.keep(line).await?;
            }
        }
        Ok(())
    }

    /// Whether the entry's number was free, and is now its own.
    async fn claim(&self, entry: &Entry) -> Result<bool, StoreError> {
        let change = self.put(Part::Everything, entry, Expect::Absent);
        Ok(self.write.write(vec![change]).await? == Written::Written)
    }

    /// Puts the entry into its project's part too. Nobody else has its number.
    async fn copy(&self, entry: &Entry) -> Result<(), StoreError> {
        match self.in_project(entry) {
            Some(change) => self.write.write(vec![change]).await.map(drop),
            None => Ok(()),
        }
    }

    fn in_project(&self, entry: &Entry) -> Option<Change> {
        let project = entry.event.project.as_ref()?;
        Some(self.put(Part::Project(project.id), entry, Expect::Anything))
    }

    fn put(&self, part: Part, entry: &Entry, expect: Expect) -> Change {
        let expires_at_secs = entry.at_ms / 1000 + self.retention_days * SECS_PER_DAY;
        put(key(part, entry), entry, expect).expiring(expires_at_secs)
    }
}

fn key(part: Part, entry: &Entry) -> Key {
    Key::new(part.partition(Month::of_secs(entry.at_ms / 1000)), number_key(entry.id))
}

/// The entry with the number that is tried so many places after the first.
fn entry(line: &Line, offset: u64) -> Entry {
    let digits = (place(line) + offset) % PER_MS;
    Entry { id: line.at_ms * PER_MS + digits, at_ms: line.at_ms, event: line.event.clone() }
}

/// Where among those of its millisecond a line looks first: its request's name, hashed (FNV-1a). Lines without one look at the
/// beginning.
fn place(line: &Line) -> u64 {
    let name = line.event.detail.request_id.as_deref().unwrap_or_default();
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash % PER_MS
}

#[cfg(test)]
mod tests;
