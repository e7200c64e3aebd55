//! Pushing a manifest (end-7a, end-7b).
//!
//! The order of the steps is what makes a push atomic (docs/adr/0002). A crash between any two of them leaves nothing
//! visible; only the commit shows anything, and it shows everything:
//!
//! 1. survey: what is there, and where do the tags point;
//! 2. promote blobs that are only staged so far; refuse if one is missing;
//! 3. for a manifest that is new here: write the body and the edges (who needs what), then survey again, so that a blob
//!    which is being deleted meanwhile is noticed either here or there;
//! 4. commit. Whoever loses a race begins again at 1.

use std::time::Duration;

use berth_protocol::{
    Algorithm, Descriptor, Digest, Manifest, ManifestError, MediaType, Reference, RepositoryName, Tag,
};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use crate::ports::{Commit, Commitment, ManifestRecord, Survey, TagMove, Wanted};
use crate::{Permit, Push, Registry, StoreError};

/// How often a push begins again after losing a race, before the client is asked to.
pub(crate) const MAX_ATTEMPTS: u32 = 8;
/// Losers of a race wait up to this long before they begin again; twice as long each time, up to 32 times as long.
const FIRST_PAUSE_MS: u64 = 16;
/// How many staged blobs are promoted at a time.
const PROMOTIONS_AT_ONCE: usize = 8;

/// A manifest as a client sends it.
#[derive(Debug)]
pub struct PutManifest<'a> {
    /// The tag or digest in the path.
    pub reference: &'a Reference,
    /// Tags in the query.
    pub tags: &'a [Tag],
    /// The Content-Type header.
    pub media_type: Option<&'a MediaType>,
    /// The body.
    pub body: Bytes,
}

/// What was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOutcome {
    /// The digest of the body.
    pub digest: Digest,
    /// The digest of the manifest's subject.
    pub subject: Option<Digest>,
    /// Whether the media type has been withdrawn from the OCI image specification.
    pub withdrawn_media_type: bool,
}

/// Why a manifest was not pushed. Nothing of it is visible.
#[derive(Debug, thiserror::Error)]
pub enum PutManifestError {
    /// It cannot be read as a manifest.
    #[error(transparent)]
    Invalid(#[from] ManifestError),
    /// Its digest is another one than the path says.
    #[error("the manifest has digest {actual}")]
    DigestMismatch {
        /// What it has.
        actual: Digest,
    },
    /// The repository lacks blobs or manifests that it needs.
    #[error("the repository lacks {} of the blobs or manifests that it needs", .0.len())]
    Missing(Vec<Digest>),
    /// The project that the repository belongs to was deleted meanwhile.
    #[error("the project of the repository was deleted")]
    ProjectGone,
    /// The repository was deleted, and the caller could not have done that: the name is not free for him yet.
    #[error("the repository was deleted, and its name is kept")]
    NameKept,
    /// Others kept changing the same manifest or tags.
    #[error("too many pushes of the same manifest or tags at once")]
    Contended,
    /// Storage failed. Repeating the request is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One push, read and checked.
struct Incoming<'a> {
    repository: &'a RepositoryName,
    project: Option<u64>,
    may_revive: bool,
    record: ManifestRecord,
    body: Bytes,
    blobs: Vec<Digest>,
    children: Vec<Digest>,
    tags: Vec<Tag>,
    /// The subject, and this manifest as the subject's referrers list it.
    referrer: Option<(Digest, Descriptor)>,
}

impl Registry {
    /// Makes the manifest and its tags visible, all at once or not at all. Idempotent.
    pub async fn put_manifest(
        &self,
        permit: &Permit<Push>,
        request: PutManifest<'_>,
    ) -> Result<PutOutcome, PutManifestError> {
        let incoming = Incoming::read(permit, request)?;
        for attempt in 0..MAX_ATTEMPTS {
            if attempt > 0 {
                self.lose_step(attempt - 1).await;
            }
            match self.try_put(&incoming).await? {
                Commitment::Committed => return Ok(incoming.outcome()),
                Commitment::Conflict => {}
                Commitment::ProjectGone => return Err(PutManifestError::ProjectGone),
            }
        }
        Err(PutManifestError::Contended)
    }

    /// Waits for a time that others who lost the same race do not wait.
    pub(crate) async fn lose_step(&self, attempt: u32) {
        let longest_ms = FIRST_PAUSE_MS << attempt.min(5);
        let chance =
            self.ports.ids.next().bytes().rev().take(4).fold(0, |sum, byte| sum * 16 + u64::from(byte));
        tokio::time::sleep(Duration::from_millis(chance % longest_ms)).await;
    }

    async fn try_put(&self, incoming: &Incoming<'_>) -> Result<Commitment, PutManifestError> {
        let port = &self.ports.manifest_write;
        let mut survey = port.survey(incoming.repository, incoming.wanted()).await?;
        incoming.check_name(&survey)?;
        self.promote_missing(incoming, &mut survey).await?;
        incoming.check_complete(&survey)?;
        let push_id = self.ports.ids.next();
        if survey.manifest.is_none() {
            let (repository, digest) = (incoming.repository, &incoming.record.digest);
            let needs: Vec<Digest> = incoming.blobs.iter().chain(&incoming.children).cloned().collect();
            futures::try_join!(
                port.put_body(repository, &incoming.record, incoming.body.clone()),
                port.put_edges(repository, digest, &needs, &push_id),
            )?;
            survey = port.survey(repository, incoming.wanted()).await?;
            incoming.check_name(&survey)?;
            incoming.check_complete(&survey)?;
        }
        Ok(port
            .commit(incoming.repository, incoming.commit(&survey, &push_id, &incoming.moves(&survey)))
            .await?)
    }

    /// Promotes what the survey missed, and notes what was found.
    async fn promote_missing(&self, incoming: &Incoming<'_>, survey: &mut Survey) -> Result<(), StoreError> {
        let is_missing = |digest: &&Digest| !survey.links.contains_key(*digest);
        let missing: Vec<Digest> = incoming.blobs.iter().filter(is_missing).cloned().collect();
        let promotions: Vec<_> =
            missing.iter().map(|digest| self.promote(incoming.repository, digest).boxed()).collect();
        let links: Vec<_> = stream::iter(promotions).buffered(PROMOTIONS_AT_ONCE).try_collect().await?;
        survey
            .links
            .extend(missing.into_iter().zip(links).filter_map(|(digest, link)| Some((digest, link?))));
        Ok(())
    }
}

impl<'a> Incoming<'a> {
    fn read(permit: &'a Permit<Push>, request: PutManifest<'_>) -> Result<Self, PutManifestError> {
        let manifest = Manifest::read(&request.body, request.media_type)?;
        let (algorithm, named) = match request.reference {
            Reference::Digest(digest) => (digest.algorithm(), Some(digest)),
            Reference::Tag(_) => (Algorithm::Sha256, None),
        };
        let digest = Digest::of(algorithm, &request.body);
        if named.is_some_and(|named| *named != digest) {
            return Err(PutManifestError::DigestMismatch { actual: digest });
        }
        let mut tags = request.tags.to_vec();
        if let Reference::Tag(tag) = request.reference {
            tags.push(tag.clone());
        }
        tags.sort();
        tags.dedup();
        let size_bytes = request.body.len() as u64;
        Ok(Self {
            repository: permit.repository(),
            project: permit.project(),
            may_revive: permit.may_revive(),
            referrer: manifest
                .subject()
                .map(|subject| (subject.digest.clone(), listed_descriptor(&manifest, &digest, size_bytes))),
            record: ManifestRecord {
                digest,
                media_type: manifest.media_type().to_string(),
                size_bytes,
                body: Some(request.body.clone()),
            },
            body: request.body,
            blobs: digests(&manifest.blob_references()),
            children: digests(&manifest.manifest_references()),
            tags,
        })
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            manifest: &self.record.digest,
            blobs: &self.blobs,
            children: &self.children,
            tags: &self.tags,
        }
    }

    /// A push that comes after the removal of its repository sees that here. One that is under way keeps the repository from being removed.
    fn check_name(&self, survey: &Survey) -> Result<(), PutManifestError> {
        let is_kept = survey.kept_until_secs.is_some() && !self.may_revive;
        if is_kept { Err(PutManifestError::NameKept) } else { Ok(()) }
    }

    fn check_complete(&self, survey: &Survey) -> Result<(), PutManifestError> {
        let blobs = self.blobs.iter().filter(|digest| !survey.links.contains_key(*digest));
        let children = self.children.iter().filter(|digest| !survey.children.contains(*digest));
        let missing: Vec<Digest> = blobs.chain(children).cloned().collect();
        if missing.is_empty() { Ok(()) } else { Err(PutManifestError::Missing(missing)) }
    }

    fn moves(&self, survey: &Survey) -> Vec<TagMove> {
        let tag_move = |tag: &Tag| TagMove { tag: tag.clone(), from: survey.tags.get(tag).cloned() };
        self.tags.iter().map(tag_move).collect()
    }

    fn commit<'b>(&'b self, survey: &'b Survey, push_id: &'b str, tags: &'b [TagMove]) -> Commit<'b> {
        Commit {
            record: &self.record,
            made_by: survey.manifest.as_ref().map(|manifest| manifest.push_id.as_str()),
            push_id,
            tags,
            referrer: self.referrer.as_ref().map(|(subject, descriptor)| (subject, descriptor)),
            new_repository: !survey.repository_exists,
            project: self.project,
        }
    }

    fn outcome(&self) -> PutOutcome {
        PutOutcome {
            digest: self.record.digest.clone(),
            subject: self.referrer.as_ref().map(|(subject, _)| subject.clone()),
            withdrawn_media_type: self.record.media_type == MediaType::OCI_ARTIFACT_MANIFEST.as_str(),
        }
    }
}

/// The manifest as an entry of its subject's referrers (distribution-spec, "Listing Referrers").
fn listed_descriptor(manifest: &Manifest, digest: &Digest, size_bytes: u64) -> Descriptor {
    Descriptor {
        artifact_type: manifest.artifact_type().map(str::to_owned),
        annotations: manifest.annotations().clone(),
        media_type: manifest.media_type().to_string(),
        digest: digest.clone(),
        size: size_bytes,
        urls: Vec::new(),
        platform: None,
    }
}

fn digests(descriptors: &[&Descriptor]) -> Vec<Digest> {
    descriptors.iter().map(|descriptor| descriptor.digest.clone()).collect()
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::access::RepositoryAction;
    use crate::{Agreed, Authorizer, Caller, Forbidden};

    /// Allows everything, in this project.
    struct In(Option<u64>);

    #[async_trait]
    impl Authorizer for In {
        async fn check(
            &self,
            _: &Caller,
            _: &RepositoryName,
            _: RepositoryAction,
        ) -> Result<Agreed, Forbidden> {
            Ok(Agreed { project: self.0, may_revive: false })
        }

        async fn check_catalog(&self, _: &Caller) -> Result<(), Forbidden> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn the_commit_names_the_project_of_the_permit() {
        let repository = RepositoryName::parse("team/app").unwrap();
        let reference = Reference::Tag(Tag::parse("latest").unwrap());
        for project in [None, Some(0), Some(7)] {
            let permit = In(project).push(&Caller::Anonymous, &repository).await.unwrap();
            let request = PutManifest {
                reference: &reference,
                tags: &[],
                media_type: Some(&MediaType::OCI_INDEX),
                body: Bytes::from_static(br#"{"schemaVersion":2,"manifests":[]}"#),
            };
            let incoming = Incoming::read(&permit, request).unwrap();
            assert_eq!(incoming.repository, &repository);
            assert_eq!(incoming.commit(&Survey::default(), "push", &[]).project, project);
        }
    }
}
