//! Reading the log, from the newest entry to the oldest.

use berth_records::{Range, Stored, list, number_key};
use berth_registry::StoreError;

use crate::calendar::Month;
use crate::log::{PER_MS, SECS_PER_DAY};
use crate::{AuditLog, Entry};

/// Which part of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Everything,
    /// What happened in the project with this number.
    Project(u64),
}

/// A span of time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first millisecond in it.
    pub from_ms: u64,
    /// The first one after it.
    pub until_ms: u64,
}

impl Window {
    /// All the time there is.
    pub const ALL: Self = Self { from_ms: 0, until_ms: u64::MAX };
}

impl Part {
    pub(crate) fn partition(self, month: Month) -> String {
        match self {
            Self::Everything => format!("audit#{month}"),
            Self::Project(id) => format!("audit#{id}#{month}"),
        }
    }
}

impl AuditLog {
    /// At most `limit` entries within the window, the newest first, older than the entry `before`, and whether more follow.
    ///
    /// One query for each month that it reaches into; never more months than entries are kept for.
    pub async fn list(
        &self,
        part: Part,
        window: Window,
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Entry>, bool), StoreError> {
        let now_ms = u64::try_from(self.clock.now().as_millis()).unwrap_or(u64::MAX / PER_MS);
        let kept_ms = self.retention_days.saturating_mul(SECS_PER_DAY * 1000);
        let from_ms = window.from_ms.max(now_ms.saturating_sub(kept_ms));
        // Entries of the current millisecond included.
        let until_ms = window.until_ms.min(now_ms + 1);
        let first = from_ms.saturating_mul(PER_MS);
        let mut end = until_ms.saturating_mul(PER_MS).min(before.unwrap_or(u64::MAX));
        let mut entries: Vec<Entry> = Vec::new();
        if end <= first {
            return Ok((entries, false));
        }
        let last = Month::of_secs(from_ms / 1000);
        let mut month = Month::of_secs((end - 1) / PER_MS / 1000);
        while month >= last {
            let after = number_key(end);
            let range = Range { prefix: "", after: Some(&after), descending: true };
            let missing = limit - entries.len();
            let (found, more) =
                list::<Entry>(&*self.read, &part.partition(month), range, missing.max(1)).await?;
            let is_past = found.last().is_some_and(|oldest| oldest.value.id < first);
            let found =
                found.into_iter().map(|stored: Stored<Entry>| stored.value).filter(|entry| entry.id >= first);
            for entry in found {
                if entries.len() == limit {
                    return Ok((entries, true));
                }
                end = entry.id;
                entries.push(entry);
            }
            if is_past {
                return Ok((entries, false));
            }
            if !more {
                month = month.previous();
            }
        }
        Ok((entries, false))
    }
}

#[cfg(test)]
mod tests;
