//! [`LinkRead`](berth_registry::ports::LinkRead) and [`LinkWrite`](berth_registry::ports::LinkWrite).

use std::time::Duration;

use berth_registry::ports::{Link, Unlinking};

use super::support::{app, link_blobs, nth_digest, prepare, push, survey, tags};
use super::{Clause, World};
use crate::build::{image, repository};

const LINK: Link = Link { size_bytes: 7 };
/// Longer than any push takes.
const LONG: Duration = Duration::from_hours(2);

/// Reading what is not there is no error.
pub async fn an_absent_link_is_none(world: &impl World) -> Clause {
    assert_eq!(world.ports().link_read.get(&app(), &nth_digest(0)).await?, None);
    Ok(())
}

/// What one handle puts, the other sees.
pub async fn a_link_is_visible_at_once(world: &impl World) -> Clause {
    let (writer, reader) = (world.ports(), world.ports());
    assert_eq!(reader.link_read.get(&app(), &nth_digest(0)).await?, None);
    writer.link_write.put(&app(), &nth_digest(0), LINK).await?;
    assert_eq!(reader.link_read.get(&app(), &nth_digest(0)).await?, Some(LINK));
    Ok(())
}

/// Putting is idempotent.
pub async fn putting_twice_succeeds(world: &impl World) -> Clause {
    let ports = world.ports();
    ports.link_write.put(&app(), &nth_digest(0), LINK).await?;
    ports.link_write.put(&app(), &nth_digest(0), LINK).await?;
    assert_eq!(ports.link_read.get(&app(), &nth_digest(0)).await?, Some(LINK));
    Ok(())
}

/// A link says nothing about other repositories.
pub async fn a_link_is_of_one_repository(world: &impl World) -> Clause {
    let ports = world.ports();
    ports.link_write.put(&repository("a/b"), &nth_digest(0), LINK).await?;
    for other in ["a", "b", "a/b/c", "a-b"] {
        assert_eq!(ports.link_read.get(&repository(other), &nth_digest(0)).await?, None, "{other}");
    }
    Ok(())
}

/// Removing succeeds once.
pub async fn a_link_is_removed_once(world: &impl World) -> Clause {
    let (ports, digest) = (world.ports(), nth_digest(0));
    ports.link_write.put(&app(), &digest, LINK).await?;
    assert_eq!(ports.link_write.remove(&app(), &digest).await?, Unlinking::Removed);
    assert_eq!(world.ports().link_read.get(&app(), &digest).await?, None);
    assert_eq!(ports.link_write.remove(&app(), &digest).await?, Unlinking::Absent);
    Ok(())
}

/// Removing what is not there makes nothing appear.
pub async fn an_absent_link_is_not_removed(world: &impl World) -> Clause {
    let (ports, digest) = (world.ports(), nth_digest(0));
    assert_eq!(ports.link_write.remove(&app(), &digest).await?, Unlinking::Absent);
    assert_eq!(ports.link_read.get(&app(), &digest).await?, None);
    Ok(())
}

/// A manifest keeps its blobs.
pub async fn a_blob_of_a_manifest_is_needed(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), image().layer("layer").build());
    link_blobs(&ports, &app(), &image).await?;
    push(&ports, &app(), &image, &tags(&["latest"])).await?;
    for digest in image.blob_digests() {
        let needed = Unlinking::Needed { by: image.digest.clone() };
        assert_eq!(ports.link_write.remove(&app(), &digest).await?, needed);
        assert!(ports.link_read.get(&app(), &digest).await?.is_some(), "the link stands");
    }
    Ok(())
}

/// A need does not age while its manifest stands.
pub async fn a_blob_of_an_old_manifest_is_needed(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), image().layer("layer").build());
    link_blobs(&ports, &app(), &image).await?;
    push(&ports, &app(), &image, &[]).await?;
    world.advance(LONG);
    let needed = Unlinking::Needed { by: image.digest.clone() };
    assert_eq!(ports.link_write.remove(&app(), &image.blobs[0].digest).await?, needed);
    Ok(())
}

/// The edges of a push hold its blobs before its commit does.
pub async fn a_blob_of_a_push_under_way_is_needed(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), image().layer("layer").build());
    link_blobs(&ports, &app(), &image).await?;
    prepare(&ports, &app(), &image, "push").await?;
    world.advance(Duration::from_mins(1));
    let needed = Unlinking::Needed { by: image.digest.clone() };
    assert_eq!(ports.link_write.remove(&app(), &image.blobs[0].digest).await?, needed);
    Ok(())
}

/// What a crashed push left behind holds nothing for ever.
pub async fn a_push_that_broke_off_needs_nothing_later(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), image().layer("layer").build());
    link_blobs(&ports, &app(), &image).await?;
    prepare(&ports, &app(), &image, "push").await?;
    world.advance(LONG);
    assert_eq!(ports.link_write.remove(&app(), &image.blobs[0].digest).await?, Unlinking::Removed);
    Ok(())
}

/// First the manifest, then its blobs: that is how clients clean up.
pub async fn a_deleted_manifest_needs_nothing(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), image().layer("layer").build());
    link_blobs(&ports, &app(), &image).await?;
    push(&ports, &app(), &image, &tags(&["latest"])).await?;
    assert!(ports.manifest_delete.delete_manifest(&app(), &image.digest).await?);
    for digest in image.blob_digests() {
        assert_eq!(ports.link_write.remove(&app(), &digest).await?, Unlinking::Removed);
    }
    Ok(())
}

/// Each manifest that needs a blob holds it by itself.
pub async fn a_shared_blob_is_needed_until_the_last_manifest_goes(world: &impl World) -> Clause {
    let ports = world.ports();
    let images = ["one", "other"].map(|layer| image().layer("shared").layer(layer).build());
    let shared = crate::build::blob("shared").digest;
    for image in &images {
        link_blobs(&ports, &app(), image).await?;
        push(&ports, &app(), image, &[]).await?;
    }
    ports.manifest_delete.delete_manifest(&app(), &images[0].digest).await?;
    let needed = Unlinking::Needed { by: images[1].digest.clone() };
    assert_eq!(ports.link_write.remove(&app(), &shared).await?, needed);
    ports.manifest_delete.delete_manifest(&app(), &images[1].digest).await?;
    assert_eq!(ports.link_write.remove(&app(), &shared).await?, Unlinking::Removed);
    Ok(())
}

/// A manifest holds the blobs of its own repository.
pub async fn needs_of_another_repository_do_not_count(world: &impl World) -> Clause {
    let (ports, image, other) = (world.ports(), image().layer("layer").build(), repository("other"));
    for repository in [&app(), &other] {
        link_blobs(&ports, repository, &image).await?;
    }
    push(&ports, &app(), &image, &[]).await?;
    assert_eq!(ports.link_write.remove(&other, &image.blobs[0].digest).await?, Unlinking::Removed);
    assert!(ports.link_read.get(&app(), &image.blobs[0].digest).await?.is_some());
    Ok(())
}

/// Leavings do not hide a manifest that stands.
pub async fn one_live_need_among_many_stale_ones_counts(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), image().layer("layer").build());
    let needs = image.blob_digests();
    link_blobs(&ports, &app(), &image).await?;
    push(&ports, &app(), &image, &[]).await?;
    for n in 0..120 {
        ports.manifest_write.put_edges(&app(), &nth_digest(n), &needs, "crashed").await?;
    }
    world.advance(LONG);
    let needed = Unlinking::Needed { by: image.digest.clone() };
    assert_eq!(ports.link_write.remove(&app(), &needs[0]).await?, needed);
    ports.manifest_delete.delete_manifest(&app(), &image.digest).await?;
    assert_eq!(ports.link_write.remove(&app(), &needs[0]).await?, Unlinking::Removed);
    Ok(())
}

/// After a removal that was refused, the next push finds the blob.
pub async fn a_refused_removal_leaves_the_blob_to_pushes(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), image().layer("layer").build());
    link_blobs(&ports, &app(), &image).await?;
    push(&ports, &app(), &image, &[]).await?;
    ports.link_write.remove(&app(), &image.blobs[0].digest).await?;
    let seen = survey(&ports, &app(), &image, &[]).await?;
    assert!(seen.links.contains_key(&image.blobs[0].digest));
    Ok(())
}

/// A blob that was removed and comes back is like new.
pub async fn a_link_can_be_put_again(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), image().layer("layer").build());
    link_blobs(&ports, &app(), &image).await?;
    ports.link_write.remove(&app(), &image.blobs[0].digest).await?;
    link_blobs(&ports, &app(), &image).await?;
    let seen = survey(&ports, &app(), &image, &[]).await?;
    assert_eq!(seen.links.len(), image.blobs.len());
    Ok(())
}
