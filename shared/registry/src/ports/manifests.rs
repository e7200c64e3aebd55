//! Manifests and tags: read on every pull, written by one commit per push.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use berth_protocol::{Descriptor, Digest, Reference, RepositoryName, Tag};
use bytes::Bytes;

use super::Link;
use crate::StoreError;

/// What a pull needs to know of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRecord {
    /// The digest it was pushed under.
    pub digest: Digest,
    /// Its media type, as pushed.
    pub media_type: String,
    /// Length of the body.
    pub size_bytes: u64,
    /// The body, byte for byte, if it is small; else see [`ManifestRead::body`].
    pub body: Option<Bytes>,
}

/// Reads manifests.
#[async_trait]
pub trait ManifestRead: Send + Sync {
    /// The manifest that `reference` names. One strongly consistent read, for a tag as for a digest.
    async fn get(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<Option<ManifestRecord>, StoreError>;

    /// The body of a manifest whose record does not carry it.
    async fn body(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<Bytes>, StoreError>;
}

/// What a push must know before it commits.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The manifest that is being pushed.
    pub manifest: &'a Digest,
    /// Blobs that it needs.
    pub blobs: &'a [Digest],
    /// Manifests that it needs.
    pub children: &'a [Digest],
    /// Tags that will name it.
    pub tags: &'a [Tag],
}

/// The state of a repository as far as one push is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The manifest itself, if it is there already.
    pub manifest: Option<SurveyedManifest>,
    /// The wanted blobs that the repository may serve. A blob that is just being deleted is not among them.
    pub links: BTreeMap<Digest, Link>,
    /// The wanted children that are there.
    pub children: BTreeSet<Digest>,
    /// Where the wanted tags point now.
    pub tags: BTreeMap<Tag, Digest>,
    /// Whether the repository exists.
    pub repository_exists: bool,
    /// Until when its name is kept, in seconds since 1970, if there was such a repository and it was removed
    /// ([`Repositories::remove`](super::Repositories::remove)). `None` for one that is there, and once that time has come.
    pub kept_until_secs: Option<u64>,
}

/// A manifest that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedManifest {
    /// The push that made it. A manifest that was deleted and pushed anew has another one.
    pub push_id: String,
}

/// A tag and where it points before the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagMove {
    /// The tag.
    pub tag: Tag,
    /// What the survey saw; the commit fails if it is something else by now.
    pub from: Option<Digest>,
}

/// Everything that becomes visible at once when a manifest is pushed.
#[derive(Debug, Clone)]
pub struct Commit<'a> {
    /// The manifest.
    pub record: &'a ManifestRecord,
    /// The push that made the manifest that the survey saw; `None` for a new manifest.
    pub made_by: Option<&'a str>,
    /// The push that wrote the edges (see [`ManifestWrite::put_edges`]); kept with a new manifest.
    pub push_id: &'a str,
    /// The tags that shall name it, at most [`MAX_TAGS_PER_PUSH`](berth_protocol::limits::MAX_TAGS_PER_PUSH).
    pub tags: &'a [TagMove],
    /// The manifest's subject, and the descriptor to list among the subject's referrers.
    pub referrer: Option<(&'a Digest, &'a Descriptor)>,
    /// Whether to add the repository to the catalog.
    pub new_repository: bool,
    /// The number of the project that the repository belongs to. The commit happens only if that record of the project
    /// exists which [`project_record`] names for the push. `None` asks for no project.
    pub project: Option<u64>,
}

/// The partition of the records that say which projects exist.
pub const PROJECT_PARTITION: &str = "project-exists";
/// How many such records a project has, which come and go together. A commit looks at one of them: were there only one, pushes
/// into one project at the same time would be in each other's way.
const PROJECT_RECORDS: u64 = 16;

/// The sort key of the record that the commit of a push looks at.
pub fn project_record(project: u64, push_id: &str) -> String {
    let sum = push_id.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("{project:020}#{:02}", sum % PROJECT_RECORDS)
}

/// The sort keys of all records of a project.
pub fn project_records(project: u64) -> impl Iterator<Item = String> {
    (0..PROJECT_RECORDS).map(move |record| format!("{project:020}#{record:02}"))
}

/// How a commit or a deletion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commitment {
    /// All of it is visible.
    Committed,
    /// Somebody else changed what the survey saw. Nothing happened: survey again.
    Conflict,
    /// The project of the repository does not exist any more. Nothing happened. Only a commit into a project ends so.
    ProjectGone,
}

/// Writes manifests.
#[async_trait]
pub trait ManifestWrite: Send + Sync {
    /// Reads all that the push must know, strongly consistent for each item (not one snapshot of all).
    async fn survey(&self, repository: &RepositoryName, wanted: Wanted<'_>) -> Result<Survey, StoreError>;

    /// Stores the body. Visible to nobody until a commit. Idempotent.
    async fn put_body(
        &self,
        repository: &RepositoryName,
        record: &ManifestRecord,
        body: Bytes,
    ) -> Result<(), StoreError>;

    /// Notes that `parent`, as pushed by `push_id`, needs `needs`. Visible to nobody, but from now on
    /// [`LinkWrite::remove`](super::LinkWrite::remove) refuses these blobs. Idempotent; not atomic.
    ///
    /// Must come before the survey on which the commit rests: that is what makes a deletion and a push notice each other.
    async fn put_edges(
        &self,
        repository: &RepositoryName,
        parent: &Digest,
        needs: &[Digest],
        push_id: &str,
    ) -> Result<(), StoreError>;

    /// Makes the manifest, its tags, its referrer entry and the repository visible: all at once or nothing.
    ///
    /// After an error that may have happened, committing again answers `Conflict`, `Committed` or `ProjectGone`, never
    /// damage.
    async fn commit(&self, repository: &RepositoryName, commit: Commit<'_>)
    -> Result<Commitment, StoreError>;
}

/// Deletes manifests and tags.
#[async_trait]
pub trait ManifestDelete: Send + Sync {
    /// Removes the tag alone. `Ok(false)` if there is none. Atomic.
    async fn delete_tag(&self, repository: &RepositoryName, tag: &Tag) -> Result<bool, StoreError>;

    /// Removes the manifest with all tags that name it and its referrer entry. `Ok(false)` if there is none.
    ///
    /// The manifest and its last tags go at once; of more than 40 tags the first go earlier, while the manifest still
    /// stands. A push of the same manifest at the same time happens wholly before or wholly after.
    async fn delete_manifest(&self, repository: &RepositoryName, digest: &Digest)
    -> Result<bool, StoreError>;
}
