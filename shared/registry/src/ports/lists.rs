//! Listings: always a query in key order, never a scan.

use async_trait::async_trait;
use berth_protocol::{Descriptor, Digest, RepositoryName, Tag};

use crate::StoreError;

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage<T> {
    /// The entries, in byte order of their names.
    pub items: Vec<T>,
    /// Whether more entries follow the last one.
    pub more: bool,
}

/// Lists tags.
#[async_trait]
pub trait TagList: Send + Sync {
    /// At most `limit` tags after `after` (which need not exist). `Ok(None)` if the repository does not exist.
    async fn list(
        &self,
        repository: &RepositoryName,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Option<ListPage<Tag>>, StoreError>;
}

/// Lists repositories.
#[async_trait]
pub trait RepositoryList: Send + Sync {
    /// At most `limit` repositories after `after` (which need not exist).
    async fn list(&self, after: Option<&str>, limit: usize) -> Result<ListPage<RepositoryName>, StoreError>;
}

/// Lists referrers.
#[async_trait]
pub trait ReferrerList: Send + Sync {
    /// At most `limit` manifests of `repository` whose subject is `subject`, in order of their digests, after `after`.
    ///
    /// The subject need not exist. A page may be shorter than `limit` although `more` follow (pages are bounded in bytes).
    async fn list(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ListPage<Descriptor>, StoreError>;
}
