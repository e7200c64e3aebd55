//! Verified blobs.

use std::ops::RangeInclusive;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::presigning::PresigningConfig;
use berth_protocol::Digest;
use berth_registry::ports::{BlobRead, BlobWrite};
use berth_registry::{ByteStream, StoreError};
use bytes::Bytes;

use super::{Key, S3};
use crate::error::reading;

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

    /// Presigned with the credentials of this process: on Lambda it ends with them, if that is earlier.
    async fn address(&self, digest: &Digest, ttl_secs: u64) -> Result<String, StoreError> {
        const OPERATION: &str = "PresignGetObject";
        let config = PresigningConfig::expires_in(Duration::from_secs(ttl_secs));
        let config = config.map_err(|error| StoreError::corrupt(OPERATION, error.to_string()))?;
        let call = self.client.get_object().bucket(&self.bucket).key(Key::Blob(digest).to_string());
        let presigned = call.presigned(config).await.map_err(reading(OPERATION))?;
        Ok(presigned.uri().to_owned())
    }
}

#[async_trait]
impl BlobWrite for S3 {
    async fn put(&self, digest: &Digest, body: Bytes) -> Result<(), StoreError> {
        self.put_new_object(Key::Blob(digest), digest, body).await
    }
}
