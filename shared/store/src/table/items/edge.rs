//! A manifest, as it was pushed, needs a blob or another manifest. One for each need of each push; never changed.
//!
//! Written before the manifest is visible. The push is part of the key, so that clearing the edges of one push leaves
//! those of another push of the same manifest alone.
//!
//! ```text
//! repo#<repository>  needs#<digest>#<parent digest>#<push id>    written_at_ms
//! ```

use berth_protocol::{Digest, RepositoryName};

use super::super::item::{Item, ItemKey, Malformed, SK, number};
use super::super::query::Span;
use super::{WRITTEN_AT_MS, partition};

/// How long an edge counts although its manifest is not there: far longer than a push may take.
pub(super) const IN_FLIGHT_MS: u64 = 60 * 60 * 1000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EdgeItem {
    pub(crate) need: Digest,
    pub(crate) parent: Digest,
    pub(crate) push_id: String,
    pub(crate) written_at_ms: u64,
}

impl EdgeItem {
    pub(crate) fn key(repository: &RepositoryName, need: &Digest, parent: &Digest, push_id: &str) -> ItemKey {
        ItemKey::new(partition(repository), format!("{}{parent}#{push_id}", prefix(need)))
    }

    pub(crate) fn span(repository: &RepositoryName, need: &Digest) -> Span {
        Span::all(partition(repository), &prefix(need))
    }

    /// Whether the push that wrote the edge may still commit.
    pub(crate) fn is_in_flight(&self, now_ms: u64) -> bool {
        now_ms < self.written_at_ms.saturating_add(IN_FLIGHT_MS)
    }

    pub(crate) fn encode(&self, repository: &RepositoryName) -> Item {
        Item::new(Self::key(repository, &self.need, &self.parent, &self.push_id))
            .with(WRITTEN_AT_MS, number(self.written_at_ms))
    }

    /// An item of the span of `need`.
    pub(crate) fn decode(need: &Digest, item: &Item) -> Result<Self, Malformed> {
        let malformed = Malformed { attribute: SK };
        let fields = item.key.sk.strip_prefix(&prefix(need)).and_then(|rest| rest.split_once('#'));
        let (parent, push_id) = fields.ok_or(malformed.clone())?;
        Ok(Self {
            need: need.clone(),
            parent: Digest::parse(parent).map_err(|_| malformed)?,
            push_id: push_id.to_owned(),
            written_at_ms: item.number(WRITTEN_AT_MS)?,
        })
    }
}

fn prefix(need: &Digest) -> String {
    format!("needs#{need}#")
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
            (need, parent) in (samples::digest(), samples::digest()),
            push_id in "[0-9a-f]{32}",
            written_at_ms: u64,
        ) {
            let edge = EdgeItem { need: need.clone(), parent, push_id, written_at_ms };
            prop_assert_eq!(EdgeItem::decode(&need, &edge.encode(&repository)), Ok(edge));
        }
    }
}
