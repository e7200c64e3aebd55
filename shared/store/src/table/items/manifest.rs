//! A manifest. One for each manifest of a repository; each push of it changes the revision and the media type alone.
//!
//! ```text
//! repo#<repository>  manifest#<digest>    media_type, size_bytes, body?    as pushed, the body if it is small
//!                                         revision                         counts the commits, from 1, for deletion to notice one
//!                                         push_id                          whose edges hold its blobs
//!                                         subject?                         where its referrer entry is
//!                                         shape?                           Shape in JSON, if the body is left out; not in items
//!                                                                          of the first version
//!                                         created_at_ms
//! ```

use berth_protocol::{Digest, Manifest, MediaType, RepositoryName};
use berth_registry::ports::{Artifact, ManifestRecord, Shape};
use bytes::Bytes;

use super::super::item::{Item, ItemKey, Malformed, inline_body, number, text};
use super::super::query::Span;
use super::{BODY, CREATED_AT_MS, MEDIA_TYPE, PUSH_ID, REVISION, SHAPE, SIZE_BYTES, SUBJECT, partition};

const PREFIX: &str = "manifest#";
/// What a listing reads.
pub(crate) const LISTED: &[&str] = &[MEDIA_TYPE, SIZE_BYTES, BODY, SUBJECT, SHAPE, CREATED_AT_MS];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManifestItem {
    pub(crate) record: ManifestRecord,
    pub(crate) revision: u64,
    pub(crate) push_id: String,
    pub(crate) subject: Option<Digest>,
    pub(crate) shape: Option<Shape>,
    pub(crate) created_at_ms: u64,
}

impl ManifestItem {
    pub(crate) fn key(repository: &RepositoryName, digest: &Digest) -> ItemKey {
        ItemKey::new(partition(repository), format!("{PREFIX}{digest}"))
    }

    pub(crate) fn span(repository: &RepositoryName, after: Option<&Digest>) -> Span {
        Span::after(partition(repository), PREFIX, after.map(ToString::to_string).as_deref())
    }

    pub(crate) fn encode(&self, repository: &RepositoryName) -> Item {
        Item::new(Self::key(repository, &self.record.digest))
            .with(MEDIA_TYPE, text(&self.record.media_type))
            .with(SIZE_BYTES, number(self.record.size_bytes))
            .with_optional(BODY, inline_body(self.record.body.as_ref()))
            .with(REVISION, number(self.revision))
            .with(PUSH_ID, text(&self.push_id))
            .with_optional(SUBJECT, self.subject.as_ref().map(text))
            .with_optional(
                SHAPE,
                self.shape
                    .as_ref()
                    .and_then(|shape| serde_json::to_string(shape).ok())
                    .map(|json| text(&json)),
            )
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
            shape: decode_shape(item)?,
            created_at_ms: item.number(CREATED_AT_MS)?,
        })
    }

    /// What a listing shows, from an item of which no more than [`LISTED`] was read.
    pub(crate) fn decode_artifact(item: &Item) -> Result<Artifact, Malformed> {
        let media_type = item.text(MEDIA_TYPE)?;
        let of_body = |body: &[u8]| shape_of(media_type, body);
        Ok(Artifact {
            digest: item.named(PREFIX)?,
            media_type: media_type.to_owned(),
            size_bytes: item.number(SIZE_BYTES)?,
            pushed_at_secs: item.number(CREATED_AT_MS)? / 1000,
            subject: item.optional_parsed(SUBJECT)?,
            shape: decode_shape(item)?.or(item.optional_bytes(BODY)?.and_then(of_body)),
        })
    }

    /// The shape to keep with `record`: what the item itself cannot tell, since the body is left out.
    pub(crate) fn kept_shape(record: &ManifestRecord) -> Option<Shape> {
        let body = record.body.as_ref()?;
        if inline_body(Some(body)).is_some() { None } else { shape_of(&record.media_type, body) }
    }

    /// The push that made it, from an item of which no more than that was read.
    pub(crate) fn decode_push_id(item: &Item) -> Result<String, Malformed> {
        Ok(item.text(PUSH_ID)?.to_owned())
    }
}

fn decode_shape(item: &Item) -> Result<Option<Shape>, Malformed> {
    let parse = |json| serde_json::from_str(json).map_err(|_| Malformed { attribute: SHAPE });
    item.optional_text(SHAPE)?.map(parse).transpose()
}

fn shape_of(media_type: &str, body: &[u8]) -> Option<Shape> {
    let media_type = MediaType::parse(media_type).ok()?;
    Manifest::read(body, Some(&media_type)).ok().as_ref().map(Shape::of)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;
    use crate::table::INLINE_BODY_BYTES;

    fn shape() -> impl Strategy<Value = Shape> {
        let media_type = || prop::option::of("[a-z]{1,9}/[a-z.+]{1,30}");
        let children = prop::collection::vec(samples::digest(), 0..5);
        (media_type(), media_type(), any::<u64>(), children).prop_map(
            |(config_media_type, artifact_type, content_bytes, children)| Shape {
                config_media_type,
                artifact_type,
                content_bytes,
                children,
            },
        )
    }

    #[test]
    fn a_listing_knows_the_shape_of_large_and_small_bodies() {
        for padding_bytes in [0, INLINE_BODY_BYTES] {
            let padding = "x".repeat(padding_bytes);
            let child = Digest::sha256(b"child");
            let body = format!(
                r#"{{"schemaVersion":2,"mediaType":"{0}","artifactType":"a/b","annotations":{{"k":"{padding}"}},
                "manifests":[{{"mediaType":"{1}","digest":"{child}","size":5}}]}}"#,
                MediaType::OCI_INDEX,
                MediaType::OCI_IMAGE_MANIFEST,
            );
            let record = ManifestRecord {
                digest: Digest::sha256(body.as_bytes()),
                media_type: MediaType::OCI_INDEX.to_string(),
                size_bytes: body.len() as u64,
                body: Some(Bytes::from(body)),
            };
            let shape = ManifestItem::kept_shape(&record);
            assert_eq!(shape.is_some(), padding_bytes > 0);
            let item = ManifestItem {
                record,
                revision: 1,
                push_id: "p".to_owned(),
                subject: None,
                shape,
                created_at_ms: 1999,
            };
            let item = item.encode(&RepositoryName::parse("a").unwrap());
            let expected = Shape {
                config_media_type: None,
                artifact_type: Some("a/b".to_owned()),
                content_bytes: 0,
                children: vec![child],
            };
            assert_eq!(
                ManifestItem::decode_artifact(&item).unwrap().shape,
                Some(expected),
                "{padding_bytes}"
            );
        }
    }

    proptest! {
        #[test]
        fn round_trip(
            repository in samples::repository(),
            record in samples::record(),
            (revision, created_at_ms) in any::<(u64, u64)>(),
            push_id in "[0-9a-f]{32}",
            subject in prop::option::of(samples::digest()),
            shape in prop::option::of(shape()),
        ) {
            let manifest = ManifestItem { record, revision, push_id, subject, shape, created_at_ms };
            let item = manifest.encode(&repository);
            let artifact = ManifestItem::decode_artifact(&item).unwrap();
            prop_assert_eq!((&artifact.digest, &artifact.subject), (&manifest.record.digest, &manifest.subject));
            prop_assert_eq!(artifact.pushed_at_secs, created_at_ms / 1000);
            prop_assert_eq!(&artifact.shape, &manifest.shape);
            prop_assert_eq!(ManifestItem::decode(&item), Ok(manifest));
        }
    }
}
