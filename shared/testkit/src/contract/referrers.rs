//! [`ReferrerList`](berth_registry::ports::ReferrerList).

use berth_protocol::{Descriptor, Digest};
use berth_registry::{Ports, StoreError};

use super::support::{app, nth_digest, nth_image, push, tags};
use super::{Clause, World};
use crate::build::{Built, artifact, repository};

/// A subject need not exist to have no referrers.
pub async fn an_unknown_subject_has_none(world: &impl World) -> Clause {
    let page = world.ports().referrers.list(&app(), &nth_digest(0), None, 10).await?;
    assert_eq!((page.items, page.more), (Vec::new(), false));
    Ok(())
}

/// Type, size, artifact type and annotations come back; the subject may be absent, or come later.
pub async fn referrers_keep_their_descriptors(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let signature = artifact(&subject, "application/x.signature").annotation("key", "välue\n\"").build();
    push(&ports, &app(), &signature, &[]).await?;
    assert_eq!(all(&world.ports(), &subject.digest, 10).await?, [signature.descriptor()]);
    push(&ports, &app(), &subject, &tags(&["latest"])).await?;
    assert_eq!(all(&ports, &subject.digest, 10).await?, [signature.descriptor()]);
    Ok(())
}

/// Both algorithms, in order of their texts.
pub async fn referrers_are_in_order_of_digests(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let mut referrers = numbered(&subject, 8);
    referrers.push(nth(&subject, 8).under_sha512());
    for referrer in &referrers {
        push(&ports, &app(), referrer, &[]).await?;
    }
    assert_eq!(all(&ports, &subject.digest, 100).await?, in_order(&referrers));
    Ok(())
}

/// Pages of every size give the whole list, and none is longer than asked for.
pub async fn referrers_in_pages(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let referrers = numbered(&subject, 7);
    for referrer in &referrers {
        push(&ports, &app(), referrer, &[]).await?;
    }
    for limit in [1, 2, 6, 7, 8] {
        assert_eq!(all(&ports, &subject.digest, limit).await?, in_order(&referrers), "pages of {limit}");
    }
    Ok(())
}

/// Neither another subject's nor another repository's referrers are listed.
pub async fn referrers_are_of_one_subject_and_repository(world: &impl World) -> Clause {
    let (ports, subject, other) = (world.ports(), nth_image(0), nth_image(1));
    let signature = nth(&subject, 0);
    push(&ports, &app(), &signature, &[]).await?;
    push(&ports, &app(), &nth(&other, 1), &[]).await?;
    push(&ports, &repository("other"), &nth(&subject, 2), &[]).await?;
    assert_eq!(all(&ports, &subject.digest, 10).await?, [signature.descriptor()]);
    Ok(())
}

/// Descriptors that are too long for one record of a database.
pub async fn large_annotations(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let large = |n: usize| {
        artifact(&subject, "application/x.report")
            .annotation("report", n.to_string().repeat(100_000 * n))
            .build()
    };
    let referrers: Vec<Built> = (1..=6).map(large).collect();
    for referrer in &referrers {
        push(&ports, &app(), referrer, &[]).await?;
    }
    assert!(all(&ports, &subject.digest, 100).await? == in_order(&referrers), "the descriptors differ");
    Ok(())
}

/// More than one answer of a database holds.
pub async fn many_referrers(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let signature = |n: usize| nth_annotated(&subject, n, &"x".repeat(20_000));
    let referrers: Vec<Built> = (0..120).map(signature).collect();
    for referrer in &referrers {
        push(&ports, &app(), referrer, &[]).await?;
    }
    assert!(all(&ports, &subject.digest, 1000).await? == in_order(&referrers), "the descriptors differ");
    Ok(())
}

/// Repeating a push does not list a manifest twice.
pub async fn pushing_a_referrer_again_keeps_one_entry(world: &impl World) -> Clause {
    let (ports, subject) = (world.ports(), nth_image(0));
    let signature = nth(&subject, 0);
    push(&ports, &app(), &signature, &[]).await?;
    push(&ports, &app(), &signature, &tags(&["signature"])).await?;
    assert_eq!(all(&ports, &subject.digest, 10).await?, [signature.descriptor()]);
    Ok(())
}

fn nth(subject: &Built, n: usize) -> Built {
    nth_annotated(subject, n, "")
}

fn nth_annotated(subject: &Built, n: usize, text: &str) -> Built {
    artifact(subject, "application/x.signature")
        .annotation("n", n.to_string())
        .annotation("text", text)
        .build()
}

fn numbered(subject: &Built, count: usize) -> Vec<Built> {
    (0..count).map(|n| nth(subject, n)).collect()
}

fn in_order(referrers: &[Built]) -> Vec<Descriptor> {
    let mut descriptors: Vec<Descriptor> = referrers.iter().map(Built::descriptor).collect();
    descriptors.sort_by_key(|descriptor| descriptor.digest.to_string());
    descriptors
}

/// All pages. A page may be short, but one that is empty while more follow would never end.
async fn all(ports: &Ports, subject: &Digest, limit: usize) -> Result<Vec<Descriptor>, StoreError> {
    let mut all: Vec<Descriptor> = Vec::new();
    loop {
        let after = all.last().map(|descriptor| descriptor.digest.to_string());
        let page = ports.referrers.list(&app(), subject, after.as_deref(), limit).await?;
        assert!(page.items.len() <= limit, "a page is longer than asked for");
        assert!(!page.items.is_empty() || !page.more, "an empty page leads nowhere");
        let first = page.items.first().map(|descriptor| descriptor.digest.to_string());
        assert!(first.is_none() || first > after, "a page begins behind the last one");
        all.extend(page.items);
        if !page.more {
            return Ok(all);
        }
    }
}
