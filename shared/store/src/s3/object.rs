//! Single calls on single objects.

use std::ops::RangeInclusive;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use berth_protocol::{Algorithm, Digest};
use berth_registry::StoreError;
use bytes::Bytes;

use super::read::Object;
use super::{Key, S3};
use crate::error::{code, reading, status, unavailable, writing};

/// How often a conditional write is sent again after S3 answered that another one was under way.
const MAX_PUT_ATTEMPTS: u32 = 4;

/// What there is to know of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) size_bytes: u64,
    /// Names exactly this content of the key.
    pub(super) etag: String,
    /// The SHA-256 of the whole object, as S3 has verified or computed it, if it has.
    pub(super) sha256: Option<String>,
}

impl S3 {
    /// The current version of an object; `None` if there is none.
    pub(super) async fn head_object(&self, key: Key<'_>) -> Result<Option<Version>, StoreError> {
        const OPERATION: &str = "HeadObject";
        let call = self.client.head_object().bucket(&self.bucket).key(key.to_string());
        match call.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(head) => Version::read(&head)
                .map(Some)
                .ok_or_else(|| StoreError::corrupt(OPERATION, "the answer lacks a length or an entity tag")),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(reading(OPERATION)(error)),
        }
    }

    /// Opens an object or a range of it; `None` if there is none, or none of the version `etag`.
    pub(super) async fn get_object(
        &self,
        key: Key<'_>,
        range: Option<RangeInclusive<u64>>,
        etag: Option<&str>,
    ) -> Result<Option<Object>, StoreError> {
        const OPERATION: &str = "GetObject";
        let call = self.client.get_object().bucket(&self.bucket).key(key.to_string());
        let header = range.as_ref().map(|range| format!("bytes={}-{}", range.start(), range.end()));
        match call.set_range(header).set_if_match(etag.map(str::to_owned)).send().await {
            Ok(answer) => {
                Object::read(answer, range).map(Some).map_err(|cause| StoreError::corrupt(OPERATION, cause))
            }
            Err(error) if code(&error) == Some("NoSuchKey") || status(&error) == Some(412) => Ok(None),
            Err(error) => Err(reading(OPERATION)(error)),
        }
    }

    /// Stores an object, over what is there. With `digest`, S3 refuses a body that was damaged on the way.
    pub(super) async fn put_object(
        &self,
        key: Key<'_>,
        media_type: Option<&str>,
        digest: Option<&Digest>,
        body: Bytes,
    ) -> Result<(), StoreError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .set_content_type(key.content_type().or(media_type).map(str::to_owned))
            .set_cache_control(key.cache_control().map(str::to_owned))
            .set_checksum_sha256(digest.and_then(checksum))
            .body(body.into())
            .customize()
            .disable_payload_signing()
            .send()
            .await
            .map_err(writing("PutObject"))?;
        Ok(())
    }

    /// Stores an object unless there is one.
    pub(super) async fn put_new_object(
        &self,
        key: Key<'_>,
        digest: &Digest,
        body: Bytes,
    ) -> Result<(), StoreError> {
        for _ in 0..MAX_PUT_ATTEMPTS {
            let call = self.client.put_object().bucket(&self.bucket).key(key.to_string()).if_none_match("*");
            let sent = call
                .set_content_type(key.content_type().map(str::to_owned))
                .set_cache_control(key.cache_control().map(str::to_owned))
                .set_checksum_sha256(checksum(digest))
                .body(body.clone().into())
                .customize()
                .disable_payload_signing()
                .send()
                .await;
            match sent {
                Ok(_) => return Ok(()),
                Err(error) if status(&error) == Some(412) => return Ok(()),
                Err(error) if status(&error) == Some(409) => {}
                Err(error) => return Err(writing("PutObject")(error)),
            }
        }
        Err(unavailable("PutObject", "other writes of the same object kept getting in the way"))
    }

    /// Removes an object; removing nothing is a success.
    pub(super) async fn delete_object(&self, key: Key<'_>) -> Result<(), StoreError> {
        let call = self.client.delete_object().bucket(&self.bucket).key(key.to_string());
        call.send().await.map_err(writing("DeleteObject"))?;
        Ok(())
    }
}

impl Version {
    fn read(head: &HeadObjectOutput) -> Option<Self> {
        let is_whole = head.checksum_type().is_none_or(|kind| *kind == ChecksumType::FullObject);
        let is_composite = |checksum: &str| checksum.contains('-');
        Some(Self {
            size_bytes: head.content_length()?.try_into().ok()?,
            etag: head.e_tag()?.to_owned(),
            sha256: head
                .checksum_sha256()
                .filter(|checksum| is_whole && !is_composite(checksum))
                .map(str::to_owned),
        })
    }
}

/// A SHA-256 digest in S3's notation; S3 is not asked to check other digests.
pub(super) fn checksum(digest: &Digest) -> Option<String> {
    match digest.algorithm() {
        Algorithm::Sha256 => Some(BASE64_STANDARD.encode(digest.bytes())),
        Algorithm::Sha512 => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(checksum: Option<&str>, kind: Option<ChecksumType>) -> HeadObjectOutput {
        HeadObjectOutput::builder()
            .content_length(3)
            .e_tag("\"e\"")
            .set_checksum_sha256(checksum.map(str::to_owned))
            .set_checksum_type(kind)
            .build()
    }

    #[test]
    fn only_a_checksum_of_the_whole_object_counts() {
        let digest = checksum(&Digest::sha256(b"abc")).unwrap();
        let composite = format!("{digest}-2");
        let table = [
            (Some(digest.as_str()), Some(ChecksumType::FullObject), Some(digest.as_str())),
            (Some(digest.as_str()), None, Some(digest.as_str())),
            (Some(digest.as_str()), Some(ChecksumType::Composite), None),
            (Some(composite.as_str()), Some(ChecksumType::Composite), None),
            (Some(composite.as_str()), None, None),
            (None, None, None),
        ];
        for (stored, kind, counts) in table {
            let version = Version::read(&head(stored, kind.clone())).unwrap();
            assert_eq!(version.sha256.as_deref(), counts, "{stored:?} {kind:?}");
        }
    }

    #[test]
    fn checksums_are_in_the_notation_of_s3() {
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(checksum(&Digest::sha256(b"")).as_deref(), Some(empty));
        assert_eq!(checksum(&Digest::of(Algorithm::Sha512, b"")), None);
    }

    #[test]
    fn an_answer_without_length_or_entity_tag_is_not_taken() {
        assert_eq!(Version::read(&HeadObjectOutput::builder().content_length(3).build()), None);
        assert_eq!(Version::read(&HeadObjectOutput::builder().e_tag("\"e\"").build()), None);
        assert_eq!(
            Version::read(&HeadObjectOutput::builder().e_tag("\"e\"").content_length(-1).build()),
            None
        );
    }
}
