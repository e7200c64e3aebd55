//! The commit of [`ManifestWrite`](berth_registry::ports::ManifestWrite).

use berth_protocol::Tag;
use berth_records::{Change, Expect, Key, Written};
use berth_registry::StoreError;
use berth_registry::ports::{Commitment, PROJECT_PARTITION, project_records};
use futures::future::try_join;

use super::support::{
    app, commit_into, commit_on, named, nth_image, numbered_tags, prepare, push, survey, tags, target,
    try_push,
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

/// The records that say that a project exists.
fn project_keys(project: u64) -> Vec<Key> {
    project_records(project).map(|sort| Key::new(PROJECT_PARTITION, sort)).collect()
}

async fn create_project(world: &impl World) -> Clause {
    let put =
        |key| Change::Put { key, document: "{}".to_owned(), expires_at_secs: None, expect: Expect::Absent };
    let changes = project_keys(7).into_iter().map(put).collect();
    assert_eq!(world.records().write.write(changes).await?, Written::Written, "there is none yet");
    Ok(())
}

async fn delete_project(world: &impl World) -> Clause {
    // A commit may be at one of the records.
    let deletion = || project_keys(7).into_iter().map(Change::delete).collect();
    while world.records().write.write(deletion()).await? == Written::Conflict {}
    Ok(())
}

/// Surveys and commits the first image into a project.
async fn push_into(
    world: &impl World,
    project: Option<u64>,
    names: &[Tag],
) -> Result<Commitment, StoreError> {
    let (ports, image) = (world.ports(), nth_image(0));
    prepare(&ports, &app(), &image, "push").await?;
    let seen = survey(&ports, &app(), &image, names).await?;
    commit_into(&ports, &app(), project, &image, names, &seen, "push").await
}

/// With as many tags as one push may bring, again and again: the record stays as it is.
pub async fn a_commit_into_a_project_that_exists(world: &impl World) -> Clause {
    create_project(world).await?;
    let before = world.records().read.get(&project_keys(7)).await?;
    for _ in 0..2 {
        assert_eq!(push_into(world, Some(7), &numbered_tags(30)).await?, Commitment::Committed);
    }
    assert_eq!(target(&world.ports(), &app(), "tag-029").await?, Some(nth_image(0).digest));
    assert_eq!(world.records().read.get(&project_keys(7)).await?, before);
    Ok(())
}

/// The project went after the survey: nothing of the push is visible. When it is there again, so is the way.
pub async fn a_commit_into_a_project_that_is_gone(world: &impl World) -> Clause {
    let (ports, image, latest) = (world.ports(), nth_image(0), tags(&["latest"]));
    create_project(world).await?;
    prepare(&ports, &app(), &image, "push").await?;
    let seen = survey(&ports, &app(), &image, &latest).await?;
    delete_project(world).await?;
    let committed = commit_into(&ports, &app(), Some(7), &image, &latest, &seen, "push").await?;
    assert_eq!(committed, Commitment::ProjectGone);
    assert_eq!(named(&ports, &app(), image.digest.clone()).await?, None);
    assert_eq!(target(&ports, &app(), "latest").await?, None);
    assert_eq!(ports.repositories.list(None, 9).await?.items, []);
    create_project(world).await?;
    let committed = commit_into(&ports, &app(), Some(7), &image, &latest, &seen, "push").await?;
    assert_eq!(committed, Commitment::Committed);
    assert_eq!(target(&ports, &app(), "latest").await?, Some(image.digest));
    Ok(())
}

/// Another project does not stand in for it, and neither does a number at its key.
pub async fn a_commit_into_a_project_that_never_was(world: &impl World) -> Clause {
    create_project(world).await?;
    for project in [0, 6, 8, 70, u64::MAX] {
        for key in project_keys(project) {
            world.records().write.add(&key, 1, None).await?;
        }
        assert_eq!(push_into(world, Some(project), &tags(&["latest"])).await?, Commitment::ProjectGone);
    }
    assert_eq!(named(&world.ports(), &app(), nth_image(0).digest).await?, None);
    Ok(())
}

/// Without a project nothing is asked for, whether or not there are any.
pub async fn a_commit_asks_for_one_project_alone(world: &impl World) -> Clause {
    assert_eq!(push_into(world, None, &tags(&["one"])).await?, Commitment::Committed);
    create_project(world).await?;
    assert_eq!(push_into(world, None, &tags(&["two"])).await?, Commitment::Committed);
    delete_project(world).await?;
    assert_eq!(push_into(world, None, &tags(&["three"])).await?, Commitment::Committed);
    assert_eq!(push_into(world, Some(7), &tags(&["four"])).await?, Commitment::ProjectGone);
    let listed = world.ports().tags.list(&app(), None, 9).await?.expect("the repository exists");
    assert_eq!(listed.items, tags(&["one", "three", "two"]));
    Ok(())
}

/// A push of what is there already is a push too.
pub async fn an_old_manifest_is_not_tagged_in_a_project_that_is_gone(world: &impl World) -> Clause {
    create_project(world).await?;
    assert_eq!(push_into(world, Some(7), &tags(&["old"])).await?, Commitment::Committed);
    delete_project(world).await?;
    assert_eq!(push_into(world, Some(7), &tags(&["new"])).await?, Commitment::ProjectGone);
    assert_eq!(push_into(world, Some(7), &tags(&["old"])).await?, Commitment::ProjectGone);
    assert_eq!(target(&world.ports(), &app(), "new").await?, None);
    assert_eq!(target(&world.ports(), &app(), "old").await?, Some(nth_image(0).digest));
    Ok(())
}

/// That the project is gone is told before that a tag has moved.
pub async fn a_conflict_in_a_project_that_exists_is_a_conflict(world: &impl World) -> Clause {
    let (ports, app, image, latest) = (world.ports(), app(), nth_image(0), tags(&["latest"]));
    create_project(world).await?;
    prepare(&ports, &app, &image, "push").await?;
    let seen = survey(&ports, &app, &image, &latest).await?;
    push(&ports, &app, &nth_image(1), &latest).await?;
    let again = || commit_into(&ports, &app, Some(7), &image, &latest, &seen, "push");
    assert_eq!(again().await?, Commitment::Conflict);
    delete_project(world).await?;
    assert_eq!(again().await?, Commitment::ProjectGone);
    assert_eq!(target(&ports, &app, "latest").await?, Some(nth_image(1).digest));
    Ok(())
}

/// Whoever deletes a project and then looks finds all that will ever be in it.
pub async fn commits_beside_the_deletion_of_their_project(world: &impl World) -> Clause {
    let ports = world.ports();
    for n in 0..20 {
        let (image, app, latest) = (nth_image(n), app(), tags(&["latest"]));
        create_project(world).await?;
        prepare(&ports, &app, &image, "push").await?;
        let seen = survey(&ports, &app, &image, &latest).await?;
        let deleting = async {
            delete_project(world).await?;
            target(&world.ports(), &app, "latest").await
        };
        let committing = commit_into(&ports, &app, Some(7), &image, &latest, &seen, "push");
        let (committed, found) = try_join(committing, deleting).await?;
        let is_committed = committed == Commitment::Committed;
        assert_eq!(found.as_ref() == Some(&image.digest), is_committed, "round {n}: {committed:?}");
        assert_eq!(target(&ports, &app, "latest").await?, found, "round {n}: nothing comes later");
    }
    Ok(())
}
