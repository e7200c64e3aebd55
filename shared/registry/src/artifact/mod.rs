//! What a repository holds, shown and administered: listings, copies, and the deletion of whole artifacts and repositories.

mod copy;
mod delete;
mod tag;

use berth_protocol::{Digest, Reference, Tag};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;

pub use copy::CopyArtifactError;
pub use delete::{Clearing, DeleteArtifactError};
pub use tag::CreateTagError;

use crate::ports::{Artifact, ListPage, RepositoryRecord, TaggedManifest};
use crate::{Permit, Pull, Registry, StoreError};

impl Registry {
    /// The repository, if it exists. One read.
    pub async fn repository(&self, permit: &Permit<Pull>) -> Result<Option<RepositoryRecord>, StoreError> {
        self.ports.catalog.get(permit.repository()).await
    }

    /// A page of the repository's manifests, in order of their digests.
    pub async fn list_artifacts(
        &self,
        permit: &Permit<Pull>,
        after: Option<&Digest>,
        limit: usize,
    ) -> Result<ListPage<Artifact>, StoreError> {
        self.ports.artifacts.list(permit.repository(), after, limit).await
    }

    /// The manifest that `reference` names. One read for a digest, two for a tag.
    pub async fn artifact(
        &self,
        permit: &Permit<Pull>,
        reference: &Reference,
    ) -> Result<Option<Artifact>, StoreError> {
        let repository = permit.repository();
        let digest = match reference {
            Reference::Digest(digest) => digest.clone(),
            Reference::Tag(_) => match self.ports.manifest_read.get(repository, reference).await? {
                Some(record) => record.digest,
                None => return Ok(None),
            },
        };
        self.ports.artifacts.get(repository, &digest).await
    }

    /// A page of the tags of all manifests, in order of the digests and then of the tags.
    pub async fn list_tagged(
        &self,
        permit: &Permit<Pull>,
        after: Option<(&Digest, &Tag)>,
        limit: usize,
    ) -> Result<ListPage<TaggedManifest>, StoreError> {
        self.ports.artifacts.tagged(permit.repository(), after, limit).await
    }

    /// A page of the tags of one manifest, in their order.
    pub async fn list_tags_of(
        &self,
        permit: &Permit<Pull>,
        digest: &Digest,
        after: Option<&Tag>,
        limit: usize,
    ) -> Result<ListPage<TaggedManifest>, StoreError> {
        self.ports.artifacts.tags_of(permit.repository(), digest, after, limit).await
    }

    /// The whole content of a blob that the repository may serve. `Ok(None)` if it has none of that digest, or one of more than
    /// `max_bytes`, of which nothing is read.
    pub async fn small_blob(
        &self,
        permit: &Permit<Pull>,
        digest: &Digest,
        max_bytes: u64,
    ) -> Result<Option<Bytes>, StoreError> {
        const OPERATION: &str = "ReadBlob";
        let link = self.ports.link_read.get(permit.repository(), digest).await?;
        if link.is_none_or(|link| link.size_bytes > max_bytes) {
            return Ok(None);
        }
        let Some(mut stream) = self.ports.blob_read.open(digest, None).await? else { return Ok(None) };
        let mut content = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            content.extend_from_slice(&chunk.map_err(|error| StoreError::corrupt(OPERATION, error))?);
            if content.len() as u64 > max_bytes {
                return Err(StoreError::corrupt(OPERATION, "the blob is longer than its link says"));
            }
        }
        Ok(Some(content.freeze()))
    }
}
