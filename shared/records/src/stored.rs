//! Documents with their types.

use berth_registry::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Change, Expect, Key, Range, Record, RecordRead};

/// A document as it was read, and what a change of it expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// The document.
    pub value: T,
    /// Of the record that it was read from.
    pub revision: String,
}

impl<T> Stored<T> {
    /// Expects that nobody has changed it since.
    pub fn unchanged(&self) -> Expect {
        Expect::Revision(self.revision.clone())
    }
}

/// The document at `key`.
pub async fn get<T: DeserializeOwned>(
    records: &dyn RecordRead,
    key: Key,
) -> Result<Option<Stored<T>>, StoreError> {
    Ok(get_many(records, &[key]).await?.pop().flatten())
}

/// The documents at `keys`, in their order.
pub async fn get_many<T: DeserializeOwned>(
    records: &dyn RecordRead,
    keys: &[Key],
) -> Result<Vec<Option<Stored<T>>>, StoreError> {
    let found = records.get(keys).await?;
    found.into_iter().map(|record| record.map(read).transpose()).collect()
}

/// At most `limit` documents of a partition, and whether more follow.
pub async fn list<T: DeserializeOwned>(
    records: &dyn RecordRead,
    partition: &str,
    range: Range<'_>,
    limit: usize,
) -> Result<(Vec<Stored<T>>, bool), StoreError> {
    let page = records.list(partition, range, limit).await?;
    let documents: Result<_, _> = page.records.into_iter().map(read).collect();
    Ok((documents?, page.more))
}

/// Makes or replaces the document at `key`.
pub fn put<T: Serialize>(key: Key, value: &T, expect: Expect) -> Change {
    Change::Put { key, document: json(value), expires_at_secs: None, expect }
}

fn json<T: Serialize>(value: &T) -> String {
    // Serializing fails for maps with other keys than texts alone; documents have none.
    serde_json::to_string(value).expect("a document is JSON")
}

fn read<T: DeserializeOwned>(record: Record) -> Result<Stored<T>, StoreError> {
    match serde_json::from_str(&record.document) {
        Ok(value) => Ok(Stored { value, revision: record.revision }),
        Err(error) => Err(StoreError::corrupt("ReadRecord", error)),
    }
}
