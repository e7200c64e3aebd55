//! Staged, mounted and deleted blobs.

use std::net::IpAddr;
use std::sync::Arc;

use berth_protocol::{Algorithm, Digest};
use berth_registry::blob::{DeleteBlobError, Download};
use berth_registry::{Config, Delivery, Networks, Registry};
use berth_testkit::build::{Blob, blob, image, repository};
use berth_testkit::wrap::Stopping;
use berth_testkit::{ManualClock, collect};
use bytes::Bytes;

use crate::registry::{TestRegistry, app, may_pull, signer};

/// [blob-visible]
#[tokio::test]
async fn a_staged_blob_is_promoted_by_whoever_asks_for_it() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("staged"));
    assert_eq!(test.blob(&app(), &blob.digest).await?, None);
    test.memory.stage(&app(), &blob.digest, blob.content.clone());
    assert_eq!(test.blob(&repository("other"), &blob.digest).await?, None);
    assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content.clone()));
    assert!(!test.memory.is_staged(&app(), &blob.digest));
    Ok(())
}

/// [digest-proven]
#[tokio::test]
async fn a_staged_object_with_other_content_is_removed() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("expected"));
    test.memory.stage(&app(), &blob.digest, "something else".into());
    assert_eq!(test.blob(&app(), &blob.digest).await?, None);
    assert!(!test.memory.is_staged(&app(), &blob.digest));
    Ok(())
}

#[tokio::test]
async fn an_event_that_comes_twice_or_late_does_no_harm() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("staged"));
    test.memory.stage(&app(), &blob.digest, blob.content.clone());
    for _ in 0..2 {
        assert!(test.registry.promote(&app(), &blob.digest).await?.is_some());
    }
    assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content.clone()));
    test.delete_blob(&app(), &blob.digest).await?;
    assert!(test.registry.promote(&app(), &blob.digest).await?.is_none());
    assert_eq!(test.blob(&app(), &blob.digest).await?, None);
    Ok(())
}

/// [delete-visible]
#[tokio::test]
async fn a_blob_that_was_deleted_does_not_come_back_from_the_staging_area() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("staged"));
    test.memory.stage(&app(), &blob.digest, blob.content.clone());
    // Promotion makes the link with its third call and dies before it removes the staged object.
    let dying = test.hooked(Arc::new(Stopping::after(3)));
    assert!(dying.head_blob(&app(), &blob.digest).await.is_err());
    assert!(test.memory.is_staged(&app(), &blob.digest));
    test.delete_blob(&app(), &blob.digest).await?;
    assert_eq!(test.blob(&app(), &blob.digest).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_blob_is_mounted_from_a_repository_that_has_it() -> anyhow::Result<()> {
    let (test, blob, other) = (TestRegistry::new(), blob("shared"), repository("other"));
    assert!(!test.mount(&app(), &other, &blob.digest).await?);
    assert_eq!(test.blob(&app(), &blob.digest).await?, None);
    test.upload(&other, &blob).await?;
    assert!(test.mount(&app(), &other, &blob.digest).await?);
    test.delete_blob(&other, &blob.digest).await?;
    assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content));
    Ok(())
}

#[tokio::test]
async fn a_blob_is_mounted_although_it_is_only_staged() -> anyhow::Result<()> {
    let (test, blob, other) = (TestRegistry::new(), blob("staged"), repository("other"));
    test.memory.stage(&other, &blob.digest, blob.content.clone());
    assert!(test.mount(&app(), &other, &blob.digest).await?);
    assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content));
    Ok(())
}

#[tokio::test]
async fn a_blob_is_deleted_unless_a_manifest_needs_it() -> anyhow::Result<()> {
    let (test, image, free) = (TestRegistry::new(), image().layer("layer").build(), blob("free"));
    test.push(&app(), &image, &[]).await?;
    test.upload(&app(), &free).await?;
    test.delete_blob(&app(), &free.digest).await?;
    assert!(matches!(test.delete_blob(&app(), &free.digest).await, Err(DeleteBlobError::Unknown)));
    for digest in image.blob_digests() {
        let refused = test.delete_blob(&app(), &digest).await;
        assert!(matches!(refused, Err(DeleteBlobError::Needed { by }) if by == image.digest));
        assert!(test.blob(&app(), &digest).await?.is_some());
    }
    Ok(())
}

#[tokio::test]
async fn a_range_is_served_as_asked() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("0123456789"));
    test.upload(&app(), &blob).await?;
    let download =
        test.registry.download_blob(&may_pull(&app()).await, &blob.digest, Some(3..=5), None).await?;
    let Some(Download::Stream(stream)) = download else { panic!("this registry streams") };
    assert_eq!(collect(stream).await?, "345");
    Ok(())
}

#[tokio::test]
async fn behind_an_edge_a_download_is_an_address_that_expires() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("content"));
    test.upload(&app(), &blob).await?;
    let registry = Registry::new(test.memory.ports(), Config::new(signer(), Delivery::Edge));
    let download = registry.download_blob(&may_pull(&app()).await, &blob.digest, None, None).await?;
    let Some(Download::Redirect(path)) = download else { panic!("this registry redirects") };
    let expiry = ManualClock::START.as_secs() + 3600;
    assert!(path.starts_with(&format!("/blobs/{}/{expiry}.", blob.digest)), "{path}");
    Ok(())
}

#[tokio::test]
async fn callers_in_the_networks_of_the_region_are_sent_to_s3_and_others_to_the_edge() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("content"));
    test.upload(&app(), &blob).await?;
    let near = Delivery::Auto(Arc::new(Networks::parse("192.0.2.0/24")?));
    let inside: IpAddr = "192.0.2.7".parse()?;
    let outside: IpAddr = "198.51.100.7".parse()?;
    for (delivery, viewer, start) in [
        (&Delivery::S3, None, "memory://"),
        (&near, Some(inside), "memory://"),
        (&near, Some(outside), "/blobs/"),
        (&near, None, "/blobs/"),
        (&Delivery::Edge, Some(inside), "/blobs/"),
    ] {
        let registry = Registry::new(test.memory.ports(), Config::new(signer(), delivery.clone()));
        let download = registry.download_blob(&may_pull(&app()).await, &blob.digest, None, viewer).await?;
        let Some(Download::Redirect(url)) = download else { panic!("this registry redirects") };
        assert!(url.starts_with(start), "{delivery:?} {viewer:?}: {url}");
    }
    Ok(())
}

#[tokio::test]
async fn a_sha512_blob_is_a_blob() -> anyhow::Result<()> {
    let (test, content) = (TestRegistry::new(), Bytes::from_static(b"content"));
    let blob = Blob { digest: Digest::of(Algorithm::Sha512, &content), content };
    test.upload(&app(), &blob).await?;
    assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content));
    Ok(())
}
