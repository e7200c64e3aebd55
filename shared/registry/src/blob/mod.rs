//! Blobs: read, mount, delete. (Uploading is in `upload/`.)

use std::net::IpAddr;
use std::ops::RangeInclusive;

use berth_protocol::{Digest, RepositoryName};

use crate::ports::{Link, Unlinking};
use crate::{ByteStream, Delete, Delivery, Permit, Pull, Push, Registry, StoreError};

/// Where the content of a blob is to be had.
pub enum Download {
    /// Here.
    Stream(ByteStream),
    /// At this address on the same host: a path that is signed and expires.
    Redirect(String),
}

/// Why a blob was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteBlobError {
    /// The repository holds no such blob.
    #[error("the repository holds no such blob")]
    Unknown,
    /// A manifest needs it.
    #[error("manifest {by} needs the blob")]
    Needed {
        /// The digest of such a manifest.
        by: Digest,
    },
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// The blob's link, if the repository may serve the blob. One read.
    pub async fn head_blob(
        &self,
        permit: &Permit<Pull>,
        digest: &Digest,
    ) -> Result<Option<Link>, StoreError> {
        self.find_link(permit.repository(), digest).await
    }

    /// The content of a blob that [`head_blob`](Self::head_blob) has found, or the part that `range` names.
    ///
    /// `viewer` is the caller's address, if the front knows it. No read of the database. `Ok(None)` if the content is gone, which only a broken storage can bring about.
    pub async fn download_blob(
        &self,
        _permit: &Permit<Pull>,
        digest: &Digest,
        range: Option<RangeInclusive<u64>>,
        viewer: Option<IpAddr>,
    ) -> Result<Option<Download>, StoreError> {
        let config = &self.config;
        if config.delivery == Delivery::Stream {
            return Ok(self.ports.blob_read.open(digest, range).await?.map(Download::Stream));
        }
        let url = if config.delivery.is_from_s3(viewer) {
            self.ports.blob_read.address(digest, config.blob_url_ttl_secs).await?
        } else {
            config.signer.blob_path(digest, self.ports.clock.now_secs() + config.blob_url_ttl_secs)
        };
        Ok(Some(Download::Redirect(url)))
    }

    /// Lets the permit's repository serve a blob of `source`'s repository. `Ok(false)` if that one has no such blob.
    pub async fn mount_blob(
        &self,
        permit: &Permit<Push>,
        source: &Permit<Pull>,
        digest: &Digest,
    ) -> Result<bool, StoreError> {
        let Some(link) = self.find_link(source.repository(), digest).await? else {
            return Ok(false);
        };
        self.ports.link_write.put(permit.repository(), digest, link).await?;
        Ok(true)
    }

    /// Takes the blob from the repository. Other repositories that hold it keep it.
    pub async fn delete_blob(&self, permit: &Permit<Delete>, digest: &Digest) -> Result<(), DeleteBlobError> {
        let repository = permit.repository();
        if self.find_link(repository, digest).await?.is_none() {
            return Err(DeleteBlobError::Unknown);
        }
        // A promotion that broke off leaves the staged object behind, and the next miss would bring the blob back.
        self.ports.staging.remove(repository, digest).await?;
        self.unlink(repository, digest).await
    }

    async fn unlink(&self, repository: &RepositoryName, digest: &Digest) -> Result<(), DeleteBlobError> {
        match self.ports.link_write.remove(repository, digest).await? {
            Unlinking::Removed => Ok(()),
            Unlinking::Absent => Err(DeleteBlobError::Unknown),
            Unlinking::Needed { by } => Err(DeleteBlobError::Needed { by }),
        }
    }
}
