//! Reads of records, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use berth_records::{Key, Page, Range, Record, RecordRead};
use berth_registry::StoreError;
use berth_testkit::Memory;

/// Memory that counts how often it is read.
pub(crate) struct Reads {
    memory: Arc<Memory>,
    count: AtomicUsize,
}

impl Reads {
    pub(crate) fn of(memory: Arc<Memory>) -> Self {
        Self { memory, count: AtomicUsize::new(0) }
    }

    /// How many there were since this was asked last.
    pub(crate) fn taken(&self) -> usize {
        self.count.swap(0, Ordering::Relaxed)
    }

    fn note(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl RecordRead for Reads {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, StoreError> {
        self.note();
        self.memory.get(keys).await
    }

    async fn list(&self, partition: &str, range: Range<'_>, limit: usize) -> Result<Page, StoreError> {
        self.note();
        self.memory.list(partition, range, limit).await
    }

    async fn numbers(&self, keys: &[Key]) -> Result<Vec<u64>, StoreError> {
        self.note();
        self.memory.numbers(keys).await
    }
}
