//! Blob content: `blobs/` in S3, and the staging area `uploads/` that clients fill.

use std::ops::RangeInclusive;

use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName};
use bytes::Bytes;

use crate::{ByteStream, StoreError};

/// Reads verified blobs.
#[async_trait]
pub trait BlobRead: Send + Sync {
    /// Opens the blob, or the part of it that `range` names (inclusive, within the blob).
    ///
    /// `Ok(None)` if there is no such blob. The stream may fail in the middle; it never yields other bytes than the blob's.
    async fn open(
        &self,
        digest: &Digest,
        range: Option<RangeInclusive<u64>>,
    ) -> Result<Option<ByteStream>, StoreError>;

    /// An absolute URL that gives this blob to whoever has it, for `ttl_secs`. Makes no call: the blob need not be there.
    async fn address(&self, digest: &Digest, ttl_secs: u64) -> Result<String, StoreError>;
}

/// Writes verified blobs.
#[async_trait]
pub trait BlobWrite: Send + Sync {
    /// Stores `body`, which the caller has proven to have this digest.
    ///
    /// All or nothing, and idempotent: a blob that is there stays as it is. For bodies of a few megabytes; larger ones
    /// come through [`Staging`] or [`UploadData`](super::UploadData).
    async fn put(&self, digest: &Digest, body: Bytes) -> Result<(), StoreError>;
}

/// What became of a staged object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promotion {
    /// The content is proven and stands in `blobs/`.
    Promoted {
        /// Its length.
        size_bytes: u64,
    },
    /// Nothing is staged under this repository and digest.
    Absent,
    /// What is staged does not have the digest that it was sent under. It was not promoted.
    Mismatch,
}

/// Objects that clients put straight into S3, one per repository and digest, not trusted until verified.
#[async_trait]
pub trait Staging: Send + Sync {
    /// Verifies the staged object and copies it to `blobs/`, where it becomes visible whole or not at all.
    ///
    /// Idempotent, and safe beside itself: the copy names the exact version that was verified. The staged object stays.
    async fn promote(&self, repository: &RepositoryName, digest: &Digest) -> Result<Promotion, StoreError>;

    /// Removes the staged object; removing nothing is a success.
    async fn remove(&self, repository: &RepositoryName, digest: &Digest) -> Result<(), StoreError>;
}
