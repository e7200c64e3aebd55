//! The repository may serve a blob. One for each blob of a repository; replaced whenever the blob is pushed again.
//!
//! ```text
//! repo#<repository>  blob#<digest>    size_bytes
//!                                     mark?, marked_at_ms?    a deletion is under way: its id and when it began
//! ```

use berth_protocol::{Digest, RepositoryName};
use berth_registry::ports::Link;

use super::super::item::{Item, ItemKey, Malformed, number, text};
use super::{MARK, MARKED_AT_MS, SIZE_BYTES, partition};

/// How long a mark counts. A deletion that broke off must not hinder pushes forever.
const MARK_LIFE_MS: u64 = 5 * 60 * 1000;
/// How long a deletion goes on under one mark. What is left of the mark's life is for clocks that disagree and for the
/// last call to arrive.
const MARK_WORK_MS: u64 = 60 * 1000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkItem {
    pub(crate) link: Link,
    pub(crate) mark: Option<Mark>,
}

/// A deletion that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) id: String,
    pub(crate) at_ms: u64,
}

impl Mark {
    /// Whether pushes must keep off the link.
    pub(crate) fn counts(&self, now_ms: u64) -> bool {
        now_ms < self.at_ms.saturating_add(MARK_LIFE_MS)
    }

    /// Whether the deletion that made the mark may still rely on it.
    pub(crate) fn is_fresh(&self, now_ms: u64) -> bool {
        now_ms < self.at_ms.saturating_add(MARK_WORK_MS)
    }
}

impl LinkItem {
    pub(crate) fn key(repository: &RepositoryName, digest: &Digest) -> ItemKey {
        ItemKey::new(partition(repository), format!("blob#{digest}"))
    }

    pub(crate) fn encode(&self, repository: &RepositoryName, digest: &Digest) -> Item {
        Item::new(Self::key(repository, digest))
            .with(SIZE_BYTES, number(self.link.size_bytes))
            .with_optional(MARK, self.mark.as_ref().map(|mark| text(&mark.id)))
            .with_optional(MARKED_AT_MS, self.mark.as_ref().map(|mark| number(mark.at_ms)))
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Malformed> {
        let mark = match item.optional_text(MARK)? {
            Some(id) => Some(Mark { id: id.to_owned(), at_ms: item.number(MARKED_AT_MS)? }),
            None => None,
        };
        Ok(Self { link: Link { size_bytes: item.number(SIZE_BYTES)? }, mark })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    #[test]
    fn a_deletion_ends_well_before_its_mark_does() {
        let mark = Mark { id: String::new(), at_ms: 1000 };
        for (now_ms, is_fresh, counts) in [
            (0, true, true),
            (60_999, true, true),
            (61_000, false, true),
            (300_999, false, true),
            (301_000, false, false),
        ] {
            assert_eq!((mark.is_fresh(now_ms), mark.counts(now_ms)), (is_fresh, counts), "{now_ms}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(
            repository in samples::repository(),
            digest in samples::digest(),
            size_bytes: u64,
            mark in prop::option::of(("[0-9a-f]{32}", any::<u64>())),
        ) {
            let mark = mark.map(|(id, at_ms)| Mark { id, at_ms });
            let link = LinkItem { link: Link { size_bytes }, mark };
            prop_assert_eq!(LinkItem::decode(&link.encode(&repository, &digest)), Ok(link));
        }
    }
}
