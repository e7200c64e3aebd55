//! Pushing, pulling and deleting manifests.

use berth_protocol::{MediaType, Reference};
use berth_registry::manifest::{DeleteManifestError, PutManifest, PutManifestError};
use berth_testkit::build::{Built, artifact, blob, image, index, repository, tag};

use crate::registry::{TestRegistry, app, may_push};

/// [byte-exact] [push-visible]
#[tokio::test]
async fn an_image_is_pulled_as_it_was_pushed() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().layer("one").layer("two").layer("one").build());
    test.push(&app(), &image, &["latest", "v1"]).await?;
    for name in ["latest", "v1"] {
        assert_eq!(test.manifest(&app(), tag(name)).await?, Some(image.body.clone()));
    }
    assert_eq!(test.manifest(&app(), image.digest.clone()).await?, Some(image.body.clone()));
    for blob in &image.blobs {
        assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content.clone()));
    }
    Ok(())
}

#[tokio::test]
async fn an_index_is_pushed_after_its_children() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    let children = ["amd64", "arm64"].map(|layer| image().layer(layer).build());
    let both = index().child(&children[0]).child(&children[1]).build();
    assert_missing(test.put(&app(), &both, &["latest"]).await, &both);
    for child in &children {
        test.push(&app(), child, &[]).await?;
    }
    test.put(&app(), &both, &["latest"]).await?;
    assert_eq!(test.manifest(&app(), tag("latest")).await?, Some(both.body));
    Ok(())
}

/// [referrers-any-order]
#[tokio::test]
async fn an_artifact_names_its_subject_before_or_after_that_comes() -> anyhow::Result<()> {
    let (test, subject) = (TestRegistry::new(), image().layer("layer").build());
    let signature = artifact(&subject, "application/x.signature").build();
    test.upload_blobs(&app(), &signature).await?;
    let outcome = test.put(&app(), &signature, &[]).await?;
    assert_eq!((outcome.digest, outcome.subject), (signature.digest.clone(), Some(subject.digest.clone())));
    test.push(&app(), &subject, &["latest"]).await?;
    assert_eq!(test.manifest(&app(), signature.digest.clone()).await?, Some(signature.body));
    Ok(())
}

/// [byte-exact]
#[tokio::test]
async fn a_large_manifest_is_pulled_as_it_was_pushed() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().annotation("text", "x".repeat(1_000_000)).build());
    test.push(&app(), &image, &["latest"]).await?;
    assert!(test.manifest(&app(), tag("latest")).await? == Some(image.body), "the body differs");
    Ok(())
}

/// [blobs-present]
#[tokio::test]
async fn a_manifest_whose_blobs_are_missing_is_refused_and_nothing_shows() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().layer("layer").build());
    assert_missing(test.put(&app(), &image, &["latest"]).await, &image);
    test.upload(&app(), &image.blobs[0]).await?;
    let missing = test.put(&app(), &image, &["latest"]).await;
    assert!(
        matches!(missing, Err(PutManifestError::Missing(missing)) if missing == [image.blobs[1].digest.clone()])
    );
    assert_eq!(test.manifest(&app(), image.digest.clone()).await?, None);
    assert_eq!(test.target(&app(), "latest").await?, None);
    Ok(())
}

#[tokio::test]
async fn blobs_of_another_repository_do_not_help() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().layer("layer").build());
    test.push(&repository("other"), &image, &["latest"]).await?;
    assert_missing(test.put(&app(), &image, &["latest"]).await, &image);
    Ok(())
}

#[tokio::test]
async fn staged_blobs_are_promoted_by_the_manifest_that_needs_them() -> anyhow::Result<()> {
    let (test, image) =
        (TestRegistry::new(), (0..40).fold(image(), |image, n| image.layer(format!("{n}"))).build());
    for blob in &image.blobs {
        test.memory.stage(&app(), &blob.digest, blob.content.clone());
    }
    test.put(&app(), &image, &["latest"]).await?;
    for blob in &image.blobs {
        assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content.clone()));
        assert!(!test.memory.is_staged(&app(), &blob.digest));
    }
    Ok(())
}

#[tokio::test]
async fn a_staged_blob_with_other_content_counts_as_missing() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().layer("layer").build());
    for blob in &image.blobs {
        test.memory.stage(&app(), &blob.digest, "something else".into());
    }
    assert_missing(test.put(&app(), &image, &["latest"]).await, &image);
    test.push(&app(), &image, &["latest"]).await
}

#[tokio::test]
async fn the_body_must_have_the_digest_in_the_path() -> anyhow::Result<()> {
    let (test, pushed, other) =
        (TestRegistry::new(), image().layer("one").build(), image().layer("two").build());
    test.upload_blobs(&app(), &pushed).await?;
    let reference = Reference::from(other.digest.clone());
    let request =
        PutManifest { reference: &reference, tags: &[], media_type: None, body: pushed.body.clone() };
    let refused = test.registry.put_manifest(&may_push(&app()).await, request).await;
    assert!(matches!(refused, Err(PutManifestError::DigestMismatch { actual }) if actual == pushed.digest));
    assert_eq!(test.manifest(&app(), pushed.digest.clone()).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_no_manifest_is_refused() {
    let test = TestRegistry::new();
    let reference = Reference::from(tag("latest"));
    for body in ["", "{}", "[]", "no json"] {
        let media_type = Some(&MediaType::OCI_IMAGE_MANIFEST);
        let request = PutManifest { reference: &reference, tags: &[], media_type, body: body.into() };
        let refused = test.registry.put_manifest(&may_push(&app()).await, request).await;
        assert!(matches!(refused, Err(PutManifestError::Invalid(_))), "{body}");
    }
}

#[tokio::test]
async fn a_manifest_can_be_pushed_under_its_sha512() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().layer("layer").build().under_sha512());
    test.push(&app(), &image, &["latest"]).await?;
    assert_eq!(test.target(&app(), "latest").await?, Some(image.digest.clone()));
    assert_eq!(test.manifest(&app(), image.digest).await?, Some(image.body));
    Ok(())
}

#[tokio::test]
async fn pushing_again_changes_nothing_and_moves_tags() -> anyhow::Result<()> {
    let (test, old, new) = (TestRegistry::new(), image().layer("old").build(), image().layer("new").build());
    for image in [&old, &old, &new, &old, &new] {
        test.push(&app(), image, &["latest"]).await?;
        assert_eq!(test.target(&app(), "latest").await?.as_ref(), Some(&image.digest));
    }
    assert_eq!(test.manifest(&app(), old.digest).await?, Some(old.body));
    Ok(())
}

#[tokio::test]
async fn deleting_a_tag_leaves_the_manifest() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().layer("layer").build());
    test.push(&app(), &image, &["one", "other"]).await?;
    test.delete(&app(), tag("one")).await?;
    assert_eq!(test.target(&app(), "one").await?, None);
    assert_eq!(test.target(&app(), "other").await?, Some(image.digest));
    assert!(matches!(test.delete(&app(), tag("one")).await, Err(DeleteManifestError::Unknown)));
    Ok(())
}

/// [delete-visible]
#[tokio::test]
async fn deleting_a_manifest_takes_its_tags_and_frees_its_blobs() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().layer("layer").build());
    test.push(&app(), &image, &["one", "other"]).await?;
    test.delete(&app(), image.digest.clone()).await?;
    assert_eq!(test.target(&app(), "one").await?, None);
    assert!(matches!(test.delete(&app(), image.digest.clone()).await, Err(DeleteManifestError::Unknown)));
    test.delete_blob(&app(), &blob("layer").digest).await?;
    let missing = test.put(&app(), &image, &["one"]).await;
    assert!(matches!(missing, Err(PutManifestError::Missing(missing)) if missing == [blob("layer").digest]));
    test.push(&app(), &image, &["one"]).await
}

/// All that `manifest` needs was missing.
fn assert_missing<T>(result: Result<T, PutManifestError>, manifest: &Built) {
    let Err(PutManifestError::Missing(mut missing)) = result else { panic!("nothing was missing") };
    let mut needs = manifest.needs();
    missing.sort();
    needs.sort();
    assert_eq!(missing, needs);
}
