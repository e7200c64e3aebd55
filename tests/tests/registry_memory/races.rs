//! Requests at the same time: in many interleavings, and in those that matter most.

use std::sync::Arc;

use berth_protocol::{Algorithm, ContentRange, Digest};
use berth_registry::blob::DeleteBlobError;
use berth_registry::manifest::PutManifestError;
use berth_registry::upload::{AppendError, FinishError, Session};
use berth_testkit::build::{Built, blob, image};
use berth_testkit::wrap::{Gate, Shuffling};
use berth_testkit::{Random, stream_of};
use bytes::Bytes;
use futures::future::{join, join_all, try_join_all};

use crate::invariants;
use crate::registry::{TestRegistry, app, may_push};

const INTERLEAVINGS: u64 = 300;

fn images(count: usize) -> Vec<Built> {
    (0..count).map(|n| image().layer("shared").layer(format!("layer {n}")).build()).collect()
}

/// A registry whose calls interleave as `seed` says.
fn shuffled(seed: u64) -> TestRegistry {
    TestRegistry::new().hooked(Arc::new(Shuffling::new(seed)))
}

/// [tag-last-wins]
#[tokio::test]
async fn pushes_of_one_tag_all_succeed_and_the_tag_names_one_of_them() -> anyhow::Result<()> {
    let images = images(8);
    for seed in 0..INTERLEAVINGS {
        let (test, app) = (shuffled(seed), app());
        try_join_all(images.iter().map(|image| test.push(&app, image, &["latest"]))).await?;
        let target = test.target(&app, "latest").await?;
        assert!(images.iter().any(|image| Some(&image.digest) == target.as_ref()), "seed {seed}");
        for image in &images {
            assert!(test.manifest(&app, image.digest.clone()).await?.is_some(), "seed {seed}");
        }
        invariants::check(&test, &images).await?;
    }
    Ok(())
}

#[tokio::test]
async fn pushes_of_one_manifest_under_many_tags_all_succeed() -> anyhow::Result<()> {
    let images = images(1);
    for seed in 0..INTERLEAVINGS {
        let (test, app) = (shuffled(seed), app());
        test.upload_blobs(&app, &images[0]).await?;
        let names: Vec<String> = (0..8).map(|n| format!("tag-{n}")).collect();
        let tags: Vec<[&str; 1]> = names.iter().map(|name| [name.as_str()]).collect();
        try_join_all(tags.iter().map(|tags| test.put(&app, &images[0], tags))).await?;
        for name in &names {
            assert_eq!(test.target(&app, name).await?.as_ref(), Some(&images[0].digest), "seed {seed}");
        }
    }
    Ok(())
}

/// [blobs-present]
#[tokio::test]
async fn a_push_and_a_deletion_of_its_blob_never_both_succeed() -> anyhow::Result<()> {
    let images = images(1);
    for seed in 0..INTERLEAVINGS {
        let (test, app) = (shuffled(seed), app());
        test.upload_blobs(&app, &images[0]).await?;
        let shared = blob("shared").digest;
        let (pushed, deleted) =
            join(test.put(&app, &images[0], &["latest"]), test.delete_blob(&app, &shared)).await;
        let push_gave_way = matches!(pushed, Err(PutManifestError::Missing(_)));
        let deletion_gave_way = matches!(deleted, Err(DeleteBlobError::Needed { .. }));
        assert!(push_gave_way || pushed.is_ok(), "seed {seed}: {pushed:?}");
        assert!(deletion_gave_way || deleted.is_ok(), "seed {seed}: {deleted:?}");
        assert!(push_gave_way || deletion_gave_way, "seed {seed}: both succeeded");
        invariants::check(&test, &images).await?;
    }
    Ok(())
}

#[tokio::test]
async fn pushes_and_deletions_of_everything_leave_nothing_broken() -> anyhow::Result<()> {
    let images = images(2);
    for seed in 0..INTERLEAVINGS {
        let (test, app) = (shuffled(seed), app());
        test.push(&app, &images[0], &["latest"]).await?;
        let shared = blob("shared").digest;
        let pushing = join_all(images.iter().map(|image| test.push(&app, image, &["latest"])));
        let deleting = async {
            test.delete(&app, images[0].digest.clone()).await.ok();
            test.delete_blob(&app, &shared).await.ok();
        };
        join(join(pushing, deleting), test.upload(&app, &blob("shared"))).await.1?;
        invariants::check(&test, &images).await?;
    }
    Ok(())
}

#[tokio::test]
async fn promotions_beside_pulls_and_a_push_all_succeed() -> anyhow::Result<()> {
    let images = images(1);
    for seed in 0..INTERLEAVINGS {
        let (test, app) = (shuffled(seed), app());
        for blob in &images[0].blobs {
            test.memory.stage(&app, &blob.digest, blob.content.clone());
        }
        let shared = blob("shared");
        let events = join_all((0..2).map(|_| test.registry.promote(&app, &shared.digest)));
        let pulls = join_all((0..4).map(|_| test.blob(&app, &shared.digest)));
        let (pulled, (promoted, pushed)) =
            join(pulls, join(events, test.put(&app, &images[0], &["latest"]))).await;
        for content in pulled {
            assert_eq!(content?, Some(shared.content.clone()), "seed {seed}: the edge had said 201");
        }
        promoted.into_iter().collect::<Result<Vec<_>, _>>()?;
        pushed?;
        invariants::check(&test, &images).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_blob_deleted_before_the_edges_are_written_is_missed_by_the_push() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), images(1).remove(0));
    test.upload_blobs(&app(), &image).await?;
    let (pushed, deleted) = held_at(&test, "ManifestWrite::put_edges", &image).await;
    deleted?;
    assert!(matches!(pushed, Err(PutManifestError::Missing(missing)) if missing == [blob("shared").digest]));
    assert_eq!(test.target(&app(), "latest").await?, None);
    Ok(())
}

#[tokio::test]
async fn a_blob_is_kept_once_the_edges_are_written() -> anyhow::Result<()> {
    let (test, image) = (TestRegistry::new(), images(1).remove(0));
    test.upload_blobs(&app(), &image).await?;
    let (pushed, deleted) = held_at(&test, "ManifestWrite::commit", &image).await;
    pushed?;
    assert!(matches!(deleted, Err(DeleteBlobError::Needed { by }) if by == image.digest));
    invariants::check(&test, &[image]).await
}

/// Pushes `image`, and deletes its shared layer while the push is about to make `call`.
async fn held_at(
    test: &TestRegistry,
    call: &'static str,
    image: &Built,
) -> (Result<(), PutManifestError>, Result<(), DeleteBlobError>) {
    let gate = Arc::new(Gate::at(call));
    let held = test.hooked(gate.clone());
    let deleting = async {
        gate.reached().await;
        let deleted = test.delete_blob(&app(), &blob("shared").digest).await;
        gate.open();
        deleted
    };
    let app = app();
    let (pushed, deleted) = join(held.put(&app, image, &["latest"]), deleting).await;
    (pushed.map(|_| ()), deleted)
}

#[tokio::test]
async fn a_push_that_loses_its_tag_before_the_commit_begins_again() -> anyhow::Result<()> {
    let (test, images) = (TestRegistry::new(), images(2));
    for image in &images {
        test.upload_blobs(&app(), image).await?;
    }
    let gate = Arc::new(Gate::at("ManifestWrite::commit"));
    let held = test.hooked(gate.clone());
    let quicker = async {
        gate.reached().await;
        let pushed = test.put(&app(), &images[1], &["latest"]).await;
        gate.open();
        gate.reached().await;
        gate.open();
        pushed
    };
    let app = app();
    let (slower, quicker) = join(held.put(&app, &images[0], &["latest"]), quicker).await;
    slower?;
    quicker?;
    assert_eq!(test.target(&app, "latest").await?.as_ref(), Some(&images[0].digest), "the last one wins");
    Ok(())
}

/// [upload-once]
#[tokio::test]
async fn of_pieces_for_the_same_place_one_is_taken() -> anyhow::Result<()> {
    for seed in 0..INTERLEAVINGS {
        let test = shuffled(seed);
        let session = test.registry.start_upload(Algorithm::Sha256);
        let pieces = ["one", "two", "six"];
        let appended = join_all(pieces.map(|piece| append(&test, &session, piece.into()))).await;
        let taken: Vec<&str> = pieces
            .into_iter()
            .zip(&appended)
            .filter_map(|(piece, taken)| taken.is_ok().then_some(piece))
            .collect();
        let refused =
            appended.iter().filter(|taken| matches!(taken, Err(AppendError::OutOfOrder { offset_bytes: 3 })));
        assert_eq!((taken.len(), refused.count()), (1, 2), "seed {seed}: {appended:?}");
        let blob = blob(taken[0]);
        finish(&test, &session, &blob.digest, Bytes::new()).await?;
        assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content), "seed {seed}");
    }
    Ok(())
}

async fn append(test: &TestRegistry, session: &Session, piece: Bytes) -> Result<u64, AppendError> {
    let range = ContentRange::parse(&format!("0-{}", piece.len() - 1));
    test.registry.append_upload(&may_push(&app()).await, session, range, stream_of(piece, 100_000)).await
}

async fn finish(
    test: &TestRegistry,
    session: &Session,
    digest: &Digest,
    rest: Bytes,
) -> Result<(), FinishError> {
    let (permit, body) = (may_push(&app()).await, stream_of(rest, 100_000));
    test.registry.finish_upload(&permit, session, digest, None, body).await.map(|_| ())
}

/// The parts of one may take the place of the other's; then nothing may be made of the mixture.
/// [digest-proven]
#[tokio::test]
async fn large_pieces_for_the_same_place_never_become_a_mixture() -> anyhow::Result<()> {
    for seed in 0..40 {
        let test = shuffled(seed);
        let session = test.registry.start_upload(Algorithm::Sha256);
        let first = Random::new(seed).bytes(9_000_000);
        append(&test, &session, first.clone()).await?;
        let ends = [Random::new(seed + 1000).bytes(9_000_000), Random::new(seed + 2000).bytes(9_000_000)];
        let blobs = ends.clone().map(|end| blob([first.clone(), end].concat()));
        let finishing = (0..2).map(|n| finish(&test, &session, &blobs[n].digest, ends[n].clone()));
        let finished = join_all(finishing).await;
        for (blob, finished) in blobs.iter().zip(finished) {
            let content = test.blob(&app(), &blob.digest).await?;
            assert!(content.is_some() || finished.is_err(), "seed {seed}: acknowledged and lost");
            assert!(content.is_none_or(|content| content == blob.content), "seed {seed}: a mixture");
        }
    }
    Ok(())
}

/// [retry-safe]
#[tokio::test]
async fn a_finish_that_is_repeated_before_it_is_answered_makes_one_blob() -> anyhow::Result<()> {
    for seed in 0..40 {
        let (test, blob) = (shuffled(seed), blob(Random::new(seed).bytes(9_000_000)));
        let session = test.registry.start_upload(Algorithm::Sha256);
        append(&test, &session, blob.content.clone()).await?;
        let finishing = (0..2).map(|_| finish(&test, &session, &blob.digest, Bytes::new()));
        let finished = join_all(finishing).await;
        assert!(finished.iter().any(Result::is_ok), "seed {seed}: {finished:?}");
        finish(&test, &session, &blob.digest, Bytes::new()).await?;
        assert!(
            test.blob(&app(), &blob.digest).await? == Some(blob.content),
            "seed {seed}: the content differs"
        );
    }
    Ok(())
}
