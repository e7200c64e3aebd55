//! Content of uploads in parts.
//!
//! What is joined under an upload's key never turns into other content, so that what was proven is what is copied to
//! `blobs/`, whatever requests run at the same time: joining is refused where an object is, and an upload that is over
//! leaves an empty object in its place (nothing joined is empty), which the bucket's lifecycle removes after the upload's
//! session has expired.

use async_trait::async_trait;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use berth_protocol::Digest;
use berth_registry::ports::{Assembly, Part, Tail, UploadData, UploadState};
use berth_registry::{ByteStream, StoreError};
use bytes::Bytes;

use super::copy::Copied;
use super::object::Version;
use super::read::Object;
use super::{Key, S3};
use crate::error::{code, unavailable, writing};

/// A tail is shorter than the smallest part, 5 MiB. Twice that is no tail.
const MAX_TAIL_BYTES: usize = 10 << 20;

#[async_trait]
impl UploadData for S3 {
    async fn begin(&self, id: &str) -> Result<String, StoreError> {
        self.begin_parts(Key::UploadData(id)).await
    }

    async fn put_part(
        &self,
        id: &str,
        multipart: &str,
        number: u32,
        body: Bytes,
    ) -> Result<Part, StoreError> {
        const OPERATION: &str = "UploadPart";
        let call = self.client.upload_part().bucket(&self.bucket).key(Key::UploadData(id).to_string());
        let call = call.upload_id(multipart).part_number(part_number(number));
        // As everywhere here, the signature leaves the payload out: hashing it for that, here and again in S3, would cost
        // more than all the rest. TLS brings the bytes over, and the digest of the whole proves them.
        let call = call.body(body.into()).customize().disable_payload_signing();
        let answer = call.send().await.map_err(writing(OPERATION))?;
        let etag = answer.e_tag.ok_or_else(|| unavailable(OPERATION, "the answer names no entity tag"))?;
        Ok(Part { number, etag })
    }

    async fn put_tail(&self, id: &str, tail: &Tail, body: Bytes) -> Result<(), StoreError> {
        self.put_object(Key::UploadTail(id, &tail.id), None, None, body).await
    }

    async fn tail(&self, id: &str, tail: &Tail) -> Result<Option<Bytes>, StoreError> {
        match self.get_object(Key::UploadTail(id, &tail.id), None, None).await? {
            Some(object) => object.collect(MAX_TAIL_BYTES).await.map(Some),
            None => Ok(None),
        }
    }

    async fn assemble(&self, id: &str, multipart: &str, parts: &[Part]) -> Result<Assembly, StoreError> {
        let call = self.client.complete_multipart_upload().bucket(&self.bucket);
        let joined = call
            .key(Key::UploadData(id).to_string())
            .upload_id(multipart)
            .if_none_match("*")
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(completed(parts))).build())
            .send()
            .await;
        let Err(error) = joined else { return Ok(Assembly::Joined) };
        match code(&error) {
            Some("InvalidPart" | "InvalidPartOrder") => Ok(Assembly::Lost),
            Some("NoSuchUpload" | "PreconditionFailed" | "ConditionalRequestConflict") => {
                Ok(if self.joined(id).await?.is_some() { Assembly::Found } else { Assembly::Lost })
            }
            _ => Err(writing("CompleteMultipartUpload")(error)),
        }
    }

    async fn open(&self, id: &str) -> Result<Option<ByteStream>, StoreError> {
        let Some(version) = self.joined(id).await? else { return Ok(None) };
        let object = self.get_object(Key::UploadData(id), None, Some(&version.etag)).await?;
        Ok(object.map(Object::into_stream))
    }

    async fn place(&self, id: &str, digest: &Digest, size_bytes: u64) -> Result<(), StoreError> {
        const GONE: &str = "the joined content is gone";
        if self.has_blob(digest, size_bytes).await? {
            return Ok(());
        }
        let version = self.joined(id).await?.filter(|version| version.size_bytes == size_bytes);
        let version = version.ok_or_else(|| unavailable("PlaceUpload", GONE))?;
        match self.copy_to_blob(Key::UploadData(id), &version, digest).await? {
            Copied::Done => Ok(()),
            Copied::SourceChanged => Err(unavailable("PlaceUpload", GONE)),
        }
    }

    async fn discard(&self, state: &UploadState) -> Result<(), StoreError> {
        let data = Key::UploadData(&state.id);
        let parts = async {
            let Some(multipart) = &state.multipart else { return Ok(()) };
            self.abort_parts(data, multipart).await?;
            self.put_object(data, None, None, Bytes::new()).await
        };
        let tail = async {
            let Some(tail) = &state.tail else { return Ok(()) };
            self.delete_object(Key::UploadTail(&state.id, &tail.id)).await
        };
        let (parts, tail) = futures::join!(parts, tail);
        parts.and(tail)
    }
}

impl S3 {
    /// What was joined, if it was and is not discarded.
    async fn joined(&self, id: &str) -> Result<Option<Version>, StoreError> {
        Ok(self.head_object(Key::UploadData(id)).await?.filter(|version| version.size_bytes > 0))
    }
}

fn completed(parts: &[Part]) -> Vec<CompletedPart> {
    let completed = |part: &Part| {
        CompletedPart::builder().part_number(part_number(part.number)).e_tag(&part.etag).build()
    };
    parts.iter().map(completed).collect()
}

/// S3 takes numbers up to 10,000 and refuses others by itself.
fn part_number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
