//! `GET …/artifacts/{reference}`.

use berth_protocol::Reference;
use berth_registry::ports::{Artifact, TaggedManifest};
use berth_registry::{Permit, Pull, Registry, StoreError};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use super::accessories::{Accessory, accessories_of};
use super::contents::own_size_bytes;
use super::detail::Detail;
use super::find::Found;
use super::kind::Kind;
use super::view::{AccessoryView, ArtifactView, TagView};
use super::wanted::Shown;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::query::MAX_LISTED;
use crate::store::Label;

/// How many tags are read at a time.
const TAGS_AT_ONCE: usize = 1000;
/// How many parts of an artifact are read at a time.
const SIDE_BY_SIDE: usize = 8;
/// Of an artifact with more parts, these alone count for its size.
const MAX_PARTS: usize = 100;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let shown = Shown::of(&call.asked)?;
    let found = Found::of(&call).await?;
    let Found { permit, artifact } = &found;
    let (registry, repository) = (call.registry(), permit.repository());
    let kind = Kind::of(artifact);
    let (tags, detail, size_bytes) = futures::try_join!(
        tags_of(registry, permit, artifact),
        Detail::read(registry, permit, artifact, &kind),
        size_bytes(registry, permit, artifact),
    )?;
    let labels = if shown.labels { labels(&call, &found).await? } else { Vec::new() };
    let accessories = if shown.accessories { accessories(&call, &found).await? } else { Vec::new() };
    let tags = tags.iter().map(|tagged| TagView::of(repository, artifact, tagged)).collect();
    let besides = shown.besides(tags, &labels, accessories);
    let project_id = call.project().id;
    Ok(Answer::of(&ArtifactView::of(project_id, repository, artifact, &kind, size_bytes, detail, besides)))
}

async fn labels(call: &Call<InProject>, found: &Found) -> Result<Vec<Label>, StoreError> {
    let artifact = &found.artifact;
    let attached = &call.world().attached;
    let attached = attached.list(found.repository(), Some(&artifact.digest), MAX_LISTED).await?;
    call.world().labels.get_many(&attached.of(&artifact.digest, artifact.pushed_at_secs)).await
}

async fn accessories(call: &Call<InProject>, found: &Found) -> Result<Vec<AccessoryView>, StoreError> {
    let subject = &found.artifact.digest;
    let accessories = accessories_of(call.registry(), &found.permit, subject).await?;
    let view = |Accessory { artifact, name }: &Accessory| {
        AccessoryView::of(found.repository(), subject, artifact, name)
    };
    Ok(accessories.iter().map(view).collect())
}

/// The tags of one artifact, up to what a listing looks at.
pub(super) async fn tags_of(
    registry: &Registry,
    permit: &Permit<Pull>,
    artifact: &Artifact,
) -> Result<Vec<TaggedManifest>, StoreError> {
    let mut all: Vec<TaggedManifest> = Vec::new();
    loop {
        let after = all.last().map(|tagged| &tagged.tag);
        let page = registry.list_tags_of(permit, &artifact.digest, after, TAGS_AT_ONCE).await?;
        all.extend(page.items);
        if !page.more || all.len() >= MAX_LISTED {
            return Ok(all);
        }
    }
}

/// The size of the artifact with what it is made of.
async fn size_bytes(
    registry: &Registry,
    permit: &Permit<Pull>,
    artifact: &Artifact,
) -> Result<u64, StoreError> {
    let children = artifact.shape.iter().flat_map(|shape| &shape.children).take(MAX_PARTS);
    let references: Vec<Reference> = children.cloned().map(Reference::Digest).collect();
    let reads: Vec<_> =
        references.iter().map(|reference| registry.artifact(permit, reference).boxed()).collect();
    let parts: Vec<Option<Artifact>> = stream::iter(reads).buffered(SIDE_BY_SIDE).try_collect().await?;
    let of_parts = parts.iter().flatten().map(own_size_bytes).fold(0, u64::saturating_add);
    Ok(own_size_bytes(artifact).saturating_add(of_parts))
}
