//! What holds at any time, whatever failed before.

use anyhow::{Context, ensure};
use berth_protocol::{Digest, Manifest, MediaType, Page, Reference, RepositoryName};
use berth_registry::{Authorizer, Caller, OpenAccess};
use berth_testkit::build::Built;

use crate::registry::{TestRegistry, may_pull};

/// Every tag resolves; every manifest that is there, of a tag or among `known`, has its digest and all of its blobs, and
/// each of these reads back with its own digest.
pub async fn check(test: &TestRegistry, known: &[Built]) -> anyhow::Result<()> {
    let permit = OpenAccess.catalog(&Caller::Anonymous).await?;
    for repository in test.registry.list_repositories(&permit, &Page::default()).await?.items {
        let tags = test.registry.list_tags(&may_pull(&repository).await, &Page::default()).await?;
        for tag in tags.context("a repository of the catalog has a list of tags")?.items {
            ensure!(check_manifest(test, &repository, &tag.clone().into()).await?, "{tag} names nothing");
        }
        for manifest in known {
            check_manifest(test, &repository, &manifest.digest.clone().into()).await?;
        }
    }
    Ok(())
}

/// Whether the manifest is there; an error if it is and something is wrong with it.
async fn check_manifest(
    test: &TestRegistry,
    repository: &RepositoryName,
    reference: &Reference,
) -> anyhow::Result<bool> {
    let permit = may_pull(repository).await;
    let Some(record) = test.registry.head_manifest(&permit, reference).await? else { return Ok(false) };
    let body = test.registry.manifest_body(&permit, &record).await?;
    ensure!(Digest::of(record.digest.algorithm(), &body) == record.digest, "{reference} has another body");
    let manifest = Manifest::read(&body, Some(&MediaType::parse(&record.media_type)?))?;
    for needed in manifest.blob_references() {
        let content = test.blob(repository, &needed.digest).await?;
        let content = content.with_context(|| format!("{reference} lacks its blob {}", needed.digest))?;
        ensure!(
            Digest::of(needed.digest.algorithm(), &content) == needed.digest,
            "{} differs",
            needed.digest
        );
    }
    Ok(true)
}
