//! A manifest. One for each manifest of a repository; each push of it changes the revision and the media type alone.
//!
//! ```text
//! repo#<repository>  manifest#<digest>    media_type, size_bytes, body?    as pushed, the body if it is small
//!                                         revision                         counts the commits, from 1, for deletion to notice one
//!                                         push_id                          whose edges hold its blobs
//!                                         subject?                         where its referrer entry is
//!                                         created_at_ms
//! ```

use berth_protocol::{Digest, RepositoryName};
use berth_registry::ports::ManifestRecord;
use bytes::Bytes;

use super::super::item::{Item, ItemKey, Malformed, inline_body, number, text};
use super::{BODY, CREATED_AT_MS, MEDIA_TYPE, PUSH_ID, REVISION, SIZE_BYTES, SUBJECT, partition};

const PREFIX: &str = "manifest#";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManifestItem {
    pub(crate) record: ManifestRecord,
    pub(crate) revision: u64,
    pub(crate) push_id: String,
    pub(crate) subject: Option<Digest>,
    pub(crate) created_at_ms: u64,
}

impl ManifestItem {
    pub(crate) fn key(repository: &RepositoryName, digest: &Digest) -> ItemKey {
        ItemKey::new(partition(repository), format!("{PREFIX}{digest}"))
    }

    pub(crate) fn encode(&self, repository: &RepositoryName) -> Item {
        Item::new(Self::key(repository, &self.record.digest))
            .with(MEDIA_TYPE, text(&self.record.media_type))
            .with(SIZE_BYTES, number(self.record.size_bytes))
            .with_optional(BODY, inline_body(self.record.body.as_ref()))
            .with(REVISION, number(self.revision))
            .with(PUSH_ID, text(&self.push_id))
            .with_optional(SUBJECT, self.subject.as_ref().map(text))
            .with(CREATED_AT_MS, number(self.created_at_ms))
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Malformed> {
        let record = ManifestRecord {
            digest: item.named(PREFIX)?,
            media_type: item.text(MEDIA_TYPE)?.to_owned(),
            size_bytes: item.number(SIZE_BYTES)?,
            body: item.optional_bytes(BODY)?.map(Bytes::copy_from_slice),
        };
        Ok(Self {
            record,
            revision: item.number(REVISION)?,
            push_id: Self::decode_push_id(item)?,
            subject: item.optional_parsed(SUBJECT)?,
            created_at_ms: item.number(CREATED_AT_MS)?,
        })
    }

    /// The push that made it, from an item of which no more than that was read.
    pub(crate) fn decode_push_id(item: &Item) -> Result<String, Malformed> {
        Ok(item.text(PUSH_ID)?.to_owned())
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
            record in samples::record(),
            (revision, created_at_ms) in any::<(u64, u64)>(),
            push_id in "[0-9a-f]{32}",
            subject in prop::option::of(samples::digest()),
        ) {
            let manifest = ManifestItem { record, revision, push_id, subject, created_at_ms };
            prop_assert_eq!(ManifestItem::decode(&manifest.encode(&repository)), Ok(manifest));
        }
    }
}
