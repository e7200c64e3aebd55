//! Promotion: from what a client put into S3 to a blob that a repository serves.
//!
//! A client that sends its blob with one PUT is told 201 by the edge, before any function has run. The blob becomes
//! visible either by the S3 event or by the first request that asks for it, whichever comes first; both come here.

use berth_protocol::{Digest, RepositoryName};

use crate::ports::{Link, Promotion};
use crate::{Registry, StoreError};

impl Registry {
    /// The link of a blob; a blob that is only staged so far is promoted on the way.
    ///
    /// One read when the link is there. Called by whoever is allowed to read from `repository`.
    pub(crate) async fn find_link(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Option<Link>, StoreError> {
        match self.ports.link_read.get(repository, digest).await? {
            Some(link) => Ok(Some(link)),
            None => self.promote(repository, digest).await,
        }
    }

    /// Promotes the staged object of `repository` and `digest`, if there is one, and links the blob.
    ///
    /// Idempotent: at least once, in any order, beside itself, beside a pull or a push. Every step can be repeated: the
    /// content is copied before the link names it, and the staged object goes last. Where nothing is staged the link is
    /// read (again): somebody else may have promoted the blob since the caller missed it.
    pub async fn promote(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Option<Link>, StoreError> {
        match self.ports.staging.promote(repository, digest).await? {
            Promotion::Absent => self.ports.link_read.get(repository, digest).await,
            Promotion::Mismatch => {
                tracing::warn!(%repository, %digest, "a staged object does not have the digest it was sent under");
                self.ports.staging.remove(repository, digest).await?;
                Ok(None)
            }
            Promotion::Promoted { size_bytes } => {
                let link = Link { size_bytes };
                self.ports.link_write.put(repository, digest, link).await?;
                self.ports.staging.remove(repository, digest).await?;
                Ok(Some(link))
            }
        }
    }
}
