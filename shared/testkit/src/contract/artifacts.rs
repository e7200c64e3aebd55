//! [`ArtifactList`](berth_registry::ports::ArtifactList).

use std::time::Duration;

use berth_protocol::{Digest, RepositoryName, Tag};
use berth_registry::ports::{ListPage, Shape};
use berth_registry::{Ports, StoreError};

use super::support::{app, nth_digest, nth_image, prepare, push, tags};
use super::{Clause, World};
use crate::build::{Built, artifact, image, index, repository, tag};

const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// A repository that is not there has none either.
pub async fn no_artifacts_at_first(world: &impl World) -> Clause {
    let ports = world.ports();
    assert_eq!(ports.artifacts.list(&app(), None, 10).await?, ListPage { items: Vec::new(), more: false });
    assert_eq!(ports.artifacts.tagged(&app(), None, 10).await?, ListPage { items: Vec::new(), more: false });
    assert_eq!(ports.artifacts.get(&app(), &nth_digest(0)).await?, None);
    assert_eq!(ports.artifacts.parents(&app(), &nth_digest(0), 10).await?, []);
    Ok(())
}

/// All of them, each once, whatever the pages are like.
pub async fn artifacts_are_in_order_of_digests(world: &impl World) -> Clause {
    let ports = world.ports();
    let mut expected = Vec::new();
    for n in 0..7 {
        let image = if n == 6 { nth_image(n).under_sha512() } else { nth_image(n) };
        push(&ports, &app(), &image, &tags(&["t"])).await?;
        expected.push(image.digest);
    }
    expected.sort_by_key(ToString::to_string);
    for limit in [1, 2, 3, 6, 7, 8] {
        assert_eq!(all_digests(&world.ports(), &app(), limit).await?, expected, "pages of {limit}");
    }
    Ok(())
}

/// Names that begin alike do not mix.
pub async fn artifacts_are_of_one_repository(world: &impl World) -> Clause {
    let ports = world.ports();
    for (n, name) in ["team", "team/app", "team/app/x", "team/app-2"].into_iter().enumerate() {
        push(&ports, &repository(name), &nth_image(n), &tags(&["t"])).await?;
    }
    assert_eq!(all_digests(&ports, &app(), 10).await?, [nth_image(1).digest]);
    assert_eq!(ports.artifacts.get(&app(), &nth_image(0).digest).await?, None);
    Ok(())
}

/// In a listing as by itself, with a body of any size.
pub async fn an_artifact_is_as_it_was_pushed(world: &impl World) -> Clause {
    let ports = world.ports();
    let child = nth_image(0);
    let referrer = artifact(&child, "a/b").build();
    let large = index().child(&child).annotation("k", "x".repeat(100_000)).build();
    for manifest in [&child, &referrer, &large] {
        push(&ports, &app(), manifest, &[]).await?;
    }
    let content = |manifest: &Built| manifest.blobs.iter().map(|blob| blob.content.len() as u64).sum();
    let shape = |manifest: &Built, config: Option<&str>, children: &[&Digest]| Shape {
        config_media_type: config.map(str::to_owned),
        artifact_type: config.map(str::to_owned),
        content_bytes: content(manifest),
        children: children.iter().map(|&child| child.clone()).collect(),
    };
    let list = world.ports().artifacts.list(&app(), None, 10).await?.items;
    for (manifest, shape) in
        [(&child, shape(&child, Some(IMAGE_CONFIG), &[])), (&large, shape(&large, None, &[&child.digest]))]
    {
        let found = ports.artifacts.get(&app(), &manifest.digest).await?.expect("it was pushed");
        assert_eq!(found.media_type, manifest.media_type.to_string());
        assert_eq!((found.size_bytes, &found.subject), (manifest.body.len() as u64, &None));
        assert_eq!(found.shape.as_ref(), Some(&shape));
        assert!(list.contains(&found), "{found:?}");
    }
    let found = ports.artifacts.get(&app(), &referrer.digest).await?.expect("it was pushed");
    assert_eq!(found.subject, Some(child.digest));
    assert_eq!(found.shape.and_then(|shape| shape.artifact_type).as_deref(), Some("a/b"));
    Ok(())
}

/// Pushing it again is no new push of it, but one of its tag.
pub async fn an_artifact_keeps_the_time_of_its_first_push(world: &impl World) -> Clause {
    let ports = world.ports();
    let began = ports.clock.now_secs();
    push(&ports, &app(), &nth_image(0), &tags(&["a", "b"])).await?;
    world.advance(Duration::from_secs(100));
    push(&ports, &app(), &nth_image(0), &tags(&["b"])).await?;
    let found = ports.artifacts.get(&app(), &nth_image(0).digest).await?.expect("it was pushed");
    assert!((began..began + 100).contains(&found.pushed_at_secs), "{found:?}");
    let tagged = ports.artifacts.tags_of(&app(), &nth_image(0).digest, None, 10).await?.items;
    let times: Vec<u64> = tagged.iter().filter_map(|tagged| tagged.pushed_at_secs).collect();
    assert!(times.len() == 2 && times[0] < began + 100 && times[1] >= began + 100, "{times:?} from {began}");
    Ok(())
}

/// By manifest, then by tag, in pages of any size; a tag is where it points now.
pub async fn tags_of_all_artifacts(world: &impl World) -> Clause {
    let ports = world.ports();
    let mut images: Vec<Digest> = Vec::new();
    for (n, names) in [(0, &["a", "c"][..]), (1, &["b", "moved", "d"]), (2, &["gone", "moved"])] {
        push(&ports, &app(), &nth_image(n), &tags(names)).await?;
        images.push(nth_image(n).digest);
    }
    ports.manifest_delete.delete_tag(&app(), &tag("gone")).await?;
    let mut expected = vec![
        (images[0].clone(), tag("a")),
        (images[0].clone(), tag("c")),
        (images[1].clone(), tag("b")),
        (images[1].clone(), tag("d")),
        (images[2].clone(), tag("moved")),
    ];
    expected.sort_by_key(|(digest, tag)| (digest.to_string(), tag.clone()));
    for limit in [1, 2, 4, 5, 6] {
        assert_eq!(all_tagged(&world.ports(), limit).await?, expected, "pages of {limit}");
    }
    Ok(())
}

/// Its own alone, after any text.
pub async fn tags_of_one_artifact(world: &impl World) -> Clause {
    let ports = world.ports();
    push(&ports, &app(), &nth_image(0), &tags(&["a", "c", "e"])).await?;
    push(&ports, &app(), &nth_image(1), &tags(&["b", "d"])).await?;
    let digest = nth_image(0).digest;
    for (after, limit, expected, more) in [
        (None, 10, &["a", "c", "e"][..], false),
        (None, 2, &["a", "c"], true),
        (Some("a"), 2, &["c", "e"], false),
        (Some("b"), 1, &["c"], true),
        (Some("e"), 1, &[], false),
    ] {
        let after = after.map(tag);
        let page = ports.artifacts.tags_of(&app(), &digest, after.as_ref(), limit).await?;
        let found: Vec<Tag> = page.items.into_iter().map(|tagged| tagged.tag).collect();
        assert_eq!((found, page.more), (tags(expected), more), "{limit} after {after:?}");
    }
    Ok(())
}

/// An index is a parent of what it lists, as long as it is there; a referrer is none of its subject.
pub async fn parents_are_those_that_are_made_of_it(world: &impl World) -> Clause {
    let ports = world.ports();
    let child = nth_image(0);
    let one = index().child(&child).build();
    let other = index().child(&child).child(&nth_image(1)).build();
    let referrer = artifact(&child, "a/b").build();
    for manifest in [&child, &nth_image(1), &one, &other, &referrer] {
        push(&ports, &app(), manifest, &[]).await?;
    }
    let mut both = vec![one.digest.clone(), other.digest.clone()];
    both.sort_by_key(ToString::to_string);
    let parents = |limit| {
        let (ports, child) = (world.ports(), child.digest.clone());
        async move { ports.artifacts.parents(&app(), &child, limit).await }
    };
    assert_eq!(parents(10).await?, both);
    assert_eq!(parents(1).await?.len(), 1);
    world.advance(Duration::from_hours(2));
    assert_eq!(parents(10).await?, both, "also long after");
    ports.manifest_delete.delete_manifest(&app(), &one.digest).await?;
    assert_eq!(parents(10).await?, std::slice::from_ref(&other.digest));
    ports.manifest_delete.delete_manifest(&app(), &other.digest).await?;
    assert_eq!(parents(10).await?, []);
    Ok(())
}

/// One that broke off is a parent no longer after a while.
pub async fn a_push_under_way_is_a_parent(world: &impl World) -> Clause {
    let ports = world.ports();
    let child = image().layer("files").build();
    push(&ports, &app(), &child, &[]).await?;
    let parent = index().child(&child).build();
    prepare(&ports, &app(), &parent, "push").await?;
    assert_eq!(ports.artifacts.parents(&app(), &child.digest, 10).await?, [parent.digest]);
    world.advance(Duration::from_hours(2));
    assert_eq!(ports.artifacts.parents(&app(), &child.digest, 10).await?, []);
    Ok(())
}

async fn all_digests(
    ports: &Ports,
    repository: &RepositoryName,
    limit: usize,
) -> Result<Vec<Digest>, StoreError> {
    let mut all: Vec<Digest> = Vec::new();
    loop {
        let page = ports.artifacts.list(repository, all.last(), limit).await?;
        assert!(page.items.len() == limit || !page.more, "a page before the last is full");
        all.extend(page.items.into_iter().map(|artifact| artifact.digest));
        if !page.more {
            return Ok(all);
        }
    }
}

async fn all_tagged(ports: &Ports, limit: usize) -> Result<Vec<(Digest, Tag)>, StoreError> {
    let mut all: Vec<(Digest, Tag)> = Vec::new();
    loop {
        let after = all.last().map(|(digest, tag)| (digest, tag));
        let page = ports.artifacts.tagged(&app(), after, limit).await?;
        assert!(page.items.len() == limit || !page.more, "a page before the last is full");
        all.extend(page.items.into_iter().map(|tagged| (tagged.digest, tagged.tag)));
        if !page.more {
            return Ok(all);
        }
    }
}
