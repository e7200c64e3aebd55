//! Whole artifacts and repositories: copied, tagged, deleted; also by processes that die on the way.

use berth_protocol::{Digest, RepositoryName};
use berth_registry::artifact::{CreateTagError, DeleteArtifactError};
use berth_registry::ports::RepositoryRemoval;
use berth_testkit::build::{Built, artifact, image, index, repository, tag};

use crate::crashes::at_every_call;
use crate::registry::{TestRegistry, app, may_delete, may_pull, may_push};

fn copy() -> RepositoryName {
    repository("team/copy")
}

/// An index of two images, with a signature of its own and one of an image; what is needed goes first.
fn signed() -> [Built; 5] {
    let (amd, arm) = (image().layer("amd").build(), image().layer("arm").build());
    let all = index().child(&amd).child(&arm).build();
    let signature = artifact(&all, "application/x.signature").build();
    let of_image = artifact(&amd, "application/x.signature").annotation("large", "x".repeat(20_000)).build();
    [amd, arm, all, signature, of_image]
}

async fn push_signed(test: &TestRegistry) -> anyhow::Result<()> {
    for manifest in signed() {
        let tags: &[&str] = if manifest.children.is_empty() { &[] } else { &["v1"] };
        test.push(&app(), &manifest, tags).await?;
    }
    Ok(())
}

/// [push-atomic] Nobody sees an index without the images that it lists.
#[tokio::test]
async fn a_copy_is_whole_or_not_there() -> anyhow::Result<()> {
    let [amd, arm, all, signature, of_image] = signed();
    let request = async |test: &TestRegistry| {
        let (to, from) = (may_push(&copy()).await, may_pull(&app()).await);
        test.registry.copy_artifact(&to, &from, &all.digest, &[tag("v1"), tag("v2")]).await?;
        Ok(())
    };
    let check = async |test: &TestRegistry, is_done: bool| {
        let is_there = async |manifest: &Built| -> anyhow::Result<bool> {
            Ok(test.manifest(&copy(), manifest.digest.clone()).await?.is_some())
        };
        let is_visible = is_there(&all).await?;
        assert!(is_visible || !is_done);
        for name in ["v1", "v2"] {
            assert_eq!(test.target(&copy(), name).await?.is_some(), is_visible);
        }
        for part in [&amd, &arm] {
            assert!(is_there(part).await? || !is_visible);
        }
        for accessory in [&signature, &of_image] {
            assert!(is_there(accessory).await? || !is_done);
        }
        Ok(())
    };
    at_every_call(&signed(), push_signed, request, check).await?;
    Ok(())
}

/// What is left of an artifact whose deletion broke off stands for itself.
#[tokio::test]
async fn a_deletion_of_an_artifact_begins_with_the_artifact() -> anyhow::Result<()> {
    let [amd, arm, all, signature, of_image] = signed();
    let request = async |test: &TestRegistry| {
        let permit = may_delete(&app()).await;
        for manifest in [&all, &amd, &arm, &signature, &of_image] {
            match test.registry.delete_artifact(&permit, &manifest.digest).await {
                Ok(_) | Err(DeleteArtifactError::Unknown) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    };
    let check = async |test: &TestRegistry, is_done: bool| {
        let is_there = async |manifest: &Built| -> anyhow::Result<bool> {
            Ok(test.manifest(&app(), manifest.digest.clone()).await?.is_some())
        };
        let is_visible = is_there(&all).await?;
        for part in [&amd, &arm, &signature, &of_image] {
            assert!(is_there(part).await? || !is_visible, "parts go after the whole");
            assert!(!(is_there(part).await? && is_done));
        }
        assert_eq!(test.target(&app(), "v1").await?.is_some(), is_visible);
        Ok(())
    };
    at_every_call(&signed(), push_signed, request, check).await?;
    Ok(())
}

#[tokio::test]
async fn an_artifact_goes_with_what_nothing_else_holds() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    push_signed(&test).await?;
    let [amd, arm, all, signature, of_image] = signed();
    test.put(&app(), &arm, &["kept"]).await?;
    let permit = may_delete(&app()).await;
    let refused = test.registry.delete_artifact(&permit, &amd.digest).await;
    assert!(matches!(refused, Err(DeleteArtifactError::Needed { by }) if by == all.digest));
    let mut deleted = test.registry.delete_artifact(&permit, &all.digest).await?;
    assert_eq!(deleted[0], all.digest);
    deleted.sort();
    let mut expected: Vec<Digest> =
        [all, amd, signature, of_image].into_iter().map(|manifest| manifest.digest).collect();
    expected.sort();
    assert_eq!(deleted, expected);
    assert_eq!(test.target(&app(), "kept").await?, Some(arm.digest));
    Ok(())
}

/// [repository-whole] The repository goes last, and whoever repeats the request gets through.
#[tokio::test]
async fn a_repository_is_cleared_and_then_removed() -> anyhow::Result<()> {
    let request = async |test: &TestRegistry| {
        let permit = may_delete(&app()).await;
        let until_secs = u64::MAX;
        assert!(test.registry.clear_repository(&permit, until_secs).await?.is_done);
        let removal = test.registry.remove_repository(&permit).await?;
        assert!(matches!(removal, RepositoryRemoval::Removed | RepositoryRemoval::Absent), "{removal:?}");
        Ok(())
    };
    let check = async |test: &TestRegistry, is_done: bool| {
        let permit = may_pull(&app()).await;
        let is_listed = test.registry.repository(&permit).await?.is_some();
        let is_empty = test.registry.list_artifacts(&permit, None, 1).await?.items.is_empty();
        assert!(is_listed || is_empty);
        assert!(!(is_listed && is_done));
        Ok(())
    };
    at_every_call(&signed(), push_signed, request, check).await?;
    Ok(())
}

/// What does not fit into the time of one request is left to the next.
#[tokio::test]
async fn clearing_ends_in_time() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    for n in 0..150 {
        test.push(&app(), &image().layer(format!("{n}")).build(), &[]).await?;
    }
    let permit = may_delete(&app()).await;
    let first = test.registry.clear_repository(&permit, 0).await?;
    assert!(!first.is_done && first.deleted > 0 && first.deleted < 150, "{first:?}");
    assert_eq!(test.registry.remove_repository(&permit).await?, RepositoryRemoval::NotEmpty);
    let second = test.registry.clear_repository(&permit, u64::MAX).await?;
    assert_eq!((second.is_done, first.deleted + second.deleted), (true, 150));
    assert_eq!(test.registry.remove_repository(&permit).await?, RepositoryRemoval::Removed);
    Ok(())
}

/// Of several that want the same tag one gets it, and it is never taken from him.
#[tokio::test]
async fn a_tag_is_created_once() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    let images: Vec<Built> = (0..6).map(|n| image().layer(format!("{n}")).build()).collect();
    for image in &images {
        test.push(&app(), image, &[]).await?;
    }
    let (permit, stable) = (may_push(&app()).await, tag("stable"));
    let created = images.iter().map(|image| test.registry.create_tag(&permit, &image.digest, &stable));
    let outcomes = futures::future::join_all(created).await;
    let winners: Vec<&Digest> = images
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| outcome.is_ok())
        .map(|(image, _)| &image.digest)
        .collect();
    assert_eq!(winners.len(), 1, "{outcomes:?}");
    assert_eq!(test.target(&app(), "stable").await?.as_ref(), Some(winners[0]));
    for outcome in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(matches!(outcome, CreateTagError::Taken(by) if by == winners[0]), "{outcome:?}");
    }
    let absent = test.registry.create_tag(&permit, &Digest::sha256(b"absent"), &tag("other")).await;
    assert!(matches!(absent, Err(CreateTagError::Unknown)), "{absent:?}");
    Ok(())
}

/// Referrers stay what they are when they are tagged, and go with their subject.
#[tokio::test]
async fn a_tagged_referrer_stays_one() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    push_signed(&test).await?;
    let [_, _, all, signature, _] = signed();
    let permit = may_push(&app()).await;
    test.registry.create_tag(&permit, &signature.digest, &tag("sig")).await?;
    let found = test.registry.artifact(&may_pull(&app()).await, &tag("sig").into()).await?;
    assert_eq!(found.and_then(|found| found.subject), Some(all.digest.clone()));
    test.registry.delete_artifact(&may_delete(&app()).await, &all.digest).await?;
    assert_eq!(test.target(&app(), "sig").await?, None);
    Ok(())
}

#[tokio::test]
async fn a_blob_is_read_whole_or_not_at_all() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    let image = image().layer("x".repeat(5000)).build();
    test.push(&app(), &image, &[]).await?;
    let permit = may_pull(&app()).await;
    let layer = image.blobs.iter().find(|blob| blob.content.len() == 5000).expect("the layer");
    let read = async |max_bytes| test.registry.small_blob(&permit, &layer.digest, max_bytes).await;
    assert_eq!(read(5000).await?.as_ref(), Some(&layer.content));
    assert_eq!(read(4999).await?, None);
    let elsewhere = may_pull(&copy()).await;
    assert_eq!(
        test.registry.small_blob(&elsewhere, &layer.digest, 5000).await?,
        None,
        "not of this repository"
    );
    Ok(())
}
