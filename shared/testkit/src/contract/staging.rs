//! [`Staging`](berth_registry::ports::Staging).

use berth_registry::ports::Promotion;
use futures::future::try_join_all;

use super::support::{app, content, nth_digest};
use super::{Clause, World};
use crate::Random;
use crate::build::{blob, repository};

/// Where nothing is staged there is nothing to promote.
pub async fn nothing_staged_is_absent(world: &impl World) -> Clause {
    let ports = world.ports();
    assert_eq!(ports.staging.promote(&app(), &nth_digest(0)).await?, Promotion::Absent);
    Ok(())
}

/// Proven content becomes a blob.
pub async fn matching_content_is_promoted(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob("staged"));
    world.stage(&app(), &blob.digest, blob.content.clone()).await?;
    assert_eq!(content(&ports, &blob.digest).await?, None, "not trusted before it is promoted");
    assert_eq!(ports.staging.promote(&app(), &blob.digest).await?, Promotion::Promoted { size_bytes: 6 });
    assert_eq!(content(&world.ports(), &blob.digest).await?, Some(blob.content));
    Ok(())
}

/// The staged object stays, and promoting it again is no harm.
pub async fn promoting_twice_succeeds(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob("staged"));
    world.stage(&app(), &blob.digest, blob.content.clone()).await?;
    for _ in 0..2 {
        assert_eq!(ports.staging.promote(&app(), &blob.digest).await?, Promotion::Promoted { size_bytes: 6 });
    }
    assert_eq!(content(&ports, &blob.digest).await?, Some(blob.content));
    Ok(())
}

/// Content under a digest that it does not have never becomes a blob.
pub async fn other_content_is_not_promoted(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob("expected"));
    world.stage(&app(), &blob.digest, "something else".into()).await?;
    for _ in 0..2 {
        assert_eq!(ports.staging.promote(&app(), &blob.digest).await?, Promotion::Mismatch);
    }
    assert_eq!(content(&ports, &blob.digest).await?, None);
    Ok(())
}

/// A client that sends good content after bad is not held back.
pub async fn good_content_after_bad(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob("expected"));
    world.stage(&app(), &blob.digest, "something else".into()).await?;
    assert_eq!(ports.staging.promote(&app(), &blob.digest).await?, Promotion::Mismatch);
    ports.staging.remove(&app(), &blob.digest).await?;
    world.stage(&app(), &blob.digest, blob.content.clone()).await?;
    assert_eq!(ports.staging.promote(&app(), &blob.digest).await?, Promotion::Promoted { size_bytes: 8 });
    Ok(())
}

/// What is staged for one repository is nothing to another, even one with a similar name.
pub async fn a_staged_object_is_of_one_repository(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob("staged"));
    world.stage(&repository("a/b"), &blob.digest, blob.content.clone()).await?;
    for other in ["a", "b", "a/b/c", "a-b"] {
        assert_eq!(
            ports.staging.promote(&repository(other), &blob.digest).await?,
            Promotion::Absent,
            "{other}"
        );
    }
    Ok(())
}

/// The blob outlives the object that it was promoted from; removing nothing succeeds.
pub async fn removing_takes_the_staged_object_alone(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob("staged"));
    ports.staging.remove(&app(), &blob.digest).await?;
    world.stage(&app(), &blob.digest, blob.content.clone()).await?;
    ports.staging.promote(&app(), &blob.digest).await?;
    ports.staging.remove(&app(), &blob.digest).await?;
    ports.staging.remove(&app(), &blob.digest).await?;
    assert_eq!(ports.staging.promote(&app(), &blob.digest).await?, Promotion::Absent);
    assert_eq!(content(&ports, &blob.digest).await?, Some(blob.content));
    Ok(())
}

/// Size does not matter.
pub async fn a_large_object_is_promoted(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob(Random::new(2).bytes(12 * 1024 * 1024 + 1)));
    world.stage(&app(), &blob.digest, blob.content.clone()).await?;
    let size_bytes = blob.content.len() as u64;
    assert_eq!(ports.staging.promote(&app(), &blob.digest).await?, Promotion::Promoted { size_bytes });
    assert!(content(&ports, &blob.digest).await? == Some(blob.content), "the content differs");
    Ok(())
}

/// Event and request may promote the same object at the same time.
pub async fn promoting_beside_itself(world: &impl World) -> Clause {
    let (ports, blob) = (world.ports(), blob(Random::new(3).bytes(1_000_000)));
    world.stage(&app(), &blob.digest, blob.content.clone()).await?;
    let app = app();
    let promotions = try_join_all((0..8).map(|_| ports.staging.promote(&app, &blob.digest))).await?;
    assert_eq!(promotions, [Promotion::Promoted { size_bytes: 1_000_000 }; 8]);
    assert!(content(&ports, &blob.digest).await? == Some(blob.content), "the content differs");
    Ok(())
}
