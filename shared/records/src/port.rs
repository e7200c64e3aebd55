//! The ports. Promises as in `berth_registry::ports`: a read sees every write that was acknowledged before it began.

use async_trait::async_trait;
use berth_registry::StoreError;

use crate::{Change, Key, Written};

/// One read takes no more keys.
pub const MAX_KEYS: usize = 100;
/// One write takes no more changes.
pub const MAX_CHANGES: usize = 100;

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which.
    pub key: Key,
    /// Another one after each change; never used twice.
    pub revision: String,
    /// The document.
    pub document: String,
}

/// Which records of a partition to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range<'a> {
    /// Only sort keys that begin so.
    pub prefix: &'a str,
    /// Only those after this one, which need not exist; before it, if `descending`. With the prefix.
    pub after: Option<&'a str>,
    /// From the last to the first.
    pub descending: bool,
}

/// One page of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In order.
    pub records: Vec<Record>,
    /// Whether more follow.
    pub more: bool,
}

/// Reads records.
#[async_trait]
pub trait RecordRead: Send + Sync {
    /// The records with these keys, in their order; `None` where there is none. One call to storage for at most [`MAX_KEYS`] keys, which
    /// must differ. Not one snapshot: each record is as it is at some moment after the call.
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, StoreError>;

    /// At most `limit` records of the partition, in the order of their sort keys.
    async fn list(&self, partition: &str, range: Range<'_>, limit: usize) -> Result<Page, StoreError>;

    /// The numbers at these keys; 0 where nothing was added yet. As [`get`](Self::get) otherwise.
    async fn numbers(&self, keys: &[Key]) -> Result<Vec<u64>, StoreError>;
}

/// Writes records.
#[async_trait]
pub trait RecordWrite: Send + Sync {
    /// Makes all the changes or none. At most [`MAX_CHANGES`], of different records.
    async fn write(&self, changes: Vec<Change>) -> Result<Written, StoreError>;

    /// Adds to the number at `key`, which is 0 at first, and answers the sum. Records and numbers have keys of their own. The number
    /// may be forgotten at `expires_at_secs`. After an error that may have happened it may have been added, even twice.
    async fn add(&self, key: &Key, amount: u64, expires_at_secs: Option<u64>) -> Result<u64, StoreError>;
}
