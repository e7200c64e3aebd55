//! Bodies of manifests, and the one file that is configuration.

use berth_protocol::limits::MAX_MANIFEST_BYTES;
use berth_protocol::{Digest, RepositoryName};
use berth_registry::StoreError;
use bytes::Bytes;

use super::{Key, S3};

/// Ten times what a large region has.
const MAX_NETWORKS_BYTES: usize = 256 << 10;

impl S3 {
    pub(crate) async fn networks(&self) -> Result<Option<String>, StoreError> {
        let Some(object) = self.get_object(Key::Networks, None, None).await? else { return Ok(None) };
        let text = object.collect(MAX_NETWORKS_BYTES).await?;
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }

    pub(crate) async fn manifest_body(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Option<Bytes>, StoreError> {
        match self.get_object(Key::Manifest(repository, digest), None, None).await? {
            Some(object) => object.collect(MAX_MANIFEST_BYTES).await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn put_manifest_body(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        media_type: &str,
        body: Bytes,
    ) -> Result<(), StoreError> {
        self.put_object(Key::Manifest(repository, digest), Some(media_type), Some(digest), body).await
    }
}
