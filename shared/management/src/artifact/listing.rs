//! Artifacts of one repository, or of all of a project: what stands for itself, newest first. Parts of others without tags and
//! accessories are listed for `q=base=*` alone.
//!
//! All heads are read in order of keys, the artifacts of the page are then looked into, a few at a time.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use berth_protocol::RepositoryName;
use berth_registry::ports::Artifact;
use berth_registry::{Permit, Pull};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use super::contents::Contents;
use super::detail::Detail;
use super::kind::Kind;
use super::view::{AccessoryView, ArtifactView, TagView};
use super::wanted::{COLUMNS, Row, Shown, Wanted};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::query::{MAX_LISTED, Query};
use crate::store::{Attachments, Label};

/// How many repositories or artifacts are looked into at a time.
const SIDE_BY_SIDE: usize = 8;

/// A repository, with what it holds.
struct Shelf {
    permit: Permit<Pull>,
    contents: Contents,
    attached: Attachments,
}

/// Answers the page of what is wanted of these repositories' artifacts. `are_newest`: of each repository only the newest of it.
pub(super) async fn page(
    call: &Call<InProject>,
    repositories: &[RepositoryName],
    wanted: &Wanted,
    are_newest: bool,
) -> Outcome {
    let shown = Shown::of(&call.asked)?;
    let query = Query::filtered(&call.asked, wanted.others.clone(), COLUMNS)?;
    let has_labels = shown.labels || !wanted.labels.is_empty();
    let shelves = shelves(call, repositories, has_labels).await?;
    let mut rows = rows(&shelves, wanted);
    if are_newest {
        rows.retain(|row| query.meets(row));
        let mut known = BTreeSet::new();
        rows.retain(|row| known.insert(row.shelf));
    }
    let found = query.apply(rows);
    let details = details(call, &shelves, &found.items).await?;
    let labels = labels(call, &found.items, &shown).await?;
    let views = found.items.iter().zip(details).zip(&labels).map(|((row, detail), labels)| {
        let Row { artifact, kind, size_bytes, tags, shelf, .. } = row;
        let Shelf { permit, contents, .. } = &shelves[*shelf];
        let repository = permit.repository();
        let tags = tags.iter().map(|tagged| TagView::of(repository, artifact, tagged)).collect();
        let accessories = accessories(repository, contents, artifact, &shown);
        let besides = shown.besides(tags, labels, accessories);
        ArtifactView::of(call.project().id, repository, artifact, kind, *size_bytes, detail, besides)
    });
    Ok(Answer::page(&call.asked, &found, &views.collect::<Vec<_>>()))
}

/// The repositories with what they hold, up to [`MAX_LISTED`] manifests in all: those behind that are left out.
async fn shelves(
    call: &Call<InProject>,
    repositories: &[RepositoryName],
    has_labels: bool,
) -> Result<Vec<Shelf>, Failure> {
    let reads: Vec<_> = repositories.iter().map(|name| shelf(call, name, has_labels).boxed()).collect();
    let mut reads = stream::iter(reads).buffered(SIDE_BY_SIDE);
    let (mut shelves, mut count) = (Vec::new(), 0);
    while let Some(shelf) = reads.try_next().await? {
        count += shelf.contents.all().count();
        shelves.push(shelf);
        if count >= MAX_LISTED {
            break;
        }
    }
    Ok(shelves)
}

async fn shelf(call: &Call<InProject>, name: &RepositoryName, has_labels: bool) -> Result<Shelf, Failure> {
    let permit = call.pull(name).await?;
    let contents = Contents::read(call.registry(), &permit, MAX_LISTED).await?;
    let mut attached = Attachments::default();
    if has_labels {
        attached = call.world().attached.list(name, None, MAX_LISTED).await?;
    }
    Ok(Shelf { permit, contents, attached })
}

/// What is wanted, newest first.
fn rows(shelves: &[Shelf], wanted: &Wanted) -> Vec<Row> {
    let mut rows = Vec::new();
    for (shelf, Shelf { contents, attached, .. }) in shelves.iter().enumerate() {
        let row = |artifact: &Artifact| Row {
            shelf,
            kind: Kind::of(artifact),
            size_bytes: contents.size_bytes(artifact),
            tags: contents.tags_of(&artifact.digest).to_vec(),
            labels: attached.of(&artifact.digest, artifact.pushed_at_secs),
            artifact: artifact.clone(),
        };
        let artifacts: Vec<&Artifact> =
            if wanted.all { contents.all().collect() } else { contents.roots().collect() };
        rows.extend(artifacts.into_iter().map(row).filter(|row| wanted.fits(row)));
    }
    rows.sort_by_key(|row| (Reverse(row.artifact.pushed_at_secs), row.artifact.digest.clone(), row.shelf));
    rows
}

async fn details(call: &Call<InProject>, shelves: &[Shelf], rows: &[Row]) -> Result<Vec<Detail>, Failure> {
    let reads: Vec<_> = rows
        .iter()
        .map(|row| {
            let permit = &shelves[row.shelf].permit;
            Detail::read(call.registry(), permit, &row.artifact, &row.kind).boxed()
        })
        .collect();
    Ok(stream::iter(reads).buffered(SIDE_BY_SIDE).try_collect().await?)
}

/// The labels of each row, each read once; those that were removed since are left out.
async fn labels(call: &Call<InProject>, rows: &[Row], shown: &Shown) -> Result<Vec<Vec<Label>>, Failure> {
    if !shown.labels {
        return Ok(vec![Vec::new(); rows.len()]);
    }
    let ids: BTreeSet<u64> = rows.iter().flat_map(|row| row.labels.iter().copied()).collect();
    let ids: Vec<u64> = ids.into_iter().collect();
    let found = call.world().labels.get_many(&ids).await?;
    let known: HashMap<u64, Label> = found.into_iter().map(|label| (label.id, label)).collect();
    let of = |row: &Row| row.labels.iter().filter_map(|id| known.get(id).cloned()).collect();
    Ok(rows.iter().map(of).collect())
}

fn accessories(
    repository: &RepositoryName,
    contents: &Contents,
    artifact: &Artifact,
    shown: &Shown,
) -> Vec<AccessoryView> {
    if !shown.accessories {
        return Vec::new();
    }
    let found = contents.accessories_of(&artifact.digest).into_iter();
    found.map(|(accessory, name)| AccessoryView::of(repository, &artifact.digest, accessory, name)).collect()
}
