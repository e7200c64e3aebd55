//! Verified blobs.

use std::ops::RangeInclusive;

use async_trait::async_trait;
use berth_protocol::Digest;
use berth_registry::ports::{BlobRead, BlobWrite};
use berth_registry::{ByteStream, StoreError};
use bytes::Bytes;

use super::{Key, S3};

#[async_trait]
impl BlobRead for S3 {
    async fn open(
        &self,
        digest: &Digest,
        range: Option<RangeInclusive<u64>>,
    ) -> Result<Option<ByteStream>, StoreError> {
        let object = self.get_object(Key::Blob(digest), range, None).await?;
        Ok(object.map(super::read::Object::into_stream))
    }
}

#[async_trait]
impl BlobWrite for S3 {
    async fn put(&self, digest: &Digest, body: Bytes) -> Result<(), StoreError> {
        self.put_new_object(Key::Blob(digest), digest, body).await
    }
}
