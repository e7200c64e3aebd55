//! Uploads in pieces: their content under `chunks/` in S3, their state in DynamoDB.

use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName};
use bytes::Bytes;

use crate::{ByteStream, StoreError};

/// A part of a multipart upload that S3 has acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1, without gaps.
    pub number: u32,
    /// What S3 calls this exact content: assembling fails if the part was replaced since.
    pub etag: String,
}

/// Bytes at the end of an upload that are too few for a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// Names the object that holds them; unique to the request that wrote it.
    pub id: String,
    /// How many they are.
    pub size_bytes: u64,
}

/// All that must be known to continue an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadState {
    /// The upload's id.
    pub id: String,
    /// The repository that it is for.
    pub repository: RepositoryName,
    /// Counts the saves; 0 is never stored.
    pub version: u64,
    /// How many bytes have arrived.
    pub offset_bytes: u64,
    /// The digest state over these bytes ([`Hasher::save`](berth_protocol::Hasher::save)).
    pub hasher: Vec<u8>,
    /// S3's name for the multipart upload, once there is one.
    pub multipart: Option<String>,
    /// The parts so far.
    pub parts: Vec<Part>,
    /// What is left behind the last part.
    pub tail: Option<Tail>,
    /// How it ended, once it is over.
    pub closed: Option<Closed>,
    /// When the upload may be forgotten, in seconds since the Unix epoch.
    pub expires_at_secs: u64,
}

/// How an upload ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// It became a blob.
    Finished(Digest),
    /// It was cancelled, or its content did not have the digest it was committed with.
    Cancelled,
}

/// How a save ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// The state is stored.
    Saved,
    /// Another request saved this upload first. Nothing happened.
    Conflict,
}

/// How joining parts ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assembly {
    /// These very parts are joined now.
    Joined,
    /// Something was joined earlier, most likely by an earlier try whose answer was lost. Prove its content again.
    Found,
    /// A part was replaced or is gone: the upload is lost.
    Lost,
}

/// Keeps the states of uploads.
#[async_trait]
pub trait UploadStates: Send + Sync {
    /// The state of upload `id`; `Ok(None)` for one that has received nothing yet. Strongly consistent.
    async fn get(&self, id: &str) -> Result<Option<UploadState>, StoreError>;

    /// Stores `state` if the stored version is `state.version - 1` (0: nothing is stored).
    async fn save(&self, state: &UploadState) -> Result<Saved, StoreError>;
}

/// Keeps the content of uploads until they are finished.
#[async_trait]
pub trait UploadData: Send + Sync {
    /// Begins a multipart upload and returns S3's name for it.
    async fn begin(&self, id: &str) -> Result<String, StoreError>;

    /// Stores part `number`. All parts but the last have at least 5 MiB. Repeating replaces the part; an error once the
    /// parts are joined.
    async fn put_part(&self, id: &str, multipart: &str, number: u32, body: Bytes)
    -> Result<Part, StoreError>;

    /// Stores bytes that are too few for a part.
    async fn put_tail(&self, id: &str, tail: &Tail, body: Bytes) -> Result<(), StoreError>;

    /// Reads them back; `Ok(None)` if they are gone.
    async fn tail(&self, id: &str, tail: &Tail) -> Result<Option<Bytes>, StoreError>;

    /// Joins exactly these parts, all or nothing.
    async fn assemble(&self, id: &str, multipart: &str, parts: &[Part]) -> Result<Assembly, StoreError>;

    /// Opens what [`assemble`](Self::assemble) joined.
    async fn open(&self, id: &str) -> Result<Option<ByteStream>, StoreError>;

    /// Copies what was joined to `blobs/`. The caller has proven that its digest is `digest`. Idempotent.
    async fn place(&self, id: &str, digest: &Digest, size_bytes: u64) -> Result<(), StoreError>;

    /// Removes all content of the upload that `state` knows of. What cannot be removed expires by itself.
    async fn discard(&self, state: &UploadState) -> Result<(), StoreError>;
}
