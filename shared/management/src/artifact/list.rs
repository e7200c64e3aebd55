//! `GET /projects/{project_name}/repositories/{repository_name}/artifacts`.
//!
//! What stands for itself, newest first; parts of others without tags and accessories are listed for `q=base=*` alone. All heads are read
//! in order of keys, the artifacts of the page are then looked into, a few at a time.

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
use crate::repository::name_of;
use crate::store::{Attachments, Label};

/// How many artifacts are looked into at a time.
const SIDE_BY_SIDE: usize = 8;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let permit = call.pull(&name_of(&call)?).await?;
    let (shown, wanted) = (Shown::of(&call.asked)?, Wanted::of(&call.asked)?);
    let query = Query::filtered(&call.asked, wanted.others.clone(), COLUMNS)?;
    let contents = Contents::read(call.registry(), &permit, MAX_LISTED).await?;
    let found = query.apply(rows(&call, &permit, &contents, &wanted, &shown).await?);
    let details = details(&call, &permit, &found.items).await?;
    let labels = labels(&call, &found.items, &shown).await?;
    let repository = permit.repository();
    let views = found.items.iter().zip(details).zip(&labels).map(|((row, detail), labels)| {
        let Row { artifact, kind, size_bytes, tags, .. } = row;
        let tags = tags.iter().map(|tagged| TagView::of(repository, artifact, tagged)).collect();
        let accessories = accessories(repository, &contents, artifact, &shown);
        let besides = shown.besides(tags, labels, accessories);
        ArtifactView::of(call.project().id, repository, artifact, kind, *size_bytes, detail, besides)
    });
    Ok(Answer::page(&call.asked, &found, &views.collect::<Vec<_>>()))
}

/// What is wanted, newest first.
async fn rows(
    call: &Call<InProject>,
    permit: &Permit<Pull>,
    contents: &Contents,
    wanted: &Wanted,
    shown: &Shown,
) -> Result<Vec<Row>, Failure> {
    let attached = if shown.labels || !wanted.labels.is_empty() {
        call.world().attached.list(permit.repository(), None, MAX_LISTED).await?
    } else {
        Attachments::default()
    };
    let row = |artifact: &Artifact| Row {
        kind: Kind::of(artifact),
        size_bytes: contents.size_bytes(artifact),
        tags: contents.tags_of(&artifact.digest).to_vec(),
        labels: attached.of(&artifact.digest, artifact.pushed_at_secs),
        artifact: artifact.clone(),
    };
    let mut rows: Vec<Row> =
        if wanted.all { contents.all().map(row).collect() } else { contents.roots().map(row).collect() };
    rows.retain(|row| wanted.fits(row));
    rows.sort_by_key(|row| (Reverse(row.artifact.pushed_at_secs), row.artifact.digest.clone()));
    Ok(rows)
}

async fn details(
    call: &Call<InProject>,
    permit: &Permit<Pull>,
    rows: &[Row],
) -> Result<Vec<Detail>, Failure> {
    let reads: Vec<_> = rows
        .iter()
        .map(|row| Detail::read(call.registry(), permit, &row.artifact, &row.kind).boxed())
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
