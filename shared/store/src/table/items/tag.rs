//! Where a tag points. One for each tag; replaced when the tag moves. A pull by tag reads nothing else.
//!
//! ```text
//! repo#<repository>  tag#<tag>    digest, media_type, size_bytes, body?     the manifest, its body if it is small
//!                                 pushed_at_ms, moved_at_ms                 last push; last push of another manifest
//!                                 previous?                                 the digest before `moved_at_ms`
//! ```

use berth_protocol::{Digest, RepositoryName, Tag};
use berth_registry::ports::ManifestRecord;
use bytes::Bytes;

use super::super::item::{Item, ItemKey, Malformed, inline_body, number, text};
use super::super::query::Span;
use super::{BODY, DIGEST, MEDIA_TYPE, MOVED_AT_MS, PREVIOUS, PUSHED_AT_MS, SIZE_BYTES, partition};

const PREFIX: &str = "tag#";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagItem {
    pub(crate) record: ManifestRecord,
    pub(crate) pushed_at_ms: u64,
    pub(crate) moved_at_ms: u64,
    pub(crate) previous: Option<Digest>,
}

impl TagItem {
    pub(crate) fn key(repository: &RepositoryName, tag: &Tag) -> ItemKey {
        ItemKey::new(partition(repository), format!("{PREFIX}{tag}"))
    }

    pub(crate) fn span(repository: &RepositoryName, after: Option<&str>) -> Span {
        Span::after(partition(repository), PREFIX, after)
    }

    pub(crate) fn encode(&self, repository: &RepositoryName, tag: &Tag) -> Item {
        Item::new(Self::key(repository, tag))
            .with(DIGEST, text(&self.record.digest))
            .with(MEDIA_TYPE, text(&self.record.media_type))
            .with(SIZE_BYTES, number(self.record.size_bytes))
            .with_optional(BODY, inline_body(self.record.body.as_ref()))
            .with(PUSHED_AT_MS, number(self.pushed_at_ms))
            .with(MOVED_AT_MS, number(self.moved_at_ms))
            .with_optional(PREVIOUS, self.previous.as_ref().map(text))
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Malformed> {
        let record = ManifestRecord {
            digest: Self::decode_digest(item)?,
            media_type: item.text(MEDIA_TYPE)?.to_owned(),
            size_bytes: item.number(SIZE_BYTES)?,
            body: item.optional_bytes(BODY)?.map(Bytes::copy_from_slice),
        };
        Ok(Self {
            record,
            pushed_at_ms: item.number(PUSHED_AT_MS)?,
            moved_at_ms: item.number(MOVED_AT_MS)?,
            previous: item.optional_parsed(PREVIOUS)?,
        })
    }

    /// Where the tag points, from an item of which no more than that was read.
    pub(crate) fn decode_digest(item: &Item) -> Result<Digest, Malformed> {
        item.parsed(DIGEST)
    }

    /// The tag itself, from an item of which nothing but the key was read.
    pub(crate) fn decode_tag(item: &Item) -> Result<Tag, Malformed> {
        item.named(PREFIX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;
    use crate::table::INLINE_BODY_BYTES;

    proptest! {
        #[test]
        fn round_trip(
            repository in samples::repository(),
            tag in samples::tag(),
            record in samples::record(),
            pushed_at_ms: u64,
            moved_at_ms: u64,
            previous in prop::option::of(samples::digest()),
        ) {
            let tag_item = TagItem { record, pushed_at_ms, moved_at_ms, previous };
            let item = tag_item.encode(&repository, &tag);
            prop_assert_eq!(TagItem::decode_tag(&item), Ok(tag));
            prop_assert_eq!(TagItem::decode(&item), Ok(tag_item));
        }
    }

    #[test]
    fn large_bodies_are_left_out() {
        for (body_bytes, is_kept) in [(0, true), (INLINE_BODY_BYTES, true), (INLINE_BODY_BYTES + 1, false)] {
            let body = Bytes::from(vec![b' '; body_bytes]);
            let record = ManifestRecord {
                digest: Digest::sha256(&body),
                media_type: "a/b".to_owned(),
                size_bytes: body_bytes as u64,
                body: Some(body),
            };
            let item = TagItem { record, pushed_at_ms: 0, moved_at_ms: 0, previous: None };
            let item = item.encode(&RepositoryName::parse("a").unwrap(), &Tag::parse("b").unwrap());
            assert_eq!(TagItem::decode(&item).unwrap().record.body.is_some(), is_kept, "{body_bytes}");
        }
    }
}
