//! Artifacts, tags and accessories as they are shown.

use std::collections::BTreeMap;

use berth_audit::calendar;
use berth_protocol::{Descriptor, Digest, Platform, RepositoryName};
use berth_registry::ports::{Artifact, TaggedManifest};
use serde::Serialize;
use serde_json::{Map, Value};

use super::contents::own_size_bytes;
use super::detail::Detail;
use super::kind::{CHART, IMAGE, Kind};
use super::number_of;
use crate::label::LabelView;
use crate::repository::{self, path_of};

/// Pulls are not written down: as far as is known, nothing was pulled.
const NEVER: &str = "0001-01-01T00:00:00.000Z";

/// What was asked for besides.
#[derive(Debug, Default)]
pub(super) struct Besides<'a> {
    pub(super) tags: Option<Vec<TagView>>,
    pub(super) labels: Option<Vec<LabelView<'a>>>,
    pub(super) accessories: Option<Vec<AccessoryView>>,
}

#[derive(Debug, Serialize)]
pub(super) struct ArtifactView<'a> {
    id: u64,
    #[serde(rename = "type")]
    name: &'a str,
    media_type: &'a str,
    manifest_media_type: &'a str,
    artifact_type: &'a str,
    project_id: u64,
    repository_id: u64,
    repository_name: &'a str,
    digest: &'a Digest,
    size: u64,
    push_time: String,
    pull_time: &'static str,
    extra_attrs: Map<String, Value>,
    annotations: BTreeMap<String, String>,
    references: Option<Vec<ReferenceView>>,
    tags: Option<Vec<TagView>>,
    labels: Option<Vec<LabelView<'a>>>,
    accessories: Option<Vec<AccessoryView>>,
    addition_links: BTreeMap<&'static str, LinkView>,
}

#[derive(Debug, Serialize)]
struct ReferenceView {
    parent_id: u64,
    child_id: u64,
    child_digest: Digest,
    platform: Option<Platform>,
    annotations: BTreeMap<String, String>,
    urls: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LinkView {
    href: String,
    absolute: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct TagView {
    id: u64,
    repository_id: u64,
    artifact_id: u64,
    name: String,
    push_time: String,
    pull_time: &'static str,
    /// There are no rules that make tags immutable yet.
    immutable: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct AccessoryView {
    id: u64,
    artifact_id: u64,
    subject_artifact_id: u64,
    subject_artifact_digest: Digest,
    subject_artifact_repo: String,
    size: u64,
    digest: Digest,
    #[serde(rename = "type")]
    name: &'static str,
    creation_time: String,
}

impl<'a> ArtifactView<'a> {
    pub(super) fn of(
        project_id: u64,
        repository: &'a RepositoryName,
        artifact: &'a Artifact,
        kind: &'a Kind,
        size: u64,
        detail: Detail,
        besides: Besides<'a>,
    ) -> Self {
        let id = number_of(&artifact.digest);
        let references = detail.entries.into_iter().map(|entry| ReferenceView::of(id, entry));
        let references: Vec<ReferenceView> = references.collect();
        Self {
            id,
            name: &kind.name,
            media_type: &kind.media_type,
            manifest_media_type: &artifact.media_type,
            artifact_type: &kind.artifact_type,
            project_id,
            repository_id: repository::number_of(repository),
            repository_name: repository.as_str(),
            digest: &artifact.digest,
            size,
            push_time: calendar::rfc3339(artifact.pushed_at_secs),
            pull_time: NEVER,
            extra_attrs: detail.extra_attrs,
            annotations: detail.annotations,
            addition_links: addition_links(repository, artifact, kind),
            references: Some(references).filter(|references| !references.is_empty()),
            tags: besides.tags,
            labels: besides.labels,
            accessories: besides.accessories,
        }
    }
}

impl ReferenceView {
    fn of(parent_id: u64, entry: Descriptor) -> Self {
        Self {
            parent_id,
            child_id: number_of(&entry.digest),
            child_digest: entry.digest,
            platform: entry.platform,
            annotations: entry.annotations,
            urls: entry.urls,
        }
    }
}

impl TagView {
    pub(super) fn of(repository: &RepositoryName, artifact: &Artifact, tagged: &TaggedManifest) -> Self {
        Self {
            id: number_of(&Digest::sha256(format!("{repository}:{}", tagged.tag).as_bytes())),
            repository_id: repository::number_of(repository),
            artifact_id: number_of(&artifact.digest),
            name: tagged.tag.to_string(),
            push_time: calendar::rfc3339(tagged.pushed_at_secs.unwrap_or(artifact.pushed_at_secs)),
            pull_time: NEVER,
            immutable: false,
        }
    }
}

impl AccessoryView {
    pub(super) fn of(
        repository: &RepositoryName,
        subject: &Digest,
        artifact: &Artifact,
        name: &'static str,
    ) -> Self {
        let id = number_of(&artifact.digest);
        Self {
            id,
            artifact_id: id,
            subject_artifact_id: number_of(subject),
            subject_artifact_digest: subject.clone(),
            subject_artifact_repo: repository.to_string(),
            size: own_size_bytes(artifact),
            digest: artifact.digest.clone(),
            name,
            creation_time: calendar::rfc3339(artifact.pushed_at_secs),
        }
    }
}

/// What `additions.rs` can show.
fn addition_links(
    repository: &RepositoryName,
    artifact: &Artifact,
    kind: &Kind,
) -> BTreeMap<&'static str, LinkView> {
    let has_config = artifact.shape.as_ref().is_some_and(|shape| shape.config_media_type.is_some());
    let names: &[&str] = if kind.is(IMAGE) && has_config {
        &["build_history"]
    } else if kind.is(CHART) {
        &["dependencies", "readme.md", "values.yaml"]
    } else {
        &[]
    };
    let link = |name: &&'static str| {
        let href = format!("{}/artifacts/{}/additions/{name}", path_of(repository), artifact.digest);
        (*name, LinkView { href, absolute: false })
    };
    names.iter().map(link).collect()
}
