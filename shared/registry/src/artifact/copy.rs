//! Copying an artifact from one repository to another, with all that it is made of and all that refers to it.

use std::collections::{HashSet, VecDeque};

use berth_protocol::limits::MAX_TAGS_PER_PUSH;
use berth_protocol::{Digest, Manifest, MediaType, Reference, Tag};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use crate::manifest::{PutManifest, PutManifestError};
use crate::{Permit, Pull, Push, Registry, StoreError};

/// An artifact with more manifests than this is not copied in one request.
const MAX_MANIFESTS: usize = 1000;
/// How many manifests wait for others to be copied first.
const MAX_WAITING: usize = 10 * MAX_MANIFESTS;
/// How many blobs are mounted at a time.
const MOUNTS_AT_ONCE: usize = 8;
/// Referrers that are read at a time.
const REFERRERS_AT_ONCE: usize = 100;

/// Why an artifact was not copied, or not with everything that belongs to it. Repeating the request goes on.
#[derive(Debug, thiserror::Error)]
pub enum CopyArtifactError {
    /// The source has no such manifest.
    #[error("the source has no manifest {0}")]
    Unknown(Digest),
    /// It has more manifests than one request copies.
    #[error("the artifact has more than {MAX_MANIFESTS} manifests")]
    TooLarge,
    /// A manifest could not be pushed.
    #[error(transparent)]
    Put(#[from] PutManifestError),
    /// Storage failed. Repeating the request is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A manifest on its way.
struct Part {
    digest: Digest,
    media_type: MediaType,
    body: Bytes,
    manifest: Manifest,
}

impl Registry {
    /// Puts the manifest `digest` of the source's repository into the permit's repository, under `tags`: first what it is made of, then
    /// the manifest itself, then what refers to any of them. No content moves. Idempotent.
    ///
    /// The artifact is visible at once and whole; what refers to it follows.
    pub async fn copy_artifact(
        &self,
        permit: &Permit<Push>,
        source: &Permit<Pull>,
        digest: &Digest,
        tags: &[Tag],
    ) -> Result<(), CopyArtifactError> {
        let mut done = HashSet::new();
        let mut next = VecDeque::from([digest.clone()]);
        while let Some(root) = next.pop_front() {
            let copied = self
                .copy_tree(permit, source, &root, &mut done, |part| if part == digest { tags } else { &[] });
            for digest in copied.await? {
                next.extend(self.referring(source, &digest).await?);
            }
        }
        Ok(())
    }

    /// The manifest and all that it is made of, each after what it needs. Answers those that were not done yet. No more than one body
    /// is held at a time.
    async fn copy_tree<'a>(
        &self,
        permit: &Permit<Push>,
        source: &Permit<Pull>,
        root: &Digest,
        done: &mut HashSet<Digest>,
        tags: impl Fn(&Digest) -> &'a [Tag] + Send,
    ) -> Result<Vec<Digest>, CopyArtifactError> {
        let mut copied = Vec::new();
        let mut waiting = vec![root.clone()];
        while let Some(digest) = waiting.last() {
            if done.contains(digest) {
                waiting.pop();
                continue;
            }
            let part = self.part(source, digest.clone()).await?;
            let references = part.manifest.manifest_references();
            let needs = references.iter().map(|child| &child.digest).filter(|child| !done.contains(child));
            let needs: Vec<Digest> = needs.cloned().collect();
            if needs.is_empty() {
                self.copy_part(permit, source, &part, tags(&part.digest)).await?;
                done.insert(part.digest.clone());
                copied.push(part.digest);
                waiting.pop();
            } else {
                waiting.extend(needs);
            }
            if done.len() > MAX_MANIFESTS || waiting.len() > MAX_WAITING {
                return Err(CopyArtifactError::TooLarge);
            }
        }
        Ok(copied)
    }

    async fn part(&self, source: &Permit<Pull>, digest: Digest) -> Result<Part, CopyArtifactError> {
        const OPERATION: &str = "CopyArtifact";
        let record = self.head_manifest(source, &Reference::Digest(digest.clone())).await?;
        let Some(record) = record else { return Err(CopyArtifactError::Unknown(digest)) };
        let body = self.manifest_body(source, &record).await?;
        let corrupt = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::corrupt(OPERATION, error);
        let media_type = MediaType::parse(&record.media_type).map_err(|error| corrupt(error.into()))?;
        let manifest = Manifest::read(&body, Some(&media_type)).map_err(|error| corrupt(error.into()))?;
        Ok(Part { digest, media_type, body, manifest })
    }

    async fn copy_part(
        &self,
        permit: &Permit<Push>,
        source: &Permit<Pull>,
        part: &Part,
        tags: &[Tag],
    ) -> Result<(), CopyArtifactError> {
        let blobs: Vec<Digest> =
            part.manifest.blob_references().iter().map(|blob| blob.digest.clone()).collect();
        let mounts: Vec<_> =
            blobs.iter().map(|blob| self.mount_linked(permit, source, blob).boxed()).collect();
        let mounted: Vec<bool> =
            stream::iter(mounts).buffered(MOUNTS_AT_ONCE).try_collect::<Vec<bool>>().await?;
        let missing: Vec<Digest> =
            blobs.into_iter().zip(mounted).filter(|(_, is_there)| !is_there).map(|(blob, _)| blob).collect();
        if !missing.is_empty() {
            return Err(PutManifestError::Missing(missing).into());
        }
        self.tag_body(permit, part.digest.clone(), &part.media_type, &part.body, tags).await?;
        Ok(())
    }

    /// As a mount, but of a blob that a committed manifest needs: nothing of it can be staged alone.
    async fn mount_linked(
        &self,
        permit: &Permit<Push>,
        source: &Permit<Pull>,
        blob: &Digest,
    ) -> Result<bool, StoreError> {
        let Some(link) = self.ports.link_read.get(source.repository(), blob).await? else { return Ok(false) };
        self.ports.link_write.put(permit.repository(), blob, link).await?;
        Ok(true)
    }

    /// Pushes a body under its digest and these tags, a commit for each [`MAX_TAGS_PER_PUSH`] of them.
    async fn tag_body(
        &self,
        permit: &Permit<Push>,
        digest: Digest,
        media_type: &MediaType,
        body: &Bytes,
        tags: &[Tag],
    ) -> Result<(), PutManifestError> {
        let reference = Reference::Digest(digest);
        let (some, others) = tags.split_at(tags.len().min(MAX_TAGS_PER_PUSH));
        for tags in std::iter::once(some).chain(others.chunks(MAX_TAGS_PER_PUSH)) {
            let request =
                PutManifest { reference: &reference, tags, media_type: Some(media_type), body: body.clone() };
            self.put_manifest(permit, request).await?;
        }
        Ok(())
    }

    async fn referring(&self, source: &Permit<Pull>, subject: &Digest) -> Result<Vec<Digest>, StoreError> {
        let mut found: Vec<Digest> = Vec::new();
        loop {
            let after = found.last().map(ToString::to_string);
            let page = self
                .ports
                .referrers
                .list(source.repository(), subject, after.as_deref(), REFERRERS_AT_ONCE)
                .await?;
            found.extend(page.items.into_iter().map(|descriptor| descriptor.digest));
            if !page.more || found.len() > MAX_MANIFESTS {
                return Ok(found);
            }
        }
    }
}
