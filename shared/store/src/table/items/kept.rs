//! The name of a repository that was removed. Written with the removal, goes by itself.
//!
//! ```text
//! repo#<repository>  kept    ttl    in seconds: until then the name is kept
//! ```

use berth_protocol::RepositoryName;

use super::super::item::{Item, ItemKey, Malformed, number};
use super::{TTL, partition};

/// Keys and layout of the item.
pub(crate) struct KeptItem;

impl KeptItem {
    pub(crate) fn key(repository: &RepositoryName) -> ItemKey {
        ItemKey::new(partition(repository), "kept")
    }

    pub(crate) fn encode(repository: &RepositoryName, until_secs: u64) -> Item {
        Item::new(Self::key(repository)).with(TTL, number(until_secs))
    }

    /// Until when, if that is not over. DynamoDB may take days to remove the item.
    pub(crate) fn decode_until_secs(item: &Item, now_secs: u64) -> Result<Option<u64>, Malformed> {
        let until_secs = item.number(TTL)?;
        Ok((now_secs < until_secs).then_some(until_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_until_its_time() {
        let repository = RepositoryName::parse("team/app").unwrap();
        let item = KeptItem::encode(&repository, 100);
        assert_eq!(item.key, KeptItem::key(&repository));
        assert_eq!(KeptItem::decode_until_secs(&item, 99), Ok(Some(100)));
        assert_eq!(KeptItem::decode_until_secs(&item, 100), Ok(None));
    }
}
