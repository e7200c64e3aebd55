//! Links: which repository may serve which blob.

use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName};

use crate::StoreError;

/// A repository holds a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Length of the blob.
    pub size_bytes: u64,
}

/// Reads links.
#[async_trait]
pub trait LinkRead: Send + Sync {
    /// The link of `digest` in `repository`. One strongly consistent read.
    async fn get(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<Link>, StoreError>;
}

/// How removing a link ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlinking {
    /// The link is gone.
    Removed,
    /// There was no link.
    Absent,
    /// A manifest of the repository, or one that is being pushed right now, needs the blob. The link stands.
    Needed {
        /// The digest of such a manifest.
        by: Digest,
    },
}

/// Writes links.
#[async_trait]
pub trait LinkWrite: Send + Sync {
    /// Lets `repository` serve the blob. The content must stand in `blobs/` already. Idempotent.
    async fn put(&self, repository: &RepositoryName, digest: &Digest, link: Link) -> Result<(), StoreError>;

    /// Removes the link unless a manifest needs the blob.
    ///
    /// Against a manifest being pushed at the same time, one of the two gives way: either the push sees the blob as
    /// missing, or the answer here is [`Unlinking::Needed`]. Readers see the link until it is gone.
    async fn remove(&self, repository: &RepositoryName, digest: &Digest) -> Result<Unlinking, StoreError>;
}
