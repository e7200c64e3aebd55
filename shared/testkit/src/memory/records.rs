use std::collections::BTreeSet;
use std::ops::Bound;

use async_trait::async_trait;
use berth_records::{
    Change, Expect, Key, MAX_CHANGES, MAX_KEYS, Page, Range, Record, RecordRead, RecordWrite, Written,
};
use berth_registry::{Effect, Ids, StoreError, StoreErrorKind};

use super::Memory;
use super::data::{Data, StoredNumber, StoredRecord};

#[async_trait]
impl RecordRead for Memory {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, StoreError> {
        check_distinct("GetRecords", keys.iter(), MAX_KEYS)?;
        let data = self.data().await;
        let now_secs = self.now_secs();
        let record = |key: &Key| data.record(key, now_secs).map(|stored| stored.read(key));
        Ok(keys.iter().map(record).collect())
    }

    async fn list(&self, partition: &str, range: Range<'_>, limit: usize) -> Result<Page, StoreError> {
        let data = self.data().await;
        let now_secs = self.now_secs();
        let first = Bound::Included(Key::new(partition, range.prefix));
        let of_partition = data.records.range((first, Bound::Unbounded));
        let mut found: Vec<Record> = of_partition
            .take_while(|(key, _)| key.partition == partition && key.sort.starts_with(range.prefix))
            .filter(|(key, stored)| is_behind(&key.sort, range) && is_live(stored.expires_at_secs, now_secs))
            .map(|(key, stored)| stored.read(key))
            .collect();
        if range.descending {
            found.reverse();
        }
        let more = found.len() > limit;
        found.truncate(limit);
        Ok(Page { records: found, more })
    }

    async fn numbers(&self, keys: &[Key]) -> Result<Vec<u64>, StoreError> {
        check_distinct("GetNumbers", keys.iter(), MAX_KEYS)?;
        let data = self.data().await;
        let now_secs = self.now_secs();
        Ok(keys.iter().map(|key| data.number(key, now_secs)).collect())
    }
}

#[async_trait]
impl RecordWrite for Memory {
    async fn write(&self, changes: Vec<Change>) -> Result<Written, StoreError> {
        check_distinct("WriteRecords", changes.iter().map(Change::key), MAX_CHANGES)?;
        let mut data = self.data().await;
        let now_secs = self.now_secs();
        if !changes.iter().all(|change| data.is_as_expected(change, now_secs)) {
            return Ok(Written::Conflict);
        }
        for change in changes {
            match change {
                Change::Put { key, document, expires_at_secs, expect: _ } => {
                    let stored = StoredRecord { revision: self.ids.next(), document, expires_at_secs };
                    data.records.insert(key, stored);
                }
                Change::Delete { key, expect: _ } => drop(data.records.remove(&key)),
                Change::Check { .. } => {}
            }
        }
        Ok(Written::Written)
    }

    async fn add(&self, key: &Key, amount: u64, expires_at_secs: Option<u64>) -> Result<u64, StoreError> {
        let mut data = self.data().await;
        let sum = data.number(key, self.now_secs()).checked_add(amount);
        let sum = sum.ok_or_else(|| StoreError::corrupt("AddNumber", "the sum is too large"))?;
        data.numbers.insert(key.clone(), StoredNumber { sum, expires_at_secs });
        Ok(sum)
    }
}

impl Data {
    /// The record, unless it has expired.
    pub(super) fn record(&self, key: &Key, now_secs: u64) -> Option<&StoredRecord> {
        self.records.get(key).filter(|stored| is_live(stored.expires_at_secs, now_secs))
    }

    fn number(&self, key: &Key, now_secs: u64) -> u64 {
        let stored = self.numbers.get(key).filter(|stored| is_live(stored.expires_at_secs, now_secs));
        stored.map_or(0, |stored| stored.sum)
    }

    fn is_as_expected(&self, change: &Change, now_secs: u64) -> bool {
        let (Change::Put { key, expect, .. }
        | Change::Delete { key, expect }
        | Change::Check { key, expect }) = change;
        let found = self.record(key, now_secs);
        match expect {
            Expect::Anything => true,
            Expect::Absent => found.is_none(),
            Expect::Present => found.is_some(),
            Expect::Revision(revision) => found.is_some_and(|stored| stored.revision == *revision),
        }
    }
}

impl StoredRecord {
    fn read(&self, key: &Key) -> Record {
        Record { key: key.clone(), revision: self.revision.clone(), document: self.document.clone() }
    }
}

fn is_live(expires_at_secs: Option<u64>, now_secs: u64) -> bool {
    expires_at_secs.is_none_or(|at_secs| now_secs < at_secs)
}

/// Whether it comes after `range.after`, in the order asked for.
fn is_behind(sort: &str, range: Range<'_>) -> bool {
    match range.after {
        None => true,
        Some(after) if range.descending => sort < after,
        Some(after) => sort > after,
    }
}

/// What DynamoDB does not do, and no caller may ask for.
fn check_distinct<'a>(
    operation: &'static str,
    keys: impl ExactSizeIterator<Item = &'a Key>,
    limit: usize,
) -> Result<(), StoreError> {
    let count = keys.len();
    if count <= limit && keys.collect::<BTreeSet<_>>().len() == count {
        return Ok(());
    }
    Err(StoreError {
        kind: StoreErrorKind::Unavailable,
        effect: Effect::DidNotHappen,
        operation,
        source: Some("the keys are too many, or some are the same".into()),
    })
}
