//! Which tags name a manifest: the reverse of the tag items, made and removed with them in the same transaction.
//!
//! ```text
//! repo#<repository>  tagged#<digest>#<tag>    pushed_at_ms?    the last push; not in items of the first version
//! ```

use berth_protocol::{Digest, RepositoryName, Tag};

use super::super::item::{Item, ItemKey, Malformed, SK, number};
use super::super::query::Span;
use super::{PUSHED_AT_MS, partition};

const PREFIX: &str = "tagged#";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaggedItem {
    pub(crate) digest: Digest,
    pub(crate) tag: Tag,
    pub(crate) pushed_at_ms: Option<u64>,
}

impl TaggedItem {
    pub(crate) fn key(repository: &RepositoryName, digest: &Digest, tag: &Tag) -> ItemKey {
        ItemKey::new(partition(repository), format!("{}{tag}", prefix(digest)))
    }

    /// The tags of one manifest.
    pub(crate) fn span(repository: &RepositoryName, digest: &Digest, after: Option<&Tag>) -> Span {
        Span::after(partition(repository), &prefix(digest), after.map(Tag::as_str))
    }

    /// The tags of all manifests.
    pub(crate) fn span_of_all(repository: &RepositoryName, after: Option<(&Digest, &Tag)>) -> Span {
        let after = after.map(|(digest, tag)| format!("{digest}#{tag}"));
        Span::after(partition(repository), PREFIX, after.as_deref())
    }

    pub(crate) fn encode(&self, repository: &RepositoryName) -> Item {
        Item::new(Self::key(repository, &self.digest, &self.tag))
            .with_optional(PUSHED_AT_MS, self.pushed_at_ms.map(number))
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Malformed> {
        let malformed = Malformed { attribute: SK };
        let names = item.key.sk.strip_prefix(PREFIX).and_then(|rest| rest.split_once('#'));
        let (digest, tag) = names.ok_or(malformed.clone())?;
        Ok(Self {
            digest: Digest::parse(digest).map_err(|_| malformed.clone())?,
            tag: Tag::parse(tag).map_err(|_| malformed)?,
            pushed_at_ms: item.optional_number(PUSHED_AT_MS)?,
        })
    }
}

fn prefix(digest: &Digest) -> String {
    format!("{PREFIX}{digest}#")
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
            digest in samples::digest(),
            tag in samples::tag(),
            pushed_at_ms: Option<u64>,
        ) {
            let tagged = TaggedItem { digest, tag, pushed_at_ms };
            prop_assert_eq!(TaggedItem::decode(&tagged.encode(&repository)), Ok(tagged));
        }
    }
}
