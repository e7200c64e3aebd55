use berth_protocol::{Digest, Reference, RepositoryName, Tag};
use berth_registry::ports::{Commit, Commitment, Link, ManifestRecord, Survey, TagMove, Wanted};
use berth_registry::{Ports, StoreError};
use bytes::Bytes;

use crate::build::{Built, image, repository, tag};
use crate::collect;

/// The repository of clauses that need but one.
pub(super) fn app() -> RepositoryName {
    repository("team/app")
}

/// Manifests that differ.
pub(super) fn nth_image(n: usize) -> Built {
    image().layer(format!("layer {n}")).build()
}

/// Digests of nothing in particular.
pub(super) fn nth_digest(n: usize) -> Digest {
    Digest::sha256(format!("content {n}").as_bytes())
}

pub(super) fn tags(names: &[&str]) -> Vec<Tag> {
    names.iter().map(|name| tag(name)).collect()
}

pub(super) fn numbered_tags(count: usize) -> Vec<Tag> {
    (0..count).map(|n| tag(&format!("tag-{n:03}"))).collect()
}

/// The whole blob.
pub(super) async fn content(ports: &Ports, digest: &Digest) -> Result<Option<Bytes>, StoreError> {
    match ports.blob_read.open(digest, None).await? {
        Some(stream) => collect(stream).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn named(
    ports: &Ports,
    repository: &RepositoryName,
    reference: impl Into<Reference>,
) -> Result<Option<ManifestRecord>, StoreError> {
    ports.manifest_read.get(repository, &reference.into()).await
}

/// Where the tag points.
pub(super) async fn target(
    ports: &Ports,
    repository: &RepositoryName,
    name: &str,
) -> Result<Option<Digest>, StoreError> {
    Ok(named(ports, repository, tag(name)).await?.map(|record| record.digest))
}

pub(super) async fn link_blobs(
    ports: &Ports,
    repository: &RepositoryName,
    manifest: &Built,
) -> Result<(), StoreError> {
    for blob in &manifest.blobs {
        ports.blob_write.put(&blob.digest, blob.content.clone()).await?;
        let link = Link { size_bytes: blob.content.len() as u64 };
        ports.link_write.put(repository, &blob.digest, link).await?;
    }
    Ok(())
}

pub(super) async fn survey(
    ports: &Ports,
    repository: &RepositoryName,
    manifest: &Built,
    tags: &[Tag],
) -> Result<Survey, StoreError> {
    let wanted = Wanted {
        manifest: &manifest.digest,
        blobs: &manifest.blob_digests(),
        children: &manifest.children,
        tags,
    };
    ports.manifest_write.survey(repository, wanted).await
}

/// Body and edges of a push: all that goes before its last survey.
pub(super) async fn prepare(
    ports: &Ports,
    repository: &RepositoryName,
    manifest: &Built,
    push_id: &str,
) -> Result<(), StoreError> {
    ports.manifest_write.put_body(repository, &manifest.record(), manifest.body.clone()).await?;
    ports.manifest_write.put_edges(repository, &manifest.digest, &manifest.needs(), push_id).await
}

/// Commits as the use case does, on what `survey` saw.
pub(super) async fn commit_on(
    ports: &Ports,
    repository: &RepositoryName,
    manifest: &Built,
    tags: &[Tag],
    survey: &Survey,
    push_id: &str,
) -> Result<Commitment, StoreError> {
    commit_into(ports, repository, None, manifest, tags, survey, push_id).await
}

/// The same, into a project.
pub(super) async fn commit_into(
    ports: &Ports,
    repository: &RepositoryName,
    project: Option<u64>,
    manifest: &Built,
    tags: &[Tag],
    survey: &Survey,
    push_id: &str,
) -> Result<Commitment, StoreError> {
    let from = |tag: &Tag| TagMove { tag: tag.clone(), from: survey.tags.get(tag).cloned() };
    let descriptor = manifest.descriptor();
    let commit = Commit {
        record: &manifest.record(),
        made_by: survey.manifest.as_ref().map(|manifest| manifest.push_id.as_str()),
        push_id,
        tags: &tags.iter().map(from).collect::<Vec<TagMove>>(),
        referrer: manifest.subject.as_ref().map(|subject| (subject, &descriptor)),
        new_repository: !survey.repository_exists,
        project,
    };
    ports.manifest_write.commit(repository, commit).await
}

/// One try to push: like the use case, but with blobs that nobody has proven.
pub(super) async fn try_push(
    ports: &Ports,
    repository: &RepositoryName,
    manifest: &Built,
    tags: &[Tag],
) -> Result<Commitment, StoreError> {
    let push_id = ports.ids.next();
    if survey(ports, repository, manifest, tags).await?.manifest.is_none() {
        prepare(ports, repository, manifest, &push_id).await?;
    }
    let seen = survey(ports, repository, manifest, tags).await?;
    commit_on(ports, repository, manifest, tags, &seen, &push_id).await
}

/// Pushes with nobody else there.
pub(super) async fn push(
    ports: &Ports,
    repository: &RepositoryName,
    manifest: &Built,
    tags: &[Tag],
) -> Result<(), StoreError> {
    let commitment = try_push(ports, repository, manifest, tags).await?;
    assert_eq!(commitment, Commitment::Committed, "nobody else is there");
    Ok(())
}
