//! Bodies of manifests.

use berth_protocol::limits::MAX_MANIFEST_BYTES;
use berth_protocol::{Digest, RepositoryName};
use berth_registry::StoreError;
use bytes::Bytes;

use super::{Key, S3};

impl S3 {
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
