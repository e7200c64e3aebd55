//! [`BlobRead`](berth_registry::ports::BlobRead) and [`BlobWrite`](berth_registry::ports::BlobWrite).

use berth_protocol::{Algorithm, Digest};
use bytes::Bytes;

use super::support::{content, nth_digest};
use super::{Clause, World};
use crate::build::blob;
use crate::{Random, collect};

/// Reading what is not there is no error.
pub async fn an_absent_blob_is_none(world: &impl World) -> Clause {
    let ports = world.ports();
    assert_eq!(content(&ports, &nth_digest(0)).await?, None);
    assert!(ports.blob_read.open(&nth_digest(0), Some(0..=0)).await?.is_none());
    Ok(())
}

/// What is written is read, by every handle.
pub async fn a_blob_reads_back(world: &impl World) -> Clause {
    let blob = blob("content");
    world.ports().blob_write.put(&blob.digest, blob.content.clone()).await?;
    assert_eq!(content(&world.ports(), &blob.digest).await?, Some(blob.content));
    Ok(())
}

/// A second write succeeds and changes nothing.
pub async fn a_blob_stays_as_it_is(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob("content"));
    ports.blob_write.put(&blob.digest, blob.content.clone()).await?;
    ports.blob_write.put(&blob.digest, blob.content.clone()).await?;
    assert_eq!(content(&ports, &blob.digest).await?, Some(blob.content));
    Ok(())
}

/// Nothing is a content like any other.
pub async fn an_empty_blob_is_a_blob(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob(""));
    ports.blob_write.put(&blob.digest, Bytes::new()).await?;
    assert_eq!(content(&ports, &blob.digest).await?, Some(Bytes::new()));
    Ok(())
}

/// The algorithm is a part of the address.
pub async fn sha512_blobs(world: &impl World) -> Clause {
    let (ports, body) = (world.ports(), Bytes::from_static(b"content"));
    let digest = Digest::of(Algorithm::Sha512, &body);
    ports.blob_write.put(&digest, body.clone()).await?;
    assert_eq!(content(&ports, &digest).await?, Some(body.clone()));
    assert_eq!(content(&ports, &Digest::sha256(&body)).await?, None);
    Ok(())
}

/// A range yields its bytes and no others.
pub async fn ranges(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob("0123456789"));
    ports.blob_write.put(&blob.digest, blob.content.clone()).await?;
    for (range, expected) in
        [(0..=0, "0"), (2..=5, "2345"), (9..=9, "9"), (5..=9, "56789"), (0..=9, "0123456789")]
    {
        let stream = ports.blob_read.open(&blob.digest, Some(range)).await?.expect("the blob is there");
        assert_eq!(collect(stream).await?, expected);
    }
    Ok(())
}

/// Content that no single chunk holds comes whole, and in parts.
pub async fn a_blob_of_many_chunks(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob(Random::new(1).bytes(3_000_001)));
    ports.blob_write.put(&blob.digest, blob.content.clone()).await?;
    assert!(content(&ports, &blob.digest).await? == Some(blob.content.clone()), "the content differs");
    let stream =
        ports.blob_read.open(&blob.digest, Some(999_999..=2_999_999)).await?.expect("the blob is there");
    assert!(collect(stream).await? == blob.content.slice(999_999..3_000_000), "the range differs");
    Ok(())
}
