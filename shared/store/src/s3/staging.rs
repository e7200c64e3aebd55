//! Staged objects: proven, then copied.

use async_trait::async_trait;
use berth_protocol::{Algorithm, Digest, RepositoryName};
use berth_registry::StoreError;
use berth_registry::ports::{Promotion, Staging};

use super::copy::Copied;
use super::object::{Version, checksum};
use super::{Key, S3};
use crate::error::unavailable;

/// How often a promotion begins again because the staged object was replaced under it.
const MAX_ATTEMPTS: u32 = 4;

#[async_trait]
impl Staging for S3 {
    async fn promote(&self, repository: &RepositoryName, digest: &Digest) -> Result<Promotion, StoreError> {
        let staged = Key::Staged(repository, digest);
        for _ in 0..MAX_ATTEMPTS {
            let Some(version) = self.head_object(staged).await? else {
                return Ok(Promotion::Absent);
            };
            match self.has_digest(staged, &version, digest).await? {
                Some(true) => {}
                Some(false) => return Ok(Promotion::Mismatch),
                None => continue,
            }
            let size_bytes = version.size_bytes;
            if self.copy_to_blob(staged, &version, digest).await? == Copied::Done
                || self.has_blob(digest, size_bytes).await?
            {
                return Ok(Promotion::Promoted { size_bytes });
            }
        }
        Err(unavailable("Promote", "the staged object kept being replaced"))
    }

    async fn remove(&self, repository: &RepositoryName, digest: &Digest) -> Result<(), StoreError> {
        self.delete_object(Key::Staged(repository, digest)).await
    }
}

impl S3 {
    /// Whether this version has this digest; `None` if it is gone.
    ///
    /// The edge makes S3 compute the SHA-256 of what it stores, so the object is read only if it came another way or if
    /// the digest is another kind.
    async fn has_digest(
        &self,
        key: Key<'_>,
        version: &Version,
        digest: &Digest,
    ) -> Result<Option<bool>, StoreError> {
        if let (Algorithm::Sha256, Some(sha256)) = (digest.algorithm(), &version.sha256) {
            return Ok(Some(checksum(digest).as_ref() == Some(sha256)));
        }
        match self.get_object(key, None, Some(&version.etag)).await? {
            Some(object) => Ok(Some(object.digest(digest.algorithm()).await? == *digest)),
            None => Ok(None),
        }
    }
}
