//! [`UploadData`](berth_registry::ports::UploadData).

#![expect(clippy::similar_names, reason = "ports and parts are what these are called")]

use berth_protocol::Digest;
use berth_registry::ports::{Assembly, Part, Tail, UploadState};
use berth_registry::upload::MIN_PART_BYTES;
use berth_registry::{Ports, StoreError};
use bytes::Bytes;

use super::support::content;
use super::upload_states::fresh_state;
use super::{Clause, World};
use crate::{Random, collect};

const ID: &str = "upload";

/// A part of the least size, and a short last one.
fn bodies() -> [Bytes; 2] {
    let length = usize::try_from(MIN_PART_BYTES).expect("5 MiB fit");
    [Random::new(10).bytes(length), Bytes::from_static(b"the end")]
}

async fn upload(ports: &Ports, bodies: &[Bytes]) -> Result<(String, Vec<Part>), StoreError> {
    let multipart = ports.upload_data.begin(ID).await?;
    let mut parts = Vec::new();
    for (number, body) in (1..).zip(bodies) {
        parts.push(ports.upload_data.put_part(ID, &multipart, number, body.clone()).await?);
    }
    Ok((multipart, parts))
}

async fn joined(ports: &Ports) -> Result<Option<Bytes>, StoreError> {
    match ports.upload_data.open(ID).await? {
        Some(stream) => collect(stream).await.map(Some),
        None => Ok(None),
    }
}

async fn assert_joined(ports: &Ports, bodies: &[Bytes]) -> Clause {
    assert!(joined(ports).await? == Some(bodies.concat().into()), "the content differs");
    Ok(())
}

/// The content is that of the parts, and there is none before they are joined.
pub async fn parts_are_joined_in_order(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let (multipart, parts) = upload(&ports, &bodies).await?;
    assert_eq!(parts.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(joined(&ports).await?, None);
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Joined);
    assert_joined(&world.ports(), &bodies).await
}

/// Parts are sent side by side.
pub async fn parts_may_arrive_in_any_order(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let multipart = ports.upload_data.begin(ID).await?;
    let second = ports.upload_data.put_part(ID, &multipart, 2, bodies[1].clone()).await?;
    let first = ports.upload_data.put_part(ID, &multipart, 1, bodies[0].clone()).await?;
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &[first, second]).await?, Assembly::Joined);
    assert_joined(&ports, &bodies).await
}

/// A part that is sent again takes the place of the first.
pub async fn a_part_may_be_repeated(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let (multipart, mut parts) = upload(&ports, &[bodies[0].clone(), "other".into()]).await?;
    parts[1] = ports.upload_data.put_part(ID, &multipart, 2, bodies[1].clone()).await?;
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Joined);
    assert_joined(&ports, &bodies).await
}

/// Exactly the parts that were named are joined, or nothing is.
pub async fn a_replaced_part_is_lost(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let (multipart, parts) = upload(&ports, &bodies).await?;
    ports.upload_data.put_part(ID, &multipart, 2, "replaced".into()).await?;
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Lost);
    assert_eq!(joined(&ports).await?, None);
    Ok(())
}

/// Nor is anything joined when a part is missing.
pub async fn a_part_that_never_came_is_lost(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let (multipart, mut parts) = upload(&ports, &bodies).await?;
    parts.push(Part { number: 3, etag: parts[1].etag.clone() });
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Lost);
    assert_eq!(joined(&ports).await?, None);
    Ok(())
}

/// After it was discarded, or under another id, there is nothing to join.
pub async fn an_upload_that_never_was_is_lost(world: &impl World) -> Clause {
    let ports = world.ports();
    let (multipart, parts) = upload(&ports, &bodies()).await?;
    ports.upload_data.discard(&state(&ports, Some(&multipart), &parts, None)).await?;
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Lost);
    Ok(())
}

/// A caller that did not hear the answer joins again. S3 itself may have kept the first answer.
pub async fn joining_twice_finds_the_first(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let (multipart, parts) = upload(&ports, &bodies).await?;
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Joined);
    assert_ne!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Lost);
    assert_joined(&ports, &bodies).await
}

/// It becomes a blob, whole.
pub async fn joined_content_is_placed(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let digest = Digest::sha256(&bodies.concat());
    let (multipart, parts) = upload(&ports, &bodies).await?;
    ports.upload_data.assemble(ID, &multipart, &parts).await?;
    assert_eq!(content(&ports, &digest).await?, None);
    ports.upload_data.place(ID, &digest, MIN_PART_BYTES + 7).await?;
    assert!(content(&world.ports(), &digest).await? == Some(bodies.concat().into()), "the content differs");
    Ok(())
}

/// Placing is idempotent, and the blob outlives the upload.
pub async fn placing_twice_succeeds(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let digest = Digest::sha256(&bodies.concat());
    let (multipart, parts) = upload(&ports, &bodies).await?;
    ports.upload_data.assemble(ID, &multipart, &parts).await?;
    ports.upload_data.place(ID, &digest, MIN_PART_BYTES + 7).await?;
    ports.upload_data.place(ID, &digest, MIN_PART_BYTES + 7).await?;
    ports.upload_data.discard(&state(&ports, Some(&multipart), &parts, None)).await?;
    assert!(content(&ports, &digest).await? == Some(bodies.concat().into()), "the content differs");
    Ok(())
}

/// Several tails of one upload are several things.
pub async fn tails_read_back(world: &impl World) -> Clause {
    let ports = world.ports();
    for text in ["one", "other"] {
        ports.upload_data.put_tail(ID, &tail(text), text.into()).await?;
    }
    for text in ["one", "other"] {
        assert_eq!(world.ports().upload_data.tail(ID, &tail(text)).await?, Some(text.into()));
    }
    Ok(())
}

/// Reading what is not there is no error.
pub async fn an_absent_tail_is_none(world: &impl World) -> Clause {
    let ports = world.ports();
    ports.upload_data.put_tail(ID, &tail("one"), "one".into()).await?;
    assert_eq!(ports.upload_data.tail(ID, &tail("other")).await?, None);
    assert_eq!(ports.upload_data.tail("another", &tail("one")).await?, None);
    Ok(())
}

/// Parts or joined content, and the tail.
pub async fn discarding_takes_everything(world: &impl World) -> Clause {
    let (ports, bodies, tail) = (world.ports(), bodies(), tail("tail"));
    let (multipart, parts) = upload(&ports, &bodies).await?;
    ports.upload_data.put_tail(ID, &tail, "tail".into()).await?;
    ports.upload_data.assemble(ID, &multipart, &parts).await?;
    ports.upload_data.discard(&state(&ports, Some(&multipart), &parts, Some(&tail))).await?;
    assert_eq!(joined(&ports).await?, None);
    assert_eq!(ports.upload_data.tail(ID, &tail).await?, None);
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Lost);
    Ok(())
}

/// Also twice, and of an upload that got no further than its state.
pub async fn discarding_nothing_succeeds(world: &impl World) -> Clause {
    let ports = world.ports();
    ports.upload_data.discard(&state(&ports, None, &[], Some(&tail("never")))).await?;
    let (multipart, parts) = upload(&ports, &bodies()).await?;
    for _ in 0..2 {
        ports.upload_data.discard(&state(&ports, Some(&multipart), &parts, None)).await?;
    }
    Ok(())
}

/// Parts of one upload are nothing to another.
pub async fn uploads_do_not_mix(world: &impl World) -> Clause {
    let (ports, bodies) = (world.ports(), bodies());
    let (multipart, parts) = upload(&ports, &bodies).await?;
    let other = ports.upload_data.begin("other").await?;
    let part = ports.upload_data.put_part("other", &other, 1, "other".into()).await?;
    assert_eq!(ports.upload_data.assemble("other", &other, &[part]).await?, Assembly::Joined);
    assert_eq!(ports.upload_data.assemble(ID, &multipart, &parts).await?, Assembly::Joined);
    assert_joined(&ports, &bodies).await
}

fn tail(text: &str) -> Tail {
    Tail { id: text.to_owned(), size_bytes: text.len() as u64 }
}

fn state(ports: &Ports, multipart: Option<&str>, parts: &[Part], tail: Option<&Tail>) -> UploadState {
    UploadState {
        multipart: multipart.map(str::to_owned),
        parts: parts.to_vec(),
        tail: tail.cloned(),
        ..fresh_state(ports)
    }
}
