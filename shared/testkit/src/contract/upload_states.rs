//! [`UploadStates`](berth_registry::ports::UploadStates).

#![expect(clippy::similar_names, reason = "ports and parts are what these are called")]

use std::time::Duration;

use berth_protocol::{Algorithm, Hasher};
use berth_registry::Ports;
use berth_registry::ports::{Closed, Part, Saved, Tail, UploadState};

use super::support::{app, nth_digest};
use super::{Clause, World};

const TTL_SECS: u64 = 3600;

/// The first state of an upload, of which only the offset is set.
pub(super) fn fresh_state(ports: &Ports) -> UploadState {
    UploadState {
        id: "upload".to_owned(),
        repository: app(),
        version: 1,
        offset_bytes: 0,
        hasher: Hasher::new(Algorithm::Sha256).save(),
        multipart: None,
        parts: Vec::new(),
        tail: None,
        closed: None,
        expires_at_secs: ports.clock.now_secs() + TTL_SECS,
    }
}

fn full_state(ports: &Ports, parts: u32) -> UploadState {
    let part = |number: u32| Part { number, etag: format!("\"{number:032x}\"") };
    UploadState {
        offset_bytes: u64::from(u32::MAX) + 1,
        hasher: Hasher::new(Algorithm::Sha512).save(),
        multipart: Some("a/name_of.S3~".to_owned()),
        parts: (1..=parts).map(part).collect(),
        tail: Some(Tail { id: "tail".to_owned(), size_bytes: 12 }),
        ..fresh_state(ports)
    }
}

/// An upload that has received nothing has no state.
pub async fn an_upload_without_state_is_none(world: &impl World) -> Clause {
    assert_eq!(world.ports().upload_states.get("upload").await?, None);
    Ok(())
}

/// All fields, by every handle.
pub async fn a_state_reads_back(world: &impl World) -> Clause {
    let ports = world.ports();
    let state = full_state(&ports, 3);
    assert_eq!(ports.upload_states.save(&state).await?, Saved::Saved);
    assert_eq!(world.ports().upload_states.get("upload").await?, Some(state));
    assert_eq!(ports.upload_states.get("uploa").await?, None);
    Ok(())
}

/// Nothing is a value too.
pub async fn a_state_without_anything_reads_back(world: &impl World) -> Clause {
    let ports = world.ports();
    let state = UploadState { hasher: Vec::new(), ..fresh_state(&ports) };
    assert_eq!(ports.upload_states.save(&state).await?, Saved::Saved);
    assert_eq!(ports.upload_states.get("upload").await?, Some(state));
    Ok(())
}

/// Finished and cancelled are told apart, and from open.
pub async fn closed_states_read_back(world: &impl World) -> Clause {
    let ports = world.ports();
    for (n, closed) in
        [Some(Closed::Finished(nth_digest(0))), Some(Closed::Cancelled), None].into_iter().enumerate()
    {
        let state = UploadState { id: format!("upload-{n}"), closed, ..fresh_state(&ports) };
        assert_eq!(ports.upload_states.save(&state).await?, Saved::Saved);
        assert_eq!(ports.upload_states.get(&state.id).await?, Some(state));
    }
    Ok(())
}

/// The second to save a version is told so, and changes nothing.
pub async fn a_version_is_saved_once(world: &impl World) -> Clause {
    let ports = world.ports();
    let (first, second) = (fresh_state(&ports), full_state(&ports, 1));
    assert_eq!(ports.upload_states.save(&first).await?, Saved::Saved);
    assert_eq!(world.ports().upload_states.save(&second).await?, Saved::Conflict);
    assert_eq!(ports.upload_states.get("upload").await?, Some(first));
    Ok(())
}

/// Each save follows the one that it has read.
pub async fn versions_have_no_gaps(world: &impl World) -> Clause {
    let ports = world.ports();
    let version = |version: u64| UploadState { version, ..fresh_state(&ports) };
    for (n, expected) in [
        (2, Saved::Conflict),
        (1, Saved::Saved),
        (3, Saved::Conflict),
        (2, Saved::Saved),
        (1, Saved::Conflict),
        (2, Saved::Conflict),
        (3, Saved::Saved),
    ] {
        assert_eq!(ports.upload_states.save(&version(n)).await?, expected, "version {n}");
    }
    assert_eq!(ports.upload_states.get("upload").await?, Some(version(3)));
    Ok(())
}

/// After its time it is as if it had never been, whether or not a sweeper has come by.
pub async fn a_state_is_forgotten_when_it_expires(world: &impl World) -> Clause {
    let ports = world.ports();
    ports.upload_states.save(&fresh_state(&ports)).await?;
    world.advance(Duration::from_secs(TTL_SECS - 1));
    assert!(ports.upload_states.get("upload").await?.is_some());
    world.advance(Duration::from_secs(2));
    assert_eq!(ports.upload_states.get("upload").await?, None);
    Ok(())
}

/// S3 takes 10,000 parts, and the registry uses them.
pub async fn a_state_with_all_the_parts_there_can_be(world: &impl World) -> Clause {
    let ports = world.ports();
    let state = full_state(&ports, 10_000);
    assert_eq!(ports.upload_states.save(&state).await?, Saved::Saved);
    assert!(ports.upload_states.get("upload").await? == Some(state), "the state differs");
    Ok(())
}
