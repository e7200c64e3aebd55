//! Deleting an artifact with what belongs to it, and repositories.

use std::collections::VecDeque;

use berth_protocol::Digest;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use crate::ports::{Artifact, RepositoryRemoval};
use crate::{Delete, Permit, Registry, StoreError};

/// With one artifact no more manifests go than these. Others that belonged to it stand for themselves from then on.
const MAX_DELETED: usize = 1000;
/// Referrers that are read at a time.
const REFERRERS_AT_ONCE: usize = 100;
/// Manifests of a repository that are read at a time.
const READ_AT_ONCE: usize = 100;
/// How many manifests are deleted side by side.
const DELETED_AT_ONCE: usize = 8;

/// Why an artifact was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteArtifactError {
    /// There is no such manifest.
    #[error("there is no such manifest")]
    Unknown,
    /// It is a part of another artifact.
    #[error("manifest {by} needs the manifest")]
    Needed {
        /// The digest of such an artifact.
        by: Digest,
    },
    /// Storage failed. Repeating the request is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far the clearing of a repository came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clearing {
    /// How many manifests went.
    pub deleted: usize,
    /// Whether none is left, as far as was seen.
    pub is_done: bool,
}

impl Registry {
    /// Deletes the manifest with its tags; then what it is made of, where that has no tags and is no part of another artifact; and what
    /// refers to any of these. Answers all that went, the manifest first.
    ///
    /// The manifest itself goes at once. If the rest breaks off, what is left of it stands for itself and can be deleted as such.
    pub async fn delete_artifact(
        &self,
        permit: &Permit<Delete>,
        digest: &Digest,
    ) -> Result<Vec<Digest>, DeleteArtifactError> {
        let (port, repository) = (&self.ports.artifacts, permit.repository());
        let artifact = port.get(repository, digest).await?.ok_or(DeleteArtifactError::Unknown)?;
        if let Some(by) = port.parents(repository, digest, 1).await?.pop() {
            return Err(DeleteArtifactError::Needed { by });
        }
        let mut deleted = Vec::new();
        let mut doomed = VecDeque::from([artifact]);
        while let Some(artifact) = doomed.pop_front() {
            // Read before the manifest goes, and with it the only hint to them.
            let referring = self.referrers_of(permit, &artifact.digest).await?;
            if !self.ports.manifest_delete.delete_manifest(repository, &artifact.digest).await? {
                continue;
            }
            deleted.push(artifact.digest);
            if deleted.len() >= MAX_DELETED {
                break;
            }
            doomed.extend(referring);
            for child in artifact.shape.unwrap_or_default().children {
                doomed.extend(self.orphan(permit, &child).await?);
            }
        }
        Ok(deleted)
    }

    /// Deletes manifests of the repository with their tags until none is left or `until_secs` has come. Idempotent: repeating it goes on.
    pub async fn clear_repository(
        &self,
        permit: &Permit<Delete>,
        until_secs: u64,
    ) -> Result<Clearing, StoreError> {
        let repository = permit.repository();
        let mut deleted = 0;
        loop {
            let page = self.ports.artifacts.list(repository, None, READ_AT_ONCE).await?;
            if page.items.is_empty() {
                return Ok(Clearing { deleted, is_done: true });
            }
            let deletions: Vec<_> = page
                .items
                .iter()
                .map(|artifact| {
                    self.ports.manifest_delete.delete_manifest(repository, &artifact.digest).boxed()
                })
                .collect();
            let gone: Vec<bool> =
                stream::iter(deletions).buffer_unordered(DELETED_AT_ONCE).try_collect().await?;
            deleted += gone.into_iter().filter(|is_gone| *is_gone).count();
            if self.ports.clock.now_secs() >= until_secs {
                return Ok(Clearing { deleted, is_done: false });
            }
        }
    }

    /// Removes the repository itself, once it has no manifests.
    pub async fn remove_repository(&self, permit: &Permit<Delete>) -> Result<RepositoryRemoval, StoreError> {
        self.ports.catalog.remove(permit.repository()).await
    }

    /// The manifest `digest`, if nothing holds it any more.
    async fn orphan(&self, permit: &Permit<Delete>, digest: &Digest) -> Result<Option<Artifact>, StoreError> {
        let (port, repository) = (&self.ports.artifacts, permit.repository());
        let is_held = !port.parents(repository, digest, 1).await?.is_empty()
            || !port.tags_of(repository, digest, None, 1).await?.items.is_empty();
        if is_held { Ok(None) } else { port.get(repository, digest).await }
    }

    /// The manifests whose subject is `subject`.
    async fn referrers_of(
        &self,
        permit: &Permit<Delete>,
        subject: &Digest,
    ) -> Result<Vec<Artifact>, StoreError> {
        let repository = permit.repository();
        let mut found: Vec<Artifact> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let list = self.ports.referrers.list(repository, subject, after.as_deref(), REFERRERS_AT_ONCE);
            let page = list.await?;
            after = page.items.last().map(|descriptor| descriptor.digest.to_string());
            for descriptor in page.items {
                found.extend(self.ports.artifacts.get(repository, &descriptor.digest).await?);
            }
            if !page.more || found.len() >= MAX_DELETED {
                return Ok(found);
            }
        }
    }
}
