//! What a push of a manifest needs, so that its edges can be found and cleared. One for each push of a new manifest,
//! also of one that needs nothing: it tells the removal of the repository that a push is under way.
//!
//! It goes with the edges: when the manifest is deleted, or when the push came too late. A push that broke off leaves it.
//!
//! ```text
//! repo#<repository>  push#<parent digest>#<push id>    needs?           a set of digests
//!                                                      written_at_ms?   not in items of the first version
//! ```

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use berth_protocol::{Digest, RepositoryName};

use super::super::item::{Item, ItemKey, Malformed, number};
use super::super::query::Span;
use super::edge::IN_FLIGHT_MS;
use super::{NEEDS, WRITTEN_AT_MS, partition};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushItem {
    pub(crate) needs: BTreeSet<Digest>,
    pub(crate) written_at_ms: Option<u64>,
}

impl PushItem {
    pub(crate) fn key(repository: &RepositoryName, parent: &Digest, push_id: &str) -> ItemKey {
        ItemKey::new(partition(repository), format!("push#{parent}#{push_id}"))
    }

    /// All pushes of the repository.
    pub(crate) fn span(repository: &RepositoryName) -> Span {
        Span::all(partition(repository), "push#")
    }

    /// Whether the push, of which no more than the time was read, may still commit. One of the first version is long over.
    pub(crate) fn is_in_flight(item: &Item, now_ms: u64) -> Result<bool, Malformed> {
        let written_at_ms = item.optional_number(WRITTEN_AT_MS)?;
        Ok(written_at_ms.is_some_and(|written_at_ms| now_ms < written_at_ms.saturating_add(IN_FLIGHT_MS)))
    }

    pub(crate) fn encode(&self, repository: &RepositoryName, parent: &Digest, push_id: &str) -> Item {
        // DynamoDB has no empty sets.
        let needs: Vec<String> = self.needs.iter().map(ToString::to_string).collect();
        let needs = Some(needs).filter(|needs| !needs.is_empty()).map(AttributeValue::Ss);
        Item::new(Self::key(repository, parent, push_id))
            .with_optional(NEEDS, needs)
            .with_optional(WRITTEN_AT_MS, self.written_at_ms.map(number))
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Malformed> {
        let parse = |text: &String| text.parse().map_err(|_| Malformed { attribute: NEEDS });
        let needs = item.optional_texts(NEEDS)?.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(Self { needs, written_at_ms: item.optional_number(WRITTEN_AT_MS)? })
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
            needs in prop::collection::btree_set(samples::digest(), 0..9),
            written_at_ms: Option<u64>,
            push_id in "[0-9a-f]{32}",
        ) {
            let push = PushItem { needs, written_at_ms };
            prop_assert_eq!(PushItem::decode(&push.encode(&repository, &parent, &push_id)), Ok(push));
        }
    }
}
