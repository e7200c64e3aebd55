//! [`Repositories`](berth_registry::ports::Repositories).

use std::time::Duration;

use berth_registry::ports::{Commitment, NAME_RETENTION_SECS, RepositoryRemoval};
use berth_registry::{Ports, StoreError};

use super::support::{app, commit_on, link_blobs, nth_image, prepare, push, survey, tags};
use super::{Clause, World};
use crate::build::{Built, index, repository};

/// Later pushes do not make it anew.
pub async fn a_repository_is_made_by_its_first_push(world: &impl World) -> Clause {
    let ports = world.ports();
    assert_eq!(ports.catalog.get(&app()).await?, None);
    let began = ports.clock.now_secs();
    push(&ports, &app(), &nth_image(0), &tags(&["a"])).await?;
    world.advance(Duration::from_secs(100));
    push(&ports, &app(), &nth_image(1), &tags(&["a"])).await?;
    let found = world.ports().catalog.get(&app()).await?.expect("it was pushed to");
    assert!((began..began + 100).contains(&found.created_at_secs), "{found:?} from {began}");
    assert_eq!(ports.catalog.get(&repository("team")).await?, None);
    Ok(())
}

/// Removing what is not there is told.
pub async fn an_absent_repository_is_not_removed(world: &impl World) -> Clause {
    let ports = world.ports();
    assert_eq!(ports.catalog.remove(&app()).await?, RepositoryRemoval::Absent);
    push(&ports, &repository("team/app-2"), &nth_image(0), &[]).await?;
    assert_eq!(ports.catalog.remove(&app()).await?, RepositoryRemoval::Absent);
    assert!(is_listed(&ports, "team/app-2").await?);
    Ok(())
}

/// It stands, and can be pushed to.
pub async fn a_repository_with_manifests_is_not_removed(world: &impl World) -> Clause {
    let ports = world.ports();
    push(&ports, &app(), &nth_image(0), &[]).await?;
    assert_eq!(ports.catalog.remove(&app()).await?, RepositoryRemoval::NotEmpty);
    assert!(is_listed(&ports, "team/app").await?);
    push(&ports, &app(), &nth_image(1), &tags(&["a"])).await?;
    assert!(is_listed(&ports, "team/app").await?);
    Ok(())
}

/// Gone from every list; the next push makes it anew.
pub async fn an_empty_repository_is_removed(world: &impl World) -> Clause {
    let ports = world.ports();
    for round in 0..2 {
        push(&ports, &app(), &nth_image(0), &tags(&["a"])).await?;
        assert!(is_listed(&world.ports(), "team/app").await?, "round {round}");
        ports.manifest_delete.delete_manifest(&app(), &nth_image(0).digest).await?;
        assert_eq!(ports.catalog.remove(&app()).await?, RepositoryRemoval::Removed);
        assert!(!is_listed(&world.ports(), "team/app").await?, "round {round}");
        assert_eq!(ports.catalog.get(&app()).await?, None);
        assert_eq!(ports.tags.list(&app(), None, 10).await?, None);
        assert_eq!(ports.catalog.remove(&app()).await?, RepositoryRemoval::Absent);
    }
    Ok(())
}

/// [name-kept] From its removal on, while there is no repository of that name, and no longer than it should be.
pub async fn the_name_of_a_removed_repository_is_kept(world: &impl World) -> Clause {
    let ports = world.ports();
    let kept_until_secs = async || -> Result<Option<u64>, StoreError> {
        Ok(survey(&world.ports(), &app(), &nth_image(0), &[]).await?.kept_until_secs)
    };
    let remove = async || {
        ports.manifest_delete.delete_manifest(&app(), &nth_image(0).digest).await?;
        ports.catalog.remove(&app()).await
    };
    assert_eq!(kept_until_secs().await?, None);
    push(&ports, &app(), &nth_image(0), &[]).await?;
    assert_eq!(kept_until_secs().await?, None);
    let began_secs = ports.clock.now_secs();
    assert_eq!(remove().await?, RepositoryRemoval::Removed);
    let until_secs = kept_until_secs().await?.expect("it is kept");
    let earliest_secs = began_secs + NAME_RETENTION_SECS;
    assert!((earliest_secs..earliest_secs + 100).contains(&until_secs), "{until_secs} from {earliest_secs}");
    let other = survey(&ports, &repository("team/app-2"), &nth_image(0), &[]).await?;
    assert_eq!(other.kept_until_secs, None);

    // Whoever may push all the same makes it a repository like any other, also while it is being removed.
    push(&ports, &app(), &nth_image(0), &[]).await?;
    assert_eq!(kept_until_secs().await?, None);
    assert_eq!(ports.catalog.remove(&app()).await?, RepositoryRemoval::NotEmpty);
    assert_eq!(kept_until_secs().await?, None);

    assert_eq!(remove().await?, RepositoryRemoval::Removed);
    world.advance(Duration::from_secs(NAME_RETENTION_SECS - 100));
    assert!(kept_until_secs().await?.is_some());
    world.advance(Duration::from_secs(100));
    assert_eq!(kept_until_secs().await?, None);
    Ok(())
}

/// [repository-whole] A push that has looked before the removal and commits after it leaves no manifest in a repository that is
/// not there.
pub async fn a_push_around_a_removal_is_in_a_repository(world: &impl World) -> Clause {
    for (round, late) in [nth_image(1), index().build()].into_iter().enumerate() {
        let ports = world.ports();
        push(&ports, &app(), &nth_image(0), &[]).await?;
        link_blobs(&ports, &app(), &late).await?;
        let push_id = format!("late-{round}");
        prepare(&ports, &app(), &late, &push_id).await?;
        let seen = survey(&ports, &app(), &late, &[]).await?;
        ports.manifest_delete.delete_manifest(&app(), &nth_image(0).digest).await?;
        ports.catalog.remove(&app()).await?;
        let commitment = commit_on(&ports, &app(), &late, &[], &seen, &push_id).await?;
        let is_there = ports.artifacts.get(&app(), &late.digest).await?.is_some();
        assert_eq!(is_there, commitment == Commitment::Committed, "round {round}");
        assert!(!is_there || is_listed(&world.ports(), "team/app").await?, "round {round}");
        ports.manifest_delete.delete_manifest(&app(), &late.digest).await?;
    }
    Ok(())
}

/// The same, with everybody at once.
pub async fn pushes_beside_removals_are_in_a_repository(world: &impl World) -> Clause {
    let ports = world.ports();
    try_until_committed(&ports, &nth_image(0)).await?;
    for round in 1..10 {
        let image = nth_image(round);
        let (pushed, removed) = tokio::join!(try_until_committed(&ports, &image), async {
            ports.manifest_delete.delete_manifest(&app(), &nth_image(round - 1).digest).await?;
            ports.catalog.remove(&app()).await
        });
        pushed?;
        removed?;
        assert!(is_listed(&world.ports(), "team/app").await?, "round {round}");
    }
    Ok(())
}

/// A removal that was in the way of nobody harms nobody later, and a push that broke off is in the way for a while alone.
pub async fn a_push_that_broke_off_is_not_in_the_way_forever(world: &impl World) -> Clause {
    let ports = world.ports();
    push(&ports, &app(), &nth_image(0), &[]).await?;
    prepare(&ports, &app(), &nth_image(1), "broken").await?;
    ports.manifest_delete.delete_manifest(&app(), &nth_image(0).digest).await?;
    world.advance(Duration::from_hours(2));
    assert_eq!(ports.catalog.remove(&app()).await?, RepositoryRemoval::Removed);
    assert!(!is_listed(&ports, "team/app").await?);
    Ok(())
}

async fn try_until_committed(ports: &Ports, image: &Built) -> Result<(), StoreError> {
    link_blobs(ports, &app(), image).await?;
    loop {
        if super::support::try_push(ports, &app(), image, &[]).await? == Commitment::Committed {
            return Ok(());
        }
    }
}

async fn is_listed(ports: &Ports, name: &str) -> Result<bool, StoreError> {
    Ok(ports.repositories.list(None, 100).await?.items.contains(&repository(name)))
}
