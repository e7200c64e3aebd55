//! The commit of [`ManifestWrite`](berth_registry::ports::ManifestWrite).

use berth_protocol::Tag;
use berth_registry::ports::Commitment;

use super::support::{
    app, commit_on, named, nth_image, numbered_tags, prepare, push, survey, tags, target, try_push,
};
use super::{Clause, World};
use crate::build::{artifact, tag};

/// Manifest, tags, referrer entry and repository, for every handle.
pub async fn everything_is_visible_at_once(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let signature = artifact(&subject, "application/x.signature").build();
    push(&ports, &app(), &signature, &tags(&["one", "two"])).await?;
    let reader = world.ports();
    assert!(named(&reader, &app(), signature.digest.clone()).await?.is_some());
    assert_eq!(target(&reader, &app(), "one").await?.as_ref(), Some(&signature.digest));
    assert_eq!(target(&reader, &app(), "two").await?.as_ref(), Some(&signature.digest));
    assert_eq!(
        reader.referrers.list(&app(), &subject.digest, None, 9).await?.items,
        [signature.descriptor()]
    );
    assert_eq!(reader.repositories.list(None, 9).await?.items, [app()]);
    Ok(())
}

/// Pushed by its digest.
pub async fn a_manifest_without_tags(world: &impl World) -> Clause {
    let ports = world.ports();
    push(&ports, &app(), &nth_image(0), &[]).await?;
    assert!(named(&ports, &app(), nth_image(0).digest).await?.is_some());
    assert_eq!(ports.repositories.list(None, 9).await?.items, [app()]);
    Ok(())
}

/// To another manifest and back; the manifests stay.
pub async fn a_tag_moves(world: &impl World) -> Clause {
    let ports = world.ports();
    for n in [0, 1, 0, 2] {
        push(&ports, &app(), &nth_image(n), &tags(&["latest"])).await?;
        assert_eq!(target(&world.ports(), &app(), "latest").await?, Some(nth_image(n).digest));
    }
    for n in 0..3 {
        assert!(named(&ports, &app(), nth_image(n).digest).await?.is_some());
    }
    Ok(())
}

/// Pushing what is there already succeeds.
pub async fn a_tag_stays_where_it_is(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    for _ in 0..3 {
        push(&ports, &app(), &image, &tags(&["latest"])).await?;
    }
    assert_eq!(target(&ports, &app(), "latest").await?, Some(image.digest.clone()));
    assert!(ports.manifest_delete.delete_manifest(&app(), &image.digest).await?);
    assert_eq!(target(&ports, &app(), "latest").await?, None);
    Ok(())
}

/// As many as one push may bring.
pub async fn thirty_tags_at_once(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    push(&ports, &app(), &image, &numbered_tags(30)).await?;
    for tag in numbered_tags(30) {
        assert_eq!(target(&ports, &app(), tag.as_str()).await?, Some(image.digest.clone()));
    }
    Ok(())
}

/// Away from as many manifests, with a subject and into a repository that exists.
pub async fn thirty_tags_move_at_once(world: &impl World) -> Clause {
    let ports = world.ports();
    for (n, tag) in numbered_tags(30).into_iter().enumerate() {
        push(&ports, &app(), &nth_image(n), &[tag]).await?;
    }
    let signature = artifact(&nth_image(0), "application/x.signature").build();
    push(&ports, &app(), &signature, &numbered_tags(30)).await?;
    for tag in numbered_tags(30) {
        assert_eq!(target(&ports, &app(), tag.as_str()).await?, Some(signature.digest.clone()));
    }
    Ok(())
}

/// All or nothing.
pub async fn one_moved_tag_stops_all(world: &impl World) -> Clause {
    let (ports, image, all) = (world.ports(), nth_image(0), numbered_tags(30));
    prepare(&ports, &app(), &image, "push").await?;
    let seen = survey(&ports, &app(), &image, &all).await?;
    push(&ports, &app(), &nth_image(1), &all[17..18]).await?;
    assert_eq!(commit_on(&ports, &app(), &image, &all, &seen, "push").await?, Commitment::Conflict);
    assert_eq!(named(&ports, &app(), image.digest.clone()).await?, None);
    let listed = ports.tags.list(&app(), None, 100).await?.expect("the other push made the repository");
    assert_eq!(listed.items, all[17..18]);
    Ok(())
}

/// The survey saw no tag.
pub async fn a_tag_that_came_meanwhile_is_a_conflict(world: &impl World) -> Clause {
    let (ports, latest) = (world.ports(), tags(&["latest"]));
    let seen = survey(&ports, &app(), &nth_image(0), &latest).await?;
    push(&ports, &app(), &nth_image(1), &latest).await?;
    assert_eq!(commit_on(&ports, &app(), &nth_image(0), &latest, &seen, "push").await?, Commitment::Conflict);
    assert_eq!(target(&ports, &app(), "latest").await?, Some(nth_image(1).digest));
    assert_eq!(try_push(&ports, &app(), &nth_image(0), &latest).await?, Commitment::Committed);
    Ok(())
}

/// The survey saw a tag.
pub async fn a_tag_that_went_meanwhile_is_a_conflict(world: &impl World) -> Clause {
    let (ports, latest) = (world.ports(), tags(&["latest"]));
    push(&ports, &app(), &nth_image(1), &latest).await?;
    let seen = survey(&ports, &app(), &nth_image(0), &latest).await?;
    ports.manifest_delete.delete_tag(&app(), &tag("latest")).await?;
    assert_eq!(commit_on(&ports, &app(), &nth_image(0), &latest, &seen, "push").await?, Commitment::Conflict);
    assert_eq!(named(&ports, &app(), nth_image(0).digest).await?, None);
    Ok(())
}

/// Two pushes of the same new manifest.
pub async fn a_manifest_that_came_meanwhile_is_a_conflict(world: &impl World) -> Clause {
    let (ports, image, both) = (world.ports(), nth_image(0), tags(&["one", "other"]));
    let seen = survey(&ports, &app(), &image, &both[1..]).await?;
    push(&ports, &app(), &image, &both[..1]).await?;
    assert_eq!(commit_on(&ports, &app(), &image, &both[1..], &seen, "push").await?, Commitment::Conflict);
    assert_eq!(target(&ports, &app(), "other").await?, None);
    Ok(())
}

/// Two pushes of the same old manifest, under different tags, do not get in each other's way.
pub async fn an_old_manifest_is_tagged_by_two_at_once(world: &impl World) -> Clause {
    let (ports, image, both) = (world.ports(), nth_image(0), tags(&["one", "other"]));
    push(&ports, &app(), &image, &[]).await?;
    let seen = survey(&ports, &app(), &image, &both[1..]).await?;
    push(&ports, &app(), &image, &both[..1]).await?;
    assert_eq!(commit_on(&ports, &app(), &image, &both[1..], &seen, "push").await?, Commitment::Committed);
    for tag in ["one", "other"] {
        assert_eq!(target(&ports, &app(), tag).await?.as_ref(), Some(&image.digest));
    }
    Ok(())
}

/// The edges of the push that the survey saw are gone with it.
pub async fn a_manifest_that_was_made_anew_meanwhile_is_a_conflict(world: &impl World) -> Clause {
    let (ports, image, latest) = (world.ports(), nth_image(0), tags(&["latest"]));
    push(&ports, &app(), &image, &[]).await?;
    let seen = survey(&ports, &app(), &image, &latest).await?;
    ports.manifest_delete.delete_manifest(&app(), &image.digest).await?;
    prepare(&ports, &app(), &image, "another push").await?;
    let absent = survey(&ports, &app(), &image, &[]).await?;
    let anew = commit_on(&ports, &app(), &image, &[], &absent, "another push").await?;
    assert_eq!(anew, Commitment::Committed);
    assert_eq!(commit_on(&ports, &app(), &image, &latest, &seen, "push").await?, Commitment::Conflict);
    assert_eq!(target(&ports, &app(), "latest").await?, None);
    Ok(())
}

/// A manifest that was deleted does not come back half.
pub async fn a_manifest_that_went_meanwhile_is_a_conflict(world: &impl World) -> Clause {
    let (ports, image, latest) = (world.ports(), nth_image(0), tags(&["latest"]));
    push(&ports, &app(), &image, &[]).await?;
    let seen = survey(&ports, &app(), &image, &latest).await?;
    ports.manifest_delete.delete_manifest(&app(), &image.digest).await?;
    assert_eq!(commit_on(&ports, &app(), &image, &latest, &seen, "push").await?, Commitment::Conflict);
    assert_eq!(named(&ports, &app(), image.digest.clone()).await?, None);
    assert_eq!(target(&ports, &app(), "latest").await?, None);
    Ok(())
}

/// A caller that did not hear the answer commits a second time.
pub async fn committing_again_does_no_damage(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    let both: Vec<Tag> = tags(&["one", "two"]);
    prepare(&ports, &app(), &image, "push").await?;
    let seen = survey(&ports, &app(), &image, &both).await?;
    assert_eq!(commit_on(&ports, &app(), &image, &both, &seen, "push").await?, Commitment::Committed);
    commit_on(&ports, &app(), &image, &both, &seen, "push").await?;
    assert_eq!(target(&ports, &app(), "one").await?, Some(image.digest.clone()));
    assert_eq!(try_push(&ports, &app(), &image, &both).await?, Commitment::Committed);
    assert!(ports.manifest_delete.delete_manifest(&app(), &image.digest).await?);
    assert_eq!(target(&ports, &app(), "two").await?, None);
    Ok(())
}
