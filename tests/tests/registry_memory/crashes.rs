//! A process that dies at any of its calls leaves nothing wrong behind, and whoever repeats the request gets through.

use std::sync::Arc;

use berth_protocol::{Algorithm, ContentRange};
use berth_registry::blob::DeleteBlobError;
use berth_registry::manifest::DeleteManifestError;
use berth_registry::upload::{Session, SessionError, StatusError};
use berth_testkit::build::{Blob, Built, artifact, blob, image};
use berth_testkit::wrap::Stopping;
use berth_testkit::{Random, stream_of};
use bytes::Bytes;

use crate::invariants;
use crate::registry::{TestRegistry, app, may_pull, may_push};

const MEBIBYTE: usize = 1024 * 1024;

/// For every k: `prepare`, then `request` in a process that dies at its k-th call, before or after the call took effect;
/// `check` what that left; then `request` again, which must succeed, and `check` again.
///
/// Returns how many calls an undisturbed request makes.
pub(crate) async fn at_every_call(
    known: &[Built],
    prepare: impl AsyncFn(&TestRegistry) -> anyhow::Result<()>,
    request: impl AsyncFn(&TestRegistry) -> anyhow::Result<()>,
    check: impl AsyncFn(&TestRegistry, bool) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    for k in 1.. {
        for stopping in [Stopping::before(k), Stopping::after(k)] {
            let (test, stopping) = (TestRegistry::new(), Arc::new(stopping));
            prepare(&test).await?;
            let told = request(&test.hooked(stopping.clone())).await;
            if !stopping.has_stopped() {
                told?;
                return Ok(k - 1);
            }
            assert!(told.is_err(), "call {k} failed and the request did not");
            invariants::check(&test, known).await?;
            check(&test, false).await?;
            request(&test).await?;
            invariants::check(&test, known).await?;
            check(&test, true).await?;
        }
    }
    unreachable!("a request makes a finite number of calls")
}

/// [push-atomic]
#[tokio::test]
async fn a_push_shows_everything_or_nothing() -> anyhow::Result<()> {
    let (old, new) = (image().layer("old").build(), image().layer("new").layer("staged").build());
    let signature = artifact(&old, "application/x.signature").annotation("large", "x".repeat(20_000)).build();
    for pushed in [&new, &signature] {
        let prepare = async |test: &TestRegistry| {
            test.push(&app(), &old, &["latest", "kept"]).await?;
            for blob in &pushed.blobs {
                test.memory.stage(&app(), &blob.digest, blob.content.clone());
            }
            Ok(())
        };
        let request = async |test: &TestRegistry| {
            test.put(&app(), pushed, &["latest", "v2"]).await?;
            Ok(())
        };
        let check = async |test: &TestRegistry, is_done: bool| {
            let (latest, added) = (test.target(&app(), "latest").await?, test.target(&app(), "v2").await?);
            let is_visible = test.manifest(&app(), pushed.digest.clone()).await?.is_some();
            assert!(is_visible || !is_done);
            assert_eq!(latest.as_ref(), Some(if is_visible { &pushed.digest } else { &old.digest }));
            assert_eq!(added.as_ref(), is_visible.then_some(&pushed.digest));
            assert_eq!(test.target(&app(), "kept").await?.as_ref(), Some(&old.digest));
            Ok(())
        };
        let known = [old.clone(), pushed.clone()];
        let calls = at_every_call(&known, prepare, request, check).await?;
        let promoted = pushed.blobs.len() - 1;
        assert_eq!(
            calls,
            5 + 3 * promoted,
            "each layer is promoted, linked and removed from the staging area"
        );
    }
    Ok(())
}

/// [delete-atomic]
#[tokio::test]
async fn a_deletion_of_a_manifest_takes_everything_or_nothing() -> anyhow::Result<()> {
    let (image, other) = (image().layer("layer").build(), image().layer("other").build());
    let prepare = async |test: &TestRegistry| {
        test.push(&app(), &other, &["kept"]).await?;
        test.push(&app(), &image, &["one", "two"]).await
    };
    let request = async |test: &TestRegistry| match test.delete(&app(), image.digest.clone()).await {
        Err(DeleteManifestError::Store(error)) => Err(error.into()),
        Ok(()) | Err(DeleteManifestError::Unknown) => Ok(()),
    };
    let check = async |test: &TestRegistry, is_done: bool| {
        let is_visible = test.manifest(&app(), image.digest.clone()).await?.is_some();
        assert!(!(is_visible && is_done));
        for name in ["one", "two"] {
            assert_eq!(test.target(&app(), name).await?.is_some(), is_visible);
        }
        assert!(test.target(&app(), "kept").await?.is_some());
        Ok(())
    };
    at_every_call(&[image.clone(), other.clone()], prepare, request, check).await?;
    Ok(())
}

#[tokio::test]
async fn a_promotion_gets_done() -> anyhow::Result<()> {
    let staged = blob("staged");
    let prepare = async |test: &TestRegistry| {
        test.memory.stage(&app(), &staged.digest, staged.content.clone());
        Ok(())
    };
    let request = async |test: &TestRegistry| {
        test.head_blob(&app(), &staged.digest).await?;
        Ok(())
    };
    let check = async |test: &TestRegistry, _| {
        assert_eq!(
            test.blob(&app(), &staged.digest).await?,
            Some(staged.content.clone()),
            "the edge said 201"
        );
        Ok(())
    };
    at_every_call(&[], prepare, request, check).await?;
    Ok(())
}

#[tokio::test]
async fn a_bad_staged_object_gets_removed() -> anyhow::Result<()> {
    let expected = blob("expected");
    let prepare = async |test: &TestRegistry| {
        test.memory.stage(&app(), &expected.digest, "something else".into());
        Ok(())
    };
    let request = async |test: &TestRegistry| {
        test.head_blob(&app(), &expected.digest).await?;
        Ok(())
    };
    let check = async |test: &TestRegistry, is_done| {
        assert!(!(is_done && test.memory.is_staged(&app(), &expected.digest)));
        assert_eq!(test.blob(&app(), &expected.digest).await?, None);
        Ok(())
    };
    at_every_call(&[], prepare, request, check).await?;
    Ok(())
}

#[tokio::test]
async fn a_deletion_of_a_blob_gets_done_for_good() -> anyhow::Result<()> {
    let staged = blob("staged");
    let prepare = async |test: &TestRegistry| {
        test.memory.stage(&app(), &staged.digest, staged.content.clone());
        Ok(())
    };
    let request = async |test: &TestRegistry| match test.delete_blob(&app(), &staged.digest).await {
        Err(DeleteBlobError::Unknown) | Ok(()) => Ok(()),
        Err(other) => Err(other.into()),
    };
    let check = async |test: &TestRegistry, is_done: bool| {
        assert!(!is_done || test.head_blob(&app(), &staged.digest).await?.is_none());
        Ok(())
    };
    at_every_call(&[], prepare, request, check).await?;
    Ok(())
}

/// What a client does that was sent away with an error: it asks where the upload stands and goes on from there.
struct Client {
    blob: Blob,
    session: Session,
    /// Where its pieces end. What is behind the last one comes with the end.
    ends: Vec<usize>,
}

impl Client {
    async fn upload(&self, test: &TestRegistry) -> anyhow::Result<()> {
        let permit = may_push(&app()).await;
        for &end in &self.ends {
            let offset_bytes = match test.registry.upload_offset(&permit, &self.session).await {
                Err(StatusError::Session(SessionError::Unknown)) => {
                    return self.finish(test, Bytes::new()).await;
                }
                offset => usize::try_from(offset?)?,
            };
            if offset_bytes < end {
                let range = ContentRange::parse(&format!("{offset_bytes}-{}", end - 1));
                let body = stream_of(self.blob.content.slice(offset_bytes..end), MEBIBYTE);
                test.registry.append_upload(&permit, &self.session, range, body).await?;
            }
        }
        let last = self.ends.last().copied().unwrap_or(0);
        self.finish(test, self.blob.content.slice(last..)).await
    }

    async fn finish(&self, test: &TestRegistry, rest: Bytes) -> anyhow::Result<()> {
        let (permit, body) = (may_push(&app()).await, stream_of(rest, MEBIBYTE));
        test.registry.finish_upload(&permit, &self.session, &self.blob.digest, None, body).await?;
        Ok(())
    }
}

#[tokio::test]
async fn an_upload_in_pieces_gets_done() -> anyhow::Result<()> {
    let table: [(Algorithm, usize, &[usize]); 7] = [
        (Algorithm::Sha256, 1000, &[]),
        (Algorithm::Sha512, 1000, &[400, 900]),
        (Algorithm::Sha256, 9 * MEBIBYTE, &[]),
        (Algorithm::Sha256, 7 * MEBIBYTE, &[MEBIBYTE, 7 * MEBIBYTE]),
        (Algorithm::Sha512, 7 * MEBIBYTE, &[6 * MEBIBYTE]),
        (Algorithm::Sha256, 12 * MEBIBYTE, &[6 * MEBIBYTE, 11 * MEBIBYTE]),
        (Algorithm::Sha256, 16 * MEBIBYTE, &[6 * MEBIBYTE, 7 * MEBIBYTE]),
    ];
    for (algorithm, length, ends) in table {
        let blob = blob(Random::new(1).bytes(length));
        // Ids are counted, so a session of another registry is the first session of each.
        let session = TestRegistry::new().registry.start_upload(algorithm);
        let client = Client { blob, session, ends: ends.to_vec() };
        upload_gets_done(&client).await?;
    }
    Ok(())
}

async fn upload_gets_done(client: &Client) -> anyhow::Result<()> {
    let prepare = async |test: &TestRegistry| {
        test.registry.start_upload(Algorithm::Sha256);
        Ok(())
    };
    let check = async |test: &TestRegistry, is_done: bool| {
        let content = test.blob(&app(), &client.blob.digest).await?;
        assert!(content.is_some() || !is_done);
        assert!(content.is_none_or(|content| content == client.blob.content), "the content differs");
        Ok(())
    };
    at_every_call(&[], prepare, async |test: &TestRegistry| client.upload(test).await, check).await?;
    Ok(())
}

/// [retry-safe]
#[tokio::test]
async fn a_whole_push_by_several_processes_gets_done() -> anyhow::Result<()> {
    let image = image().layer("one").layer(Random::new(2).bytes(9 * MEBIBYTE)).build();
    let known = [image.clone()];
    let request = async |test: &TestRegistry| test.push(&app(), &image, &["latest"]).await;
    let check = async |test: &TestRegistry, is_done: bool| {
        let target = test.target(&app(), "latest").await?;
        assert!(target.is_none_or(|target| target == image.digest));
        let record =
            test.registry.head_manifest(&may_pull(&app()).await, &image.digest.clone().into()).await?;
        assert!(record.is_some() || !is_done);
        Ok(())
    };
    at_every_call(&known, async |_: &TestRegistry| Ok(()), request, check).await?;
    Ok(())
}
