use std::sync::atomic::{AtomicU64, Ordering};

use berth_registry::Ids;

/// Ids in a row: the same in every run.
#[derive(Debug, Default)]
pub struct CountingIds {
    given: AtomicU64,
}

impl Ids for CountingIds {
    fn next(&self) -> String {
        format!("{:032x}", self.given.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
