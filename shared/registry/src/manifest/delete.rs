//! Deleting manifests and tags (end-9).

use berth_protocol::Reference;

use crate::{Delete, Permit, Registry, StoreError};

/// Why nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteManifestError {
    /// There is no such tag or manifest.
    #[error("there is no such manifest")]
    Unknown,
    /// Storage failed. Repeating the request is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// Deletes a tag alone, or a manifest with all tags that name it.
    pub async fn delete_manifest(
        &self,
        permit: &Permit<Delete>,
        reference: &Reference,
    ) -> Result<(), DeleteManifestError> {
        let port = &self.ports.manifest_delete;
        let deleted = match reference {
            Reference::Tag(tag) => port.delete_tag(permit.repository(), tag).await?,
            Reference::Digest(digest) => port.delete_manifest(permit.repository(), digest).await?,
        };
        if deleted { Ok(()) } else { Err(DeleteManifestError::Unknown) }
    }
}
