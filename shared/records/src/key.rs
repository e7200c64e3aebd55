//! Names of records.

/// Names one record: a partition, and a place in the order of its partition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What is listed together. A partition may grow without limit; it is never read as a whole.
    pub partition: String,
    /// Decides about the order within the partition, by bytes. Not empty, at most 900 bytes.
    pub sort: String,
}

impl Key {
    /// A key. Parts of either text that come from a user must be names without `#`, which separates parts.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: sort.into() }
    }
}

/// A number as a sort key: in the order of numbers.
pub fn number_key(number: u64) -> String {
    format!("{number:020}")
}
