//! [`ManifestDelete`](berth_registry::ports::ManifestDelete).

use super::support::{app, link_blobs, named, nth_digest, nth_image, numbered_tags, push, tags, target};
use super::{Clause, World};
use crate::build::{artifact, repository, tag};

/// Deleting what is not there is told.
pub async fn an_absent_tag_is_not_deleted(world: &impl World) -> Clause {
    let ports = world.ports();
    assert!(!ports.manifest_delete.delete_tag(&app(), &tag("latest")).await?);
    push(&ports, &app(), &nth_image(0), &tags(&["latest"])).await?;
    assert!(!ports.manifest_delete.delete_tag(&app(), &tag("late")).await?);
    assert!(!ports.manifest_delete.delete_tag(&repository("other"), &tag("latest")).await?);
    Ok(())
}

/// The manifest and its other tags stay.
pub async fn a_tag_goes_alone(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    push(&ports, &app(), &image, &tags(&["one", "other"])).await?;
    assert!(ports.manifest_delete.delete_tag(&app(), &tag("one")).await?);
    let reader = world.ports();
    assert_eq!(target(&reader, &app(), "one").await?, None);
    assert_eq!(target(&reader, &app(), "other").await?, Some(image.digest.clone()));
    assert!(named(&reader, &app(), image.digest.clone()).await?.is_some());
    assert!(!ports.manifest_delete.delete_tag(&app(), &tag("one")).await?);
    Ok(())
}

/// Deleting what is not there is told.
pub async fn an_absent_manifest_is_not_deleted(world: &impl World) -> Clause {
    let ports = world.ports();
    assert!(!ports.manifest_delete.delete_manifest(&app(), &nth_digest(0)).await?);
    push(&ports, &app(), &nth_image(0), &[]).await?;
    assert!(ports.manifest_delete.delete_manifest(&app(), &nth_image(0).digest).await?);
    assert!(!ports.manifest_delete.delete_manifest(&app(), &nth_image(0).digest).await?);
    Ok(())
}

/// However many name it; tags of another manifest stay.
pub async fn a_manifest_goes_with_its_tags(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    push(&ports, &app(), &nth_image(1), &tags(&["kept"])).await?;
    for count in [0, 1, 40, 41, 95] {
        push(&ports, &app(), &image, &[]).await?;
        for some in numbered_tags(count).chunks(30) {
            push(&ports, &app(), &image, some).await?;
        }
        assert!(ports.manifest_delete.delete_manifest(&app(), &image.digest).await?, "{count} tags");
        assert_eq!(named(&world.ports(), &app(), image.digest.clone()).await?, None);
        let left = ports.tags.list(&app(), None, 1000).await?.expect("the repository exists");
        assert_eq!(left.items, tags(&["kept"]), "{count} tags");
    }
    assert_eq!(target(&ports, &app(), "kept").await?, Some(nth_image(1).digest));
    Ok(())
}

/// A tag goes with the manifest that it names now, not with one that it named before.
pub async fn a_manifest_goes_without_tags_that_have_moved(world: &impl World) -> Clause {
    let ports = world.ports();
    push(&ports, &app(), &nth_image(0), &tags(&["moved", "stayed"])).await?;
    push(&ports, &app(), &nth_image(1), &tags(&["moved"])).await?;
    assert!(ports.manifest_delete.delete_manifest(&app(), &nth_image(0).digest).await?);
    assert_eq!(target(&ports, &app(), "moved").await?, Some(nth_image(1).digest));
    assert_eq!(target(&ports, &app(), "stayed").await?, None);
    assert!(ports.manifest_delete.delete_manifest(&app(), &nth_image(1).digest).await?);
    assert_eq!(target(&ports, &app(), "moved").await?, None);
    Ok(())
}

/// Other repositories keep theirs.
pub async fn a_manifest_goes_from_one_repository(world: &impl World) -> Clause {
    let (ports, image, other) = (world.ports(), nth_image(0), repository("team/app/other"));
    for repository in [&app(), &other] {
        push(&ports, repository, &image, &tags(&["latest"])).await?;
    }
    assert!(ports.manifest_delete.delete_manifest(&app(), &image.digest).await?);
    assert_eq!(target(&ports, &other, "latest").await?, Some(image.digest.clone()));
    Ok(())
}

/// As if it had never been there, however often.
pub async fn a_deleted_manifest_can_be_pushed_again(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    for _ in 0..3 {
        link_blobs(&ports, &app(), &image).await?;
        push(&ports, &app(), &image, &tags(&["latest"])).await?;
        assert_eq!(target(&ports, &app(), "latest").await?, Some(image.digest.clone()));
        let body = ports.manifest_read.body(&app(), &image.digest).await?;
        assert_eq!(body, Some(image.body.clone()));
        assert!(ports.manifest_delete.delete_manifest(&app(), &image.digest).await?);
        assert_eq!(named(&ports, &app(), image.digest.clone()).await?, None);
    }
    Ok(())
}

/// A referrer's entry goes with it.
pub async fn a_referrer_is_no_longer_listed(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let signatures = ["one", "other"].map(|kind| artifact(&subject, kind).build());
    for signature in &signatures {
        push(&ports, &app(), signature, &[]).await?;
    }
    assert!(ports.manifest_delete.delete_manifest(&app(), &signatures[0].digest).await?);
    let left = world.ports().referrers.list(&app(), &subject.digest, None, 9).await?;
    assert_eq!(left.items, [signatures[1].descriptor()]);
    Ok(())
}

/// Referrers do not depend on their subject.
pub async fn a_subject_goes_and_its_referrers_stay(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let signature = artifact(&subject, "application/x.signature").build();
    push(&ports, &app(), &subject, &[]).await?;
    push(&ports, &app(), &signature, &[]).await?;
    assert!(ports.manifest_delete.delete_manifest(&app(), &subject.digest).await?);
    assert_eq!(ports.referrers.list(&app(), &subject.digest, None, 9).await?.items, [signature.descriptor()]);
    Ok(())
}
