//! How many calls a request may cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_protocol::Algorithm;
use berth_testkit::build::{image, tag};
use berth_testkit::wrap::Counting;

use crate::registry::{TestRegistry, app, may_pull};

#[tokio::test]
async fn requests_keep_to_their_budget() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), image().layer("layer").build());
    let counting = Arc::new(Counting::default());
    let counted = test.hooked(counting.clone());

    counted.registry.start_upload(Algorithm::Sha256);
    assert_eq!(counting.take(), calls(&[]), "POST of an upload");

    counted.upload(&app(), &image.blobs[0]).await?;
    assert_eq!(
        counting.take(),
        calls(&[("BlobWrite::put", 1), ("LinkWrite::put", 1)]),
        "upload in one request"
    );

    counted.upload(&app(), &image.blobs[1]).await?;
    counting.take();
    counted.put(&app(), &image, &["latest"]).await?;
    let expected = calls(&[
        ("ManifestWrite::survey", 2),
        ("ManifestWrite::put_body", 1),
        ("ManifestWrite::put_edges", 1),
        ("ManifestWrite::commit", 1),
    ]);
    assert_eq!(counting.take(), expected, "PUT of a new manifest");

    counted.put(&app(), &image, &["latest"]).await?;
    let expected = calls(&[("ManifestWrite::survey", 1), ("ManifestWrite::commit", 1)]);
    assert_eq!(counting.take(), expected, "PUT of the same manifest");

    counted.manifest(&app(), tag("latest")).await?;
    assert_eq!(counting.take(), calls(&[("ManifestRead::get", 1)]), "GET of a manifest");

    counted.registry.head_blob(&may_pull(&app()).await, &image.blobs[0].digest).await?;
    assert_eq!(counting.take(), calls(&[("LinkRead::get", 1)]), "HEAD of a blob");

    counted.blob(&app(), &image.blobs[0].digest).await?;
    assert_eq!(counting.take(), calls(&[("LinkRead::get", 1), ("BlobRead::open", 1)]), "GET of a blob");
    Ok(())
}

fn calls(expected: &[(&'static str, usize)]) -> BTreeMap<&'static str, usize> {
    expected.iter().copied().collect()
}
