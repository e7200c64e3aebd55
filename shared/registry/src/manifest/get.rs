//! Reading manifests (end-3).

use berth_protocol::Reference;
use bytes::Bytes;

use crate::ports::ManifestRecord;
use crate::{Permit, Pull, Registry, StoreError};

impl Registry {
    /// What `reference` names. One read of the database.
    pub async fn head_manifest(
        &self,
        permit: &Permit<Pull>,
        reference: &Reference,
    ) -> Result<Option<ManifestRecord>, StoreError> {
        self.ports.manifest_read.get(permit.repository(), reference).await
    }

    /// The body of a manifest that [`head_manifest`](Self::head_manifest) has found, byte for byte as it was pushed.
    ///
    /// Small manifests come with their record; a large one is one read of S3.
    pub async fn manifest_body(
        &self,
        permit: &Permit<Pull>,
        record: &ManifestRecord,
    ) -> Result<Bytes, StoreError> {
        if let Some(body) = &record.body {
            return Ok(body.clone());
        }
        let body = self.ports.manifest_read.body(permit.repository(), &record.digest).await?;
        body.ok_or_else(|| StoreError::corrupt("GetManifest", "the body of a committed manifest is gone"))
    }
}
