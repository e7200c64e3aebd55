//! Promises about calls at the same time, on several ports.

use berth_registry::ports::{Commitment, Link, Saved, Unlinking, UploadState, Wanted};
use berth_registry::{Ports, StoreError};
use futures::future::{try_join, try_join_all, try_join3};

use super::support::{
    app, commit_on, link_blobs, named, nth_digest, nth_image, numbered_tags, prepare, push, survey, tags,
    target, try_push,
};
use super::upload_states::fresh_state;
use super::{Clause, World};
use crate::build::{Built, tag};

const ROUNDS: usize = 20;

/// Of commits that rest on the same survey, one happens.
pub async fn one_of_many_commits_wins(world: &impl World) -> Clause {
    let (ports, latest) = (world.ports(), tags(&["latest"]));
    let images: Vec<Built> = (0..8).map(nth_image).collect();
    let seen = survey(&ports, &app(), &images[0], &latest).await?;
    let app = app();
    let commits = images.iter().map(|image| commit_on(&ports, &app, image, &latest, &seen, "push"));
    let commitments = try_join_all(commits).await?;
    let winners: Vec<_> = (0..8)
        .filter(|&n| commitments[n] == Commitment::Committed)
        .map(|n| images[n].digest.clone())
        .collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(target(&ports, &app, "latest").await?.as_ref(), winners.first());
    for image in &images {
        assert_eq!(
            named(&ports, &app, image.digest.clone()).await?.is_some(),
            winners.contains(&image.digest)
        );
    }
    Ok(())
}

/// Of saves of the same version, one happens.
pub async fn one_of_many_saves_wins(world: &impl World) -> Clause {
    let ports = world.ports();
    let state = |n: u64| UploadState { offset_bytes: n, ..fresh_state(&ports) };
    let states: Vec<UploadState> = (0..8).map(state).collect();
    let saved = try_join_all(states.iter().map(|state| ports.upload_states.save(state))).await?;
    assert_eq!(saved.iter().filter(|saved| **saved == Saved::Saved).count(), 1);
    let winner = saved.iter().position(|saved| *saved == Saved::Saved).map(|n| states[n].clone());
    assert_eq!(ports.upload_states.get(&states[0].id).await?, winner);
    Ok(())
}

/// A push of a manifest beside its deletion: no tag is left that names nothing.
pub async fn pushes_beside_a_deletion(world: &impl World) -> Clause {
    let (ports, image, app) = (world.ports(), nth_image(0), app());
    push(&ports, &app, &image, &tags(&["old"])).await?;
    for _ in 0..ROUNDS {
        let pushing = push_until_committed(&ports, &image, "new");
        let (_, ()) = try_join(ports.manifest_delete.delete_manifest(&app, &image.digest), pushing).await?;
        let is_there = named(&ports, &app, image.digest.clone()).await?.is_some();
        assert_eq!(target(&ports, &app, "new").await?.is_some(), is_there, "the tag names a manifest");
        let listed = ports.tags.list(&app, None, 9).await?.expect("the repository exists");
        assert_eq!(listed.items.contains(&tag("new")), is_there, "the list tells the same");
    }
    Ok(())
}

/// Two pushes of one manifest, and a deletion between their commits: what the second commits is held by its own edges.
pub async fn a_manifest_pushed_twice_at_once_keeps_its_needs(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    link_blobs(&ports, &app(), &image).await?;
    prepare(&ports, &app(), &image, "slow").await?;
    let seen = survey(&ports, &app(), &image, &[]).await?;
    prepare(&ports, &app(), &image, "quick").await?;
    assert_eq!(commit_on(&ports, &app(), &image, &[], &seen, "quick").await?, Commitment::Committed);
    ports.manifest_delete.delete_manifest(&app(), &image.digest).await?;
    if commit_on(&ports, &app(), &image, &[], &seen, "slow").await? == Commitment::Committed {
        let needed = Unlinking::Needed { by: image.digest.clone() };
        assert_eq!(ports.link_write.remove(&app(), &image.blobs[0].digest).await?, needed);
    }
    Ok(())
}

/// Nobody stumbles over another's deletion, and everything is gone in the end.
pub async fn deletions_side_by_side(world: &impl World) -> Clause {
    let (ports, image, app) = (world.ports(), nth_image(0), app());
    for some in numbered_tags(60).chunks(30) {
        push(&ports, &app, &image, some).await?;
    }
    let first = tag("tag-000");
    let of_tag = ports.manifest_delete.delete_tag(&app, &first);
    let of_manifest = || ports.manifest_delete.delete_manifest(&app, &image.digest);
    let (_, one, other) = try_join3(of_tag, of_manifest(), of_manifest()).await?;
    assert!(one || other, "somebody deleted it");
    assert_eq!(named(&ports, &app, image.digest.clone()).await?, None);
    assert_eq!(ports.tags.list(&app, None, 100).await?.expect("the repository exists").items, []);
    Ok(())
}

/// A push that wrote its edges and a removal of its blob: one of them gives way.
pub async fn links_removed_beside_pushes(world: &impl World) -> Clause {
    let (ports, app) = (world.ports(), app());
    for n in 0..ROUNDS {
        let image = nth_image(n);
        link_blobs(&ports, &app, &image).await?;
        let pushing = async {
            prepare(&ports, &app, &image, "push").await?;
            let seen = survey(&ports, &app, &image, &[]).await?;
            let is_complete = seen.links.len() == image.blobs.len();
            if is_complete {
                commit_on(&ports, &app, &image, &[], &seen, "push").await?;
            }
            Ok::<bool, StoreError>(is_complete)
        };
        let layer = &image.blobs[n % image.blobs.len()].digest;
        let (was_complete, unlinking) = try_join(pushing, ports.link_write.remove(&app, layer)).await?;
        let is_linked = ports.link_read.get(&app, layer).await?.is_some();
        assert!(
            is_linked || !was_complete,
            "round {n}: the manifest is there and its blob is not ({unlinking:?})"
        );
        assert_eq!(is_linked, unlinking != Unlinking::Removed, "round {n}");
        if was_complete {
            ports.manifest_delete.delete_manifest(&app, &image.digest).await?;
        }
    }
    Ok(())
}

/// Removals of the same link, and a link that is put meanwhile: the last word counts, and no mark is left behind.
pub async fn links_removed_side_by_side(world: &impl World) -> Clause {
    let (ports, app, digest) = (world.ports(), app(), nth_digest(0));
    let link = Link { size_bytes: 1 };
    for round in 0..ROUNDS {
        ports.link_write.put(&app, &digest, link).await?;
        let removals = try_join_all((0..3).map(|_| ports.link_write.remove(&app, &digest))).await?;
        assert!(removals.contains(&Unlinking::Removed), "round {round}: {removals:?}");
        assert_eq!(ports.link_read.get(&app, &digest).await?, None, "round {round}");
        ports.link_write.put(&app, &digest, link).await?;
        try_join(ports.link_write.remove(&app, &digest), ports.link_write.put(&app, &digest, link)).await?;
        ports.link_write.put(&app, &digest, link).await?;
        let wanted = Wanted {
            manifest: &nth_digest(1),
            blobs: std::slice::from_ref(&digest),
            children: &[],
            tags: &[],
        };
        assert_eq!(ports.manifest_write.survey(&app, wanted).await?.links.len(), 1, "round {round}");
    }
    Ok(())
}

async fn push_until_committed(ports: &Ports, image: &Built, name: &str) -> Clause {
    while try_push(ports, &app(), image, &tags(&[name])).await? == Commitment::Conflict {}
    Ok(())
}
