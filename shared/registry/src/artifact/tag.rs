//! Giving a manifest one more tag, which must be free.

use berth_protocol::{Digest, Reference, Tag};

use crate::manifest::MAX_ATTEMPTS;
use crate::ports::{Commit, Commitment, TagMove, Wanted};
use crate::{Permit, Push, Registry, StoreError};

/// Why there is no such tag now.
#[derive(Debug, thiserror::Error)]
pub enum CreateTagError {
    /// There is no such manifest.
    #[error("there is no such manifest")]
    Unknown,
    /// The tag names a manifest already; it stays where it is.
    #[error("the tag names {0}")]
    Taken(Digest),
    /// The project that the repository belongs to was deleted meanwhile.
    #[error("the project of the repository was deleted")]
    ProjectGone,
    /// Others kept changing the same manifest.
    #[error("too many pushes of the same manifest at once")]
    Contended,
    /// Storage failed. Repeating the request is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// Lets `tag`, which must name nothing, name the manifest. Of several at once one wins; a tag is never moved by this.
    pub async fn create_tag(
        &self,
        permit: &Permit<Push>,
        digest: &Digest,
        tag: &Tag,
    ) -> Result<(), CreateTagError> {
        for attempt in 0..MAX_ATTEMPTS {
            if attempt > 0 {
                self.lose_step(attempt - 1).await;
            }
            match self.try_create_tag(permit, digest, tag).await? {
                Commitment::Committed => return Ok(()),
                Commitment::Conflict => {}
                Commitment::ProjectGone => return Err(CreateTagError::ProjectGone),
            }
        }
        Err(CreateTagError::Contended)
    }

    /// The manifest is there, and with it the edges that hold what it needs: a commit is all that is left of a push.
    async fn try_create_tag(
        &self,
        permit: &Permit<Push>,
        digest: &Digest,
        tag: &Tag,
    ) -> Result<Commitment, CreateTagError> {
        let (ports, repository) = (&self.ports, permit.repository());
        let record = ports.manifest_read.get(repository, &Reference::Digest(digest.clone())).await?;
        let record = record.ok_or(CreateTagError::Unknown)?;
        let tags = std::slice::from_ref(tag);
        let wanted = Wanted { manifest: digest, blobs: &[], children: &[], tags };
        let survey = ports.manifest_write.survey(repository, wanted).await?;
        let manifest = survey.manifest.ok_or(CreateTagError::Unknown)?;
        if let Some(named) = survey.tags.get(tag) {
            return Err(CreateTagError::Taken(named.clone()));
        }
        let commit = Commit {
            record: &record,
            made_by: Some(&manifest.push_id),
            push_id: &ports.ids.next(),
            tags: &[TagMove { tag: tag.clone(), from: None }],
            referrer: None,
            new_repository: !survey.repository_exists,
            project: permit.project(),
        };
        Ok(ports.manifest_write.commit(repository, commit).await?)
    }
}
