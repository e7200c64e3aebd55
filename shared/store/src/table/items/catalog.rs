//! A repository exists. One for each repository, written by its first push and then left alone.
//!
//! ```text
//! catalog  <repository>    created_at_ms
//! ```

use berth_protocol::RepositoryName;

use super::super::item::{Item, ItemKey, Malformed, number};
use super::super::query::Span;
use super::CREATED_AT_MS;

const PARTITION: &str = "catalog";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CatalogItem {
    pub(crate) repository: RepositoryName,
    pub(crate) created_at_ms: u64,
}

impl CatalogItem {
    pub(crate) fn key(repository: &RepositoryName) -> ItemKey {
        ItemKey::new(PARTITION, repository.as_str())
    }

    pub(crate) fn span(after: Option<&str>) -> Span {
        Span::after(PARTITION, "", after)
    }

    pub(crate) fn encode(&self) -> Item {
        Item::new(Self::key(&self.repository)).with(CREATED_AT_MS, number(self.created_at_ms))
    }

    /// The repository alone, from an item of which nothing but the key was read.
    pub(crate) fn decode_repository(item: &Item) -> Result<RepositoryName, Malformed> {
        item.named("")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    proptest! {
        #[test]
        fn round_trip(repository in samples::repository(), created_at_ms: u64) {
            let item = CatalogItem { repository: repository.clone(), created_at_ms }.encode();
            prop_assert_eq!(CatalogItem::decode_repository(&item), Ok(repository));
            prop_assert_eq!(item.number(CREATED_AT_MS), Ok(created_at_ms));
        }
    }
}
