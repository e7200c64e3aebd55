//! Copies inside S3, each pinned to the version of the source that was proven.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, MetadataDirective};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use berth_protocol::Digest;
use berth_registry::StoreError;
use futures::{StreamExt, TryStreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::object::Version;
use super::{Key, S3};
use crate::error::{code, status, unavailable, writing};

/// An object up to this size is copied by one call, a larger one in parts of at least this size.
const COPY_PART_BYTES: u64 = 256 << 20;
/// S3 takes no more parts in one upload. The largest object (50 TB) then has parts of 5 GB, the most that S3 takes.
const MAX_PARTS: u64 = 10_000;
/// Parts of one copy on their way at a time.
const PARTS_AT_ONCE: usize = 8;
/// What stays as it is in `x-amz-copy-source`.
const COPY_SOURCE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a copy ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copied {
    /// The target has the content of the version that was named.
    Done,
    /// The source has another version by now, or is gone. Nothing happened.
    SourceChanged,
}

/// The bytes of the source that become one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CopyPart {
    number: i32,
    first: u64,
    last: u64,
}

impl S3 {
    /// Makes the proven `version` of `source` the blob `digest`, unless that is there.
    pub(super) async fn copy_to_blob(
        &self,
        source: Key<'_>,
        version: &Version,
        digest: &Digest,
    ) -> Result<Copied, StoreError> {
        if self.has_blob(digest, version.size_bytes).await? {
            return Ok(Copied::Done);
        }
        if version.size_bytes <= COPY_PART_BYTES {
            return self.copy_at_once(source, version, Key::Blob(digest)).await;
        }
        self.copy_in_parts(source, version, Key::Blob(digest)).await
    }

    /// Whether the blob is there. One of another size is no blob, and is written over.
    pub(super) async fn has_blob(&self, digest: &Digest, size_bytes: u64) -> Result<bool, StoreError> {
        Ok(self.head_object(Key::Blob(digest)).await?.is_some_and(|blob| blob.size_bytes == size_bytes))
    }

    /// Begins an upload in parts and returns S3's name for it.
    pub(super) async fn begin_parts(&self, key: Key<'_>) -> Result<String, StoreError> {
        const OPERATION: &str = "CreateMultipartUpload";
        let call = self.client.create_multipart_upload().bucket(&self.bucket).key(key.to_string());
        let begun = call
            .set_content_type(key.content_type().map(str::to_owned))
            .set_cache_control(key.cache_control().map(str::to_owned))
            .send()
            .await
            .map_err(writing(OPERATION))?;
        begun.upload_id.ok_or_else(|| StoreError::corrupt(OPERATION, "the answer names no upload"))
    }

    /// Gives up an upload in parts; one that is over or unknown is a success.
    pub(super) async fn abort_parts(&self, key: Key<'_>, multipart: &str) -> Result<(), StoreError> {
        let call = self.client.abort_multipart_upload().bucket(&self.bucket).key(key.to_string());
        match call.upload_id(multipart).send().await {
            Ok(_) => Ok(()),
            Err(error) if code(&error) == Some("NoSuchUpload") => Ok(()),
            Err(error) => Err(writing("AbortMultipartUpload")(error)),
        }
    }

    async fn copy_at_once(
        &self,
        source: Key<'_>,
        version: &Version,
        target: Key<'_>,
    ) -> Result<Copied, StoreError> {
        let call = self.client.copy_object().bucket(&self.bucket).key(target.to_string());
        let copied = call
            .copy_source(self.copy_source(source))
            .copy_source_if_match(&version.etag)
            // The client chose the headers of a staged object. A blob has its own.
            .metadata_directive(MetadataDirective::Replace)
            .set_content_type(target.content_type().map(str::to_owned))
            .set_cache_control(target.cache_control().map(str::to_owned))
            .send()
            .await;
        match copied {
            Ok(_) => Ok(Copied::Done),
            Err(error) if source_changed(&error) => Ok(Copied::SourceChanged),
            Err(error) => Err(writing("CopyObject")(error)),
        }
    }

    async fn copy_in_parts(
        &self,
        source: Key<'_>,
        version: &Version,
        target: Key<'_>,
    ) -> Result<Copied, StoreError> {
        let multipart = self.begin_parts(target).await?;
        let outcome = match self.copy_parts(source, version, target, &multipart).await {
            Ok(Some(parts)) => self.join_copied(target, &multipart, parts).await,
            Ok(None) => Ok(Copied::SourceChanged),
            Err(error) => Err(error),
        };
        if !matches!(outcome, Ok(Copied::Done))
            && let Err(error) = self.abort_parts(target, &multipart).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "parts of a failed copy stay until they expire"
            );
        }
        outcome
    }

    /// Copies all parts; `None` if the source has changed.
    async fn copy_parts(
        &self,
        source: Key<'_>,
        version: &Version,
        target: Key<'_>,
        multipart: &str,
    ) -> Result<Option<Vec<CompletedPart>>, StoreError> {
        let parts = stream::iter(split(version.size_bytes))
            .map(|part| self.copy_part(source, version, target, multipart, part))
            .buffered(PARTS_AT_ONCE)
            .try_collect::<Vec<Option<CompletedPart>>>()
            .await?;
        Ok(parts.into_iter().collect())
    }

    async fn copy_part(
        &self,
        source: Key<'_>,
        version: &Version,
        target: Key<'_>,
        multipart: &str,
        part: CopyPart,
    ) -> Result<Option<CompletedPart>, StoreError> {
        const OPERATION: &str = "UploadPartCopy";
        let call = self.client.upload_part_copy().bucket(&self.bucket).key(target.to_string());
        let copied = call
            .upload_id(multipart)
            .part_number(part.number)
            .copy_source(self.copy_source(source))
            .copy_source_if_match(&version.etag)
            .copy_source_range(format!("bytes={}-{}", part.first, part.last))
            .send()
            .await;
        match copied {
            Ok(copied) => {
                let etag = copied.copy_part_result.and_then(|result| result.e_tag);
                let etag = etag.ok_or_else(|| unavailable(OPERATION, "the answer names no entity tag"))?;
                Ok(Some(CompletedPart::builder().part_number(part.number).e_tag(etag).build()))
            }
            Err(error) if source_changed(&error) => Ok(None),
            Err(error) => Err(writing(OPERATION)(error)),
        }
    }

    async fn join_copied(
        &self,
        target: Key<'_>,
        multipart: &str,
        parts: Vec<CompletedPart>,
    ) -> Result<Copied, StoreError> {
        let call = self.client.complete_multipart_upload().bucket(&self.bucket).key(target.to_string());
        call.upload_id(multipart)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await
            .map_err(writing("CompleteMultipartUpload"))?;
        Ok(Copied::Done)
    }

    fn copy_source(&self, source: Key<'_>) -> String {
        utf8_percent_encode(&format!("{}/{source}", self.bucket), COPY_SOURCE).to_string()
    }
}

/// Whether a copy failed because its source is another version than the one named, or gone.
fn source_changed<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    status(error) == Some(412) || code(error) == Some("NoSuchKey")
}

/// Parts of equal size that cover `size_bytes`, at most [`MAX_PARTS`].
fn split(size_bytes: u64) -> impl Iterator<Item = CopyPart> {
    let part_bytes = COPY_PART_BYTES.max(size_bytes.div_ceil(MAX_PARTS));
    let firsts = (0..size_bytes).step_by(usize::try_from(part_bytes).unwrap_or(usize::MAX));
    (1..).zip(firsts).map(move |(number, first)| CopyPart {
        number,
        first,
        last: (first + part_bytes).min(size_bytes) - 1,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_cover_the_object_without_gap_or_overlap(size_bytes in 1_u64..60_000_000_000_000) {
            let parts: Vec<CopyPart> = split(size_bytes).collect();
            prop_assert!(parts.len() <= 10_000);
            let mut next = 0;
            for (index, part) in parts.iter().enumerate() {
                prop_assert_eq!(usize::try_from(part.number), Ok(index + 1));
                prop_assert_eq!(part.first, next);
                prop_assert!(part.last >= part.first);
                prop_assert!(part.last - part.first < 6_000_000_000);
                next = part.last + 1;
            }
            prop_assert_eq!(next, size_bytes);
        }
    }

    #[test]
    fn all_parts_but_the_last_are_of_one_size() {
        let sizes = |size_bytes| split(size_bytes).map(|part| part.last - part.first + 1).collect::<Vec<_>>();
        assert_eq!(sizes(COPY_PART_BYTES), [COPY_PART_BYTES]);
        assert_eq!(sizes(2 * COPY_PART_BYTES), [COPY_PART_BYTES; 2]);
        assert_eq!(sizes(COPY_PART_BYTES + 1), [COPY_PART_BYTES, 1]);
    }
}
