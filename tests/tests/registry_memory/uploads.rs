//! Uploads in pieces.

use berth_protocol::{Algorithm, ContentRange, Digest};
use berth_registry::upload::{AppendError, FinishError, MIN_PART_BYTES, Session, SessionError, StatusError};
use berth_testkit::build::blob;
use berth_testkit::{Random, broken_stream, stream_of};
use bytes::Bytes;

use crate::registry::{TestRegistry, app, may_push};

const MEBIBYTE: usize = 1024 * 1024;

/// Lengths around those at which an upload changes how it stores things.
const LENGTHS: [usize; 9] = [
    0,
    1,
    1000,
    5 * MEBIBYTE - 1,
    5 * MEBIBYTE,
    8 * MEBIBYTE - 1,
    8 * MEBIBYTE,
    8 * MEBIBYTE + 1,
    17 * MEBIBYTE,
];

/// [blob-visible]
#[tokio::test]
async fn content_arrives_however_it_is_cut() -> anyhow::Result<()> {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let length = if seed % 3 == 0 { random.below(3000) } else { *random.pick(&LENGTHS) };
        let content = random.bytes(length);
        let algorithm = *random.pick(&[Algorithm::Sha256, Algorithm::Sha512]);
        let digest = Digest::of(*random.pick(&[algorithm, algorithm, Algorithm::Sha256]), &content);
        let test = TestRegistry::new();
        let session = test.registry.start_upload(algorithm);
        let rest = append_some(&test, &session, content.clone(), &mut random).await?;
        let (permit, body) = (may_push(&app()).await, stream_of(rest, 1 + random.below(MEBIBYTE)));
        let link = test.registry.finish_upload(&permit, &session, &digest, None, body).await?;
        assert_eq!(link.size_bytes, content.len() as u64, "seed {seed}");
        assert!(test.blob(&app(), &digest).await? == Some(content), "seed {seed}: the content differs");
    }
    Ok(())
}

/// Sends a random number of pieces and returns what is left for the end.
async fn append_some(
    test: &TestRegistry,
    session: &Session,
    mut content: Bytes,
    random: &mut Random,
) -> anyhow::Result<Bytes> {
    let permit = may_push(&app()).await;
    let mut offset_bytes = 0;
    for _ in 0..random.below(6) {
        let piece = content.split_to(random.below(content.len() + 1));
        let piece_bytes = piece.len() as u64;
        let range = range(offset_bytes, piece_bytes).filter(|_| random.chance(50));
        let body = stream_of(piece, 1 + random.below(MEBIBYTE));
        offset_bytes += piece_bytes;
        assert_eq!(test.registry.append_upload(&permit, session, range, body).await?, offset_bytes);
        assert_eq!(test.registry.upload_offset(&permit, session).await?, offset_bytes);
    }
    Ok(content)
}

#[tokio::test]
async fn a_piece_out_of_order_is_refused_and_tells_where_the_upload_stands() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    let (permit, session) = (may_push(&app()).await, test.registry.start_upload(Algorithm::Sha256));
    test.registry.append_upload(&permit, &session, range(0, 5), stream_of("01234".into(), 9)).await?;
    for first in [0, 4, 6] {
        let body = stream_of("abc".into(), 9);
        let refused = test.registry.append_upload(&permit, &session, range(first, 3), body).await;
        assert!(matches!(refused, Err(AppendError::OutOfOrder { offset_bytes: 5 })), "{first}: {refused:?}");
        let body = stream_of("abc".into(), 9);
        let digest = blob("01234abc").digest;
        let refused = test.registry.finish_upload(&permit, &session, &digest, range(first, 3), body).await;
        assert!(matches!(refused, Err(FinishError::OutOfOrder { offset_bytes: 5 })), "{first}: {refused:?}");
    }
    let digest = blob("01234abc").digest;
    test.registry.finish_upload(&permit, &session, &digest, range(5, 3), stream_of("abc".into(), 9)).await?;
    Ok(())
}

#[tokio::test]
async fn a_piece_of_another_length_than_declared_is_refused() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    let (permit, session) = (may_push(&app()).await, test.registry.start_upload(Algorithm::Sha256));
    for declared_bytes in [2, 4] {
        let body = stream_of("abc".into(), 9);
        let refused = test.registry.append_upload(&permit, &session, range(0, declared_bytes), body).await;
        assert!(matches!(refused, Err(AppendError::Length { received_bytes: 3, .. })), "{refused:?}");
    }
    assert_eq!(test.registry.upload_offset(&permit, &session).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_upload_is_resumed_where_its_body_broke_off() -> anyhow::Result<()> {
    for broken_at in [0, 1000, 6 * MEBIBYTE, 9 * MEBIBYTE] {
        let (test, blob) = (TestRegistry::new(), blob(Random::new(1).bytes(10 * MEBIBYTE)));
        let (permit, session) = (may_push(&app()).await, test.registry.start_upload(Algorithm::Sha256));
        let body = broken_stream(blob.content.slice(..broken_at));
        let broken =
            test.registry.append_upload(&permit, &session, range(0, 10 * MEBIBYTE as u64), body).await;
        assert!(matches!(broken, Err(AppendError::Body(_))), "{broken:?}");
        assert_eq!(test.registry.upload_offset(&permit, &session).await?, broken_at as u64);
        let rest = stream_of(blob.content.slice(broken_at..), MEBIBYTE);
        test.registry.append_upload(&permit, &session, None, rest).await?;
        test.registry
            .finish_upload(&permit, &session, &blob.digest, None, stream_of(Bytes::new(), 1))
            .await?;
        assert!(test.blob(&app(), &blob.digest).await? == Some(blob.content), "the content differs");
    }
    Ok(())
}

#[tokio::test]
async fn an_end_that_breaks_off_can_be_sent_again() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("first and last"));
    let (permit, session) = (may_push(&app()).await, test.registry.start_upload(Algorithm::Sha256));
    test.registry.append_upload(&permit, &session, None, stream_of("first ".into(), 9)).await?;
    let body = broken_stream("and".into());
    let broken = test.registry.finish_upload(&permit, &session, &blob.digest, None, body).await;
    assert!(matches!(broken, Err(FinishError::Body(_))), "{broken:?}");
    let body = stream_of("and last".into(), 9);
    test.registry.finish_upload(&permit, &session, &blob.digest, range(6, 8), body).await?;
    assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content));
    Ok(())
}

/// [digest-proven]
#[tokio::test]
async fn content_with_another_digest_does_not_become_a_blob() -> anyhow::Result<()> {
    let min_part_bytes = usize::try_from(MIN_PART_BYTES)?;
    for length in [0, 3, min_part_bytes, 9 * MEBIBYTE] {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            let test = TestRegistry::new();
            let (permit, session) = (may_push(&app()).await, test.registry.start_upload(Algorithm::Sha256));
            let piece = stream_of(Random::new(1).bytes(length), MEBIBYTE);
            test.registry.append_upload(&permit, &session, None, piece).await?;
            let declared = Digest::of(algorithm, b"something else");
            let end = || stream_of("end".into(), 9);
            let refused = test.registry.finish_upload(&permit, &session, &declared, None, end()).await;
            assert!(matches!(refused, Err(FinishError::DigestMismatch { .. })), "{refused:?}");
            assert_eq!(test.blob(&app(), &declared).await?, None);
            assert_eq!(test.memory.upload_objects(), 0, "what has arrived is removed");
            let over = test.registry.finish_upload(&permit, &session, &declared, None, end()).await;
            assert!(matches!(over, Err(FinishError::Session(SessionError::Unknown))), "{over:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn content_sent_at_once_with_another_digest_does_not_become_a_blob() -> anyhow::Result<()> {
    let (test, permit, declared) =
        (TestRegistry::new(), may_push(&app()).await, blob("something else").digest);
    for length in [0, 3, 9 * MEBIBYTE] {
        let body = stream_of(Random::new(1).bytes(length), MEBIBYTE);
        let refused = test.registry.upload_at_once(&permit, &declared, body).await;
        assert!(matches!(refused, Err(FinishError::DigestMismatch { .. })), "{refused:?}");
    }
    assert_eq!(test.blob(&app(), &declared).await?, None);
    assert_eq!(test.memory.upload_objects(), 0);
    Ok(())
}

/// [session-bound]
#[tokio::test]
async fn a_finished_upload_is_over_and_finishing_again_succeeds() -> anyhow::Result<()> {
    for length in [3, 9 * MEBIBYTE] {
        let (test, blob) = (TestRegistry::new(), blob(Random::new(1).bytes(length)));
        let (permit, session) = (may_push(&app()).await, test.registry.start_upload(Algorithm::Sha256));
        test.registry
            .append_upload(&permit, &session, None, stream_of(blob.content.clone(), MEBIBYTE))
            .await?;
        for _ in 0..2 {
            let nothing = stream_of(Bytes::new(), 1);
            let link = test.registry.finish_upload(&permit, &session, &blob.digest, None, nothing).await?;
            assert_eq!(link.size_bytes, length as u64);
        }
        assert_over(&test, &session).await;
        assert_eq!(test.memory.upload_objects(), 0, "what has arrived is removed");
    }
    Ok(())
}

/// [session-bound]
#[tokio::test]
async fn a_cancelled_upload_is_over_and_leaves_nothing() -> anyhow::Result<()> {
    for length in [0, 3, 9 * MEBIBYTE] {
        let (test, content) = (TestRegistry::new(), Random::new(1).bytes(length));
        let (permit, session) = (may_push(&app()).await, test.registry.start_upload(Algorithm::Sha256));
        test.registry.append_upload(&permit, &session, None, stream_of(content, MEBIBYTE)).await?;
        test.registry.cancel_upload(&permit, &session).await?;
        assert_over(&test, &session).await;
        assert_eq!(test.memory.upload_objects(), 0, "what has arrived is removed");
    }
    Ok(())
}

#[tokio::test]
async fn an_upload_that_has_received_nothing_can_be_cancelled() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    let (permit, session) = (may_push(&app()).await, test.registry.start_upload(Algorithm::Sha256));
    assert_eq!(test.registry.upload_offset(&permit, &session).await?, 0);
    test.registry.cancel_upload(&permit, &session).await?;
    assert_over(&test, &session).await;
    Ok(())
}

/// An upload that is over takes no more.
async fn assert_over(test: &TestRegistry, session: &Session) {
    let permit = may_push(&app()).await;
    let offset = test.registry.upload_offset(&permit, session).await;
    assert!(matches!(offset, Err(StatusError::Session(SessionError::Unknown))), "{offset:?}");
    let appended = test.registry.append_upload(&permit, session, None, stream_of("x".into(), 1)).await;
    assert!(matches!(appended, Err(AppendError::Session(SessionError::Unknown))), "{appended:?}");
    let cancelled = test.registry.cancel_upload(&permit, session).await;
    assert!(matches!(cancelled, Err(StatusError::Session(SessionError::Unknown))), "{cancelled:?}");
    let nothing = stream_of(Bytes::new(), 1);
    let finished = test.registry.finish_upload(&permit, session, &blob("other").digest, None, nothing).await;
    assert!(matches!(finished, Err(FinishError::Session(SessionError::Unknown))), "{finished:?}");
}

/// The range of `length` bytes from `first` on; none has no range.
fn range(first: u64, length: u64) -> Option<ContentRange> {
    ContentRange::parse(&format!("{first}-{}", (first + length).checked_sub(1)?))
}
