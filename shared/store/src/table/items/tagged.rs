//! Which tags name a manifest: the reverse of the tag items, made and removed with them in the same transaction.
//!
//! ```text
//! repo#<repository>  tagged#<digest>#<tag>
//! ```

use berth_protocol::{Digest, RepositoryName, Tag};

use super::super::item::{Item, ItemKey, Malformed};
use super::super::query::Span;
use super::partition;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaggedItem {
    pub(crate) digest: Digest,
    pub(crate) tag: Tag,
}

impl TaggedItem {
    pub(crate) fn key(repository: &RepositoryName, digest: &Digest, tag: &Tag) -> ItemKey {
        ItemKey::new(partition(repository), format!("{}{tag}", prefix(digest)))
    }

    pub(crate) fn span(repository: &RepositoryName, digest: &Digest) -> Span {
        Span::all(partition(repository), &prefix(digest))
    }

    pub(crate) fn encode(&self, repository: &RepositoryName) -> Item {
        Item::new(Self::key(repository, &self.digest, &self.tag))
    }

    /// An item of the span of `digest`.
    pub(crate) fn decode(digest: &Digest, item: &Item) -> Result<Self, Malformed> {
        Ok(Self { digest: digest.clone(), tag: item.named(&prefix(digest))? })
    }
}

fn prefix(digest: &Digest) -> String {
    format!("tagged#{digest}#")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    proptest! {
        #[test]
        fn round_trip(repository in samples::repository(), digest in samples::digest(), tag in samples::tag()) {
            let tagged = TaggedItem { digest: digest.clone(), tag };
            prop_assert_eq!(TaggedItem::decode(&digest, &tagged.encode(&repository)), Ok(tagged));
        }
    }
}
