//! What a push of a manifest needs, so that its edges can be found and cleared. One for each push that wrote edges.
//!
//! It goes with the edges: when the manifest is deleted, or when the push came too late. A push that broke off leaves it.
//!
//! ```text
//! repo#<repository>  push#<parent digest>#<push id>    needs    a set of digests
//! ```

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use berth_protocol::{Digest, RepositoryName};

use super::super::item::{Item, ItemKey, Malformed};
use super::{NEEDS, partition};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushItem {
    /// Never empty.
    pub(crate) needs: BTreeSet<Digest>,
}

impl PushItem {
    pub(crate) fn key(repository: &RepositoryName, parent: &Digest, push_id: &str) -> ItemKey {
        ItemKey::new(partition(repository), format!("push#{parent}#{push_id}"))
    }

    pub(crate) fn encode(&self, repository: &RepositoryName, parent: &Digest, push_id: &str) -> Item {
        let needs = self.needs.iter().map(ToString::to_string).collect();
        Item::new(Self::key(repository, parent, push_id)).with(NEEDS, AttributeValue::Ss(needs))
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Malformed> {
        let parse = |text: &String| text.parse().map_err(|_| Malformed { attribute: NEEDS });
        Ok(Self { needs: item.texts(NEEDS)?.iter().map(parse).collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    proptest! {
        #[test]
        fn round_trip(
            repository in samples::repository(),
            parent in samples::digest(),
            needs in prop::collection::btree_set(samples::digest(), 1..9),
            push_id in "[0-9a-f]{32}",
        ) {
            let push = PushItem { needs };
            prop_assert_eq!(PushItem::decode(&push.encode(&repository, &parent, &push_id)), Ok(push));
        }
    }
}
