use std::ops::RangeInclusive;

use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName};
use berth_registry::ports::{BlobRead, BlobWrite, Promotion, Staging};
use berth_registry::{ByteStream, StoreError};
use bytes::Bytes;

use super::Memory;
use crate::stream_of;

/// Small enough that most blobs take several chunks.
const CHUNK_BYTES: usize = 64 * 1024;

#[async_trait]
impl BlobRead for Memory {
    async fn open(
        &self,
        digest: &Digest,
        range: Option<RangeInclusive<u64>>,
    ) -> Result<Option<ByteStream>, StoreError> {
        let Some(blob) = self.data().await.blobs.get(digest).cloned() else { return Ok(None) };
        let content = match range {
            None => blob,
            Some(range) => {
                part(&blob, &range).ok_or_else(|| StoreError::corrupt("OpenBlob", "range lies outside"))?
            }
        };
        Ok(Some(stream_of(content, CHUNK_BYTES)))
    }

    async fn address(&self, digest: &Digest, ttl_secs: u64) -> Result<String, StoreError> {
        Ok(format!("memory://blobs/{digest}?ttl={ttl_secs}"))
    }
}

fn part(blob: &Bytes, range: &RangeInclusive<u64>) -> Option<Bytes> {
    let first = usize::try_from(*range.start()).ok()?;
    let end = usize::try_from(*range.end()).ok()?.checked_add(1)?;
    (first < end && end <= blob.len()).then(|| blob.slice(first..end))
}

#[async_trait]
impl BlobWrite for Memory {
    async fn put(&self, digest: &Digest, body: Bytes) -> Result<(), StoreError> {
        self.data().await.blobs.entry(digest.clone()).or_insert(body);
        Ok(())
    }
}

#[async_trait]
impl Staging for Memory {
    async fn promote(&self, repository: &RepositoryName, digest: &Digest) -> Result<Promotion, StoreError> {
        let mut data = self.data().await;
        let Some(content) = data.staged.get(&(repository.clone(), digest.clone())).cloned() else {
            return Ok(Promotion::Absent);
        };
        if Digest::of(digest.algorithm(), &content) != *digest {
            return Ok(Promotion::Mismatch);
        }
        let size_bytes = content.len() as u64;
        data.blobs.entry(digest.clone()).or_insert(content);
        Ok(Promotion::Promoted { size_bytes })
    }

    async fn remove(&self, repository: &RepositoryName, digest: &Digest) -> Result<(), StoreError> {
        self.data().await.staged.remove(&(repository.clone(), digest.clone()));
        Ok(())
    }
}
