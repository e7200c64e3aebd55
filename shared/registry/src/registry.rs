//! The registry: ports, settings, and the use cases hung on them.

use std::sync::Arc;

use crate::ports::{
    ArtifactList, BlobRead, BlobWrite, LinkRead, LinkWrite, ManifestDelete, ManifestRead, ManifestWrite,
    ReferrerList, Repositories, RepositoryList, Staging, TagList, UploadData, UploadStates,
};
use crate::upload::Signer;
use crate::{Clock, Delivery, Ids};

/// The registry's use cases. Cheap to clone; built once when a process starts.
#[derive(Clone)]
pub struct Registry {
    pub(crate) ports: Arc<Ports>,
    pub(crate) config: Arc<Config>,
}

/// The storage and the surroundings that the use cases work with.
pub struct Ports {
    /// Verified blobs.
    pub blob_read: Arc<dyn BlobRead>,
    /// Verified blobs.
    pub blob_write: Arc<dyn BlobWrite>,
    /// Objects that clients put straight into S3.
    pub staging: Arc<dyn Staging>,
    /// Which repository holds which blob.
    pub link_read: Arc<dyn LinkRead>,
    /// Which repository holds which blob.
    pub link_write: Arc<dyn LinkWrite>,
    /// Manifests.
    pub manifest_read: Arc<dyn ManifestRead>,
    /// Manifests and tags.
    pub manifest_write: Arc<dyn ManifestWrite>,
    /// Manifests and tags.
    pub manifest_delete: Arc<dyn ManifestDelete>,
    /// Tags.
    pub tags: Arc<dyn TagList>,
    /// Repositories.
    pub repositories: Arc<dyn RepositoryList>,
    /// Referrers.
    pub referrers: Arc<dyn ReferrerList>,
    /// Manifests, for listings.
    pub artifacts: Arc<dyn ArtifactList>,
    /// Whether a repository exists, and its end.
    pub catalog: Arc<dyn Repositories>,
    /// States of uploads in pieces.
    pub upload_states: Arc<dyn UploadStates>,
    /// Content of uploads in pieces.
    pub upload_data: Arc<dyn UploadData>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New names.
    pub ids: Arc<dyn Ids>,
}

/// Settings of the use cases.
#[derive(Debug, Clone)]
pub struct Config {
    /// Signs upload sessions and blob addresses.
    pub signer: Signer,
    /// How blobs reach clients.
    pub delivery: Delivery,
    /// How long an upload session lives.
    pub upload_ttl_secs: u64,
    /// How long a signed blob address lives.
    pub blob_url_ttl_secs: u64,
}

impl Config {
    /// The usual lifetimes: a day for an upload, an hour for a blob address.
    pub fn new(signer: Signer, delivery: Delivery) -> Self {
        Self { signer, delivery, upload_ttl_secs: 24 * 60 * 60, blob_url_ttl_secs: 60 * 60 }
    }
}

impl Registry {
    /// A registry on these ports.
    pub fn new(ports: Ports, config: Config) -> Self {
        Self { ports: Arc::new(ports), config: Arc::new(config) }
    }
}
