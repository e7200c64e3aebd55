//! What a repository holds, for whoever looks at it: never on the way of a pull or a push.

use async_trait::async_trait;
use berth_protocol::{Digest, Manifest, RepositoryName, Tag};
use serde::{Deserialize, Serialize};

use super::ListPage;
use crate::StoreError;

/// Where an index says what it is, whose makers knew no `artifactType` yet (CNAB, section 103).
const CNAB_ANNOTATION: &str = "org.opencontainers.artifactType";

/// A manifest as a listing knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The digest it was pushed under.
    pub digest: Digest,
    /// Its media type, as pushed.
    pub media_type: String,
    /// Length of the body.
    pub size_bytes: u64,
    /// When it came into the repository, in seconds since 1970.
    pub pushed_at_secs: u64,
    /// The manifest that it refers to, which need not be there.
    pub subject: Option<Digest>,
    /// What its body says of its kind; `None` for a large manifest that an older version of the registry has written.
    pub shape: Option<Shape>,
}

/// What a listing must know of a body to tell kinds of artifacts apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    /// The media type of its config, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_media_type: Option<String>,
    /// Its artifact type; if it names none, that of its config, and for an index what bundles of CNAB say instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The length of its config and layers together.
    pub content_bytes: u64,
    /// The manifests that it is made of, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Digest>,
}

impl Shape {
    /// That of `manifest`.
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            config_media_type: manifest.config().map(|config| config.media_type.clone()),
            artifact_type: manifest
                .artifact_type()
                .or_else(|| manifest.annotations().get(CNAB_ANNOTATION).map(String::as_str))
                .map(str::to_owned),
            content_bytes: manifest.config().into_iter().chain(manifest.layers()).map(|blob| blob.size).sum(),
            children: manifest.manifest_references().iter().map(|child| child.digest.clone()).collect(),
        }
    }
}

/// A tag of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedManifest {
    /// The manifest.
    pub digest: Digest,
    /// The tag that names it.
    pub tag: Tag,
    /// When it was last pushed under the tag, in seconds since 1970; `None` for one that an older version of the registry has written.
    pub pushed_at_secs: Option<u64>,
}

/// Lists manifests. Each method reads in order of keys; none reads more than it answers, but for what does not count any more.
#[async_trait]
pub trait ArtifactList: Send + Sync {
    /// At most `limit` manifests of `repository`, in order of their digests, after `after` (which need not exist).
    async fn list(
        &self,
        repository: &RepositoryName,
        after: Option<&Digest>,
        limit: usize,
    ) -> Result<ListPage<Artifact>, StoreError>;

    /// One manifest.
    async fn get(&self, repository: &RepositoryName, digest: &Digest)
    -> Result<Option<Artifact>, StoreError>;

    /// At most `limit` tags of all manifests, in order of the digests and then of the tags, after that tag of that manifest.
    async fn tagged(
        &self,
        repository: &RepositoryName,
        after: Option<(&Digest, &Tag)>,
        limit: usize,
    ) -> Result<ListPage<TaggedManifest>, StoreError>;

    /// At most `limit` tags of one manifest, in their order, after `after` (which need not exist).
    async fn tags_of(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        after: Option<&Tag>,
        limit: usize,
    ) -> Result<ListPage<TaggedManifest>, StoreError>;

    /// At most `limit` manifests of the repository that `digest` is a part of, in order of their digests. A manifest that refers to
    /// it as its subject is none.
    async fn parents(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        limit: usize,
    ) -> Result<Vec<Digest>, StoreError>;
}

/// How long the name of a deleted repository or project is kept from those who could not have deleted it.
pub const NAME_RETENTION_SECS: u64 = 180 * 24 * 60 * 60;

/// A repository that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryRecord {
    /// When it was first pushed to, in seconds since 1970.
    pub created_at_secs: u64,
}

/// How removing a repository ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepositoryRemoval {
    /// It does not exist any more.
    Removed,
    /// There is none.
    Absent,
    /// It has manifests. It stands.
    NotEmpty,
    /// It has none, but somebody is pushing one, or a push broke off within the last hour. It stands.
    Busy,
}

/// Repositories as such.
#[async_trait]
pub trait Repositories: Send + Sync {
    /// The repository. One strongly consistent read.
    async fn get(&self, repository: &RepositoryName) -> Result<Option<RepositoryRecord>, StoreError>;

    /// Removes the repository from the catalog, if it has no manifests, and keeps its name for [`NAME_RETENTION_SECS`]: both at once.
    ///
    /// Against a push at the same time: either the push makes the repository anew, or the answer here is `NotEmpty` or `Busy`. A
    /// manifest in a repository that does not exist never comes about. Repeating it after an error is safe.
    async fn remove(&self, repository: &RepositoryName) -> Result<RepositoryRemoval, StoreError>;
}
