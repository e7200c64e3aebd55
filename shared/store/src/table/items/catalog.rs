//! A repository exists. One for each repository, written by its first push.
//!
//! ```text
//! catalog  <repository>    created_at_ms
//!                          mark?            the id of a removal that is under way, or was: pushes write the item anew
//! ```

use berth_protocol::RepositoryName;

use super::super::item::{Item, ItemKey, Malformed, number};
use super::super::query::Span;
use super::{CREATED_AT_MS, MARK};

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

    /// When the repository was made, from an item of which no more than that was read.
    pub(crate) fn decode_created_at_ms(item: &Item) -> Result<u64, Malformed> {
        item.number(CREATED_AT_MS)
    }

    /// Whether pushes may rely on the repository to stay, from an item of which the mark was read.
    pub(crate) fn is_standing(item: &Item) -> Result<bool, Malformed> {
        Ok(item.optional_text(MARK)?.is_none())
    }

    /// The repository alone, from an item of which nothing but the key was read.
    pub(crate) fn decode_repository(item: &Item) -> Result<RepositoryName, Malformed> {
        item.named("")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::item::text;
    use super::*;
    use crate::samples;

    proptest! {
        #[test]
        fn round_trip(repository in samples::repository(), created_at_ms: u64) {
            let item = CatalogItem { repository: repository.clone(), created_at_ms }.encode();
            prop_assert_eq!(CatalogItem::decode_repository(&item), Ok(repository));
            prop_assert_eq!(CatalogItem::decode_created_at_ms(&item), Ok(created_at_ms));
            prop_assert_eq!(CatalogItem::is_standing(&item), Ok(true));
            prop_assert_eq!(CatalogItem::is_standing(&item.with(MARK, text("m"))), Ok(false));
        }
    }
}
