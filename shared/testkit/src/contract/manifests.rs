//! [`ManifestRead`](berth_registry::ports::ManifestRead), and the survey of
//! [`ManifestWrite`](berth_registry::ports::ManifestWrite).

use berth_protocol::RepositoryName;
use berth_registry::ports::{Link, ManifestRecord, Survey, Wanted};
use berth_registry::{Ports, StoreError};
use bytes::Bytes;

use super::support::{
    app, link_blobs, named, nth_digest, nth_image, numbered_tags, prepare, push, survey, tags,
};
use super::{Clause, World};
use crate::build::{Built, image, index, tag};

/// Reading what is not there is no error.
pub async fn an_absent_manifest_is_none(world: &impl World) -> Clause {
    let ports = world.ports();
    assert_eq!(named(&ports, &app(), tag("latest")).await?, None);
    assert_eq!(named(&ports, &app(), nth_digest(0)).await?, None);
    assert_eq!(ports.manifest_read.body(&app(), &nth_digest(0)).await?, None);
    Ok(())
}

/// However it is named, it is the same.
pub async fn tag_and_digest_name_the_same_manifest(world: &impl World) -> Clause {
    let image = nth_image(0);
    push(&world.ports(), &app(), &image, &tags(&["latest"])).await?;
    let ports = world.ports();
    let by_tag = named(&ports, &app(), tag("latest")).await?.expect("the tag is there");
    let by_digest = named(&ports, &app(), image.digest.clone()).await?.expect("the manifest is there");
    for record in [by_tag, by_digest] {
        assert_eq!(record.digest, image.digest);
        assert_eq!(record.media_type, image.media_type.as_str());
        assert_eq!(record.size_bytes, image.body.len() as u64);
    }
    Ok(())
}

/// Byte for byte, with or behind the record, by tag and by digest.
pub async fn a_small_body_reads_back(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    push(&ports, &app(), &image, &tags(&["latest"])).await?;
    assert_bodies(&world.ports(), &app(), &image).await
}

/// As long as a manifest can be.
pub async fn a_large_body_reads_back(world: &impl World) -> Clause {
    let ports = world.ports();
    for length in [16_000, 20_000, 400_000, 4_000_000] {
        let image = image().annotation("text", "x".repeat(length)).build();
        push(&ports, &app(), &image, &tags(&["latest"])).await?;
        assert_bodies(&world.ports(), &app(), &image).await?;
    }
    Ok(())
}

/// Nothing shows before the commit.
pub async fn a_body_without_a_commit_is_invisible(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0));
    prepare(&ports, &app(), &image, "push").await?;
    assert_eq!(named(&ports, &app(), image.digest.clone()).await?, None);
    assert_eq!(survey(&ports, &app(), &image, &[]).await?.manifest, None);
    assert_eq!(ports.tags.list(&app(), None, 10).await?, None);
    assert_eq!(ports.repositories.list(None, 10).await?.items, []);
    Ok(())
}

/// The algorithm is a part of the name.
pub async fn a_manifest_under_sha512(world: &impl World) -> Clause {
    let (ports, image) = (world.ports(), nth_image(0).under_sha512());
    push(&ports, &app(), &image, &tags(&["latest"])).await?;
    assert_bodies(&ports, &app(), &image).await?;
    assert_eq!(named(&ports, &app(), nth_image(0).digest).await?, None);
    Ok(())
}

/// Of an empty registry.
pub async fn a_survey_of_nothing(world: &impl World) -> Clause {
    let seen = survey(&world.ports(), &app(), &nth_image(0), &tags(&["latest"])).await?;
    assert_eq!(seen, Survey::default());
    Ok(())
}

/// What is wanted and there is told, and nothing else.
pub async fn a_survey_tells_what_is_there(world: &impl World) -> Clause {
    let ports = world.ports();
    let (child, absent) = (nth_image(0), nth_image(1));
    link_blobs(&ports, &app(), &child).await?;
    push(&ports, &app(), &child, &tags(&["child", "unwanted"])).await?;
    let both = index().child(&child).child(&absent).build();
    let blobs = [child.blob_digests(), vec![nth_digest(0)]].concat();
    let wanted = Wanted {
        manifest: &both.digest,
        blobs: &blobs,
        children: &both.children,
        tags: &tags(&["child", "new"]),
    };
    let seen = world.ports().manifest_write.survey(&app(), wanted).await?;
    let link =
        |blob: &crate::build::Blob| (blob.digest.clone(), Link { size_bytes: blob.content.len() as u64 });
    assert_eq!(seen.manifest, None);
    assert_eq!(seen.links, child.blobs.iter().map(link).collect());
    assert_eq!(seen.children, [child.digest.clone()].into());
    assert_eq!(seen.tags, [(tag("child"), child.digest.clone())].into());
    assert!(seen.repository_exists);
    assert!(survey(&ports, &app(), &child, &[]).await?.manifest.is_some());
    Ok(())
}

/// More than a database answers at once.
pub async fn a_survey_of_hundreds(world: &impl World) -> Clause {
    let ports = world.ports();
    let children: Vec<Built> = (0..120).map(nth_image).collect();
    for child in children.iter().take(110) {
        push(&ports, &app(), child, &[]).await?;
    }
    let all_tags = numbered_tags(30);
    push(&ports, &app(), &children[0], &all_tags).await?;
    let blobs: Vec<_> = (0..250).map(nth_digest).collect();
    for digest in &blobs[..240] {
        ports.link_write.put(&app(), digest, Link { size_bytes: 1 }).await?;
    }
    let digests: Vec<_> = children.iter().map(|child| child.digest.clone()).collect();
    let wanted = Wanted { manifest: &nth_digest(1000), blobs: &blobs, children: &digests, tags: &all_tags };
    let seen = ports.manifest_write.survey(&app(), wanted).await?;
    assert_eq!(seen.links.into_keys().collect::<Vec<_>>(), sorted(&blobs[..240]));
    assert_eq!(seen.children.into_iter().collect::<Vec<_>>(), sorted(&digests[..110]));
    assert_eq!(seen.tags.len(), 30);
    Ok(())
}

/// A manifest may need nothing and have no tag; one that needs a thing twice is no error.
pub async fn a_survey_without_wishes(world: &impl World) -> Clause {
    let ports = world.ports();
    let twice = [nth_digest(0), nth_digest(0)];
    ports.link_write.put(&app(), &nth_digest(0), Link { size_bytes: 1 }).await?;
    let wanted = Wanted { manifest: &nth_digest(1), blobs: &[], children: &[], tags: &[] };
    assert_eq!(ports.manifest_write.survey(&app(), wanted).await?, Survey::default());
    let wanted = Wanted { manifest: &twice[0], blobs: &twice, children: &twice, tags: &[] };
    assert_eq!(ports.manifest_write.survey(&app(), wanted).await?.links.len(), 1);
    Ok(())
}

fn sorted<T: Ord + Clone>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort();
    items
}

async fn assert_bodies(ports: &Ports, repository: &RepositoryName, image: &Built) -> Clause {
    let by_tag = named(ports, repository, tag("latest")).await?.expect("the tag is there");
    let by_digest = named(ports, repository, image.digest.clone()).await?.expect("the manifest is there");
    for record in [by_tag, by_digest] {
        let body = body(ports, repository, &record).await?;
        assert!(body.as_ref() == Some(&image.body), "the body differs");
    }
    Ok(())
}

async fn body(
    ports: &Ports,
    repository: &RepositoryName,
    record: &ManifestRecord,
) -> Result<Option<Bytes>, StoreError> {
    match &record.body {
        Some(body) => Ok(Some(body.clone())),
        None => ports.manifest_read.body(repository, &record.digest).await,
    }
}
