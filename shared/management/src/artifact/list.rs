//! `GET /projects/{project_name}/repositories/{repository_name}/artifacts`.
//!
//! What stands for itself, newest first; parts of others without tags and accessories are listed for `q=base=*` alone. All heads are read
//! in order of keys, the artifacts of the page are then looked into, a few at a time.

use std::cmp::Reverse;

use berth_protocol::RepositoryName;
use berth_registry::ports::{Artifact, TaggedManifest};
use berth_registry::{Permit, Pull};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use super::contents::Contents;
use super::detail::Detail;
use super::kind::Kind;
use super::number_of;
use super::view::{AccessoryView, ArtifactView, Besides, TagView};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::label::LabelView;
use crate::query::{Column, Condition, Field, Filter, MAX_LISTED, Query};
use crate::repository::name_of;
use crate::request::Asked;
use crate::store::Label;

/// How many artifacts are looked into at a time.
const SIDE_BY_SIDE: usize = 8;

/// An artifact in a listing.
#[derive(Debug, Clone)]
pub(super) struct Row {
    artifact: Artifact,
    kind: Kind,
    size_bytes: u64,
    tags: Vec<TaggedManifest>,
    labels: Vec<u64>,
}

const COLUMNS: &[Column<Row>] = &[
    Column { name: "id", get: |row| Field::number(number_of(&row.artifact.digest)) },
    Column { name: "digest", get: |row| Field::text(row.artifact.digest.to_string()) },
    Column { name: "type", get: |row| Field::text(row.kind.name.as_str()) },
    Column { name: "media_type", get: |row| Field::text(row.kind.media_type.as_str()) },
    Column { name: "manifest_media_type", get: |row| Field::text(row.artifact.media_type.as_str()) },
    Column { name: "artifact_type", get: |row| Field::text(row.kind.artifact_type.as_str()) },
    Column { name: "size", get: |row| Field::number(row.size_bytes) },
    Column { name: "push_time", get: |row| Field::Time(row.artifact.pushed_at_secs) },
    // Pulls are not written down.
    Column { name: "pull_time", get: |_| Field::Time(0) },
];

/// Which parts of an artifact are shown.
pub(super) struct Shown {
    tags: bool,
    labels: bool,
    accessories: bool,
}

impl Shown {
    pub(super) fn of(asked: &Asked) -> Result<Self, Failure> {
        for other in
            ["with_scan_overview", "with_sbom_overview", "with_immutable_status", "with_inherited_accessory"]
        {
            // There are none of these to show.
            asked.query_switch(other)?;
        }
        Ok(Self {
            tags: asked.query_switch("with_tag")?.unwrap_or(true),
            labels: asked.query_switch("with_label")?.unwrap_or(false),
            accessories: asked.query_switch("with_accessory")?.unwrap_or(false),
        })
    }

    pub(super) fn has_labels(&self) -> bool {
        self.labels
    }

    pub(super) fn besides<'a>(
        &self,
        tags: Vec<TagView>,
        labels: &'a [Label],
        accessories: Vec<AccessoryView>,
    ) -> Besides<'a> {
        let labels: Vec<LabelView<'a>> = labels.iter().map(LabelView::of).collect();
        Besides {
            tags: Some(tags).filter(|tags| self.tags && !tags.is_empty()),
            labels: Some(labels).filter(|labels| self.labels && !labels.is_empty()),
            accessories: Some(accessories).filter(|found| self.accessories && !found.is_empty()),
        }
    }
}

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let asked = &call.asked;
    let permit = call.pull(&name_of(&call)?).await?;
    let shown = Shown::of(asked)?;
    let wanted = Wanted::of(asked)?;
    let query = Query::filtered(asked, wanted.others.clone(), COLUMNS)?;
    let contents = Contents::read(call.registry(), &permit, MAX_LISTED).await?;
    let mut rows = rows(&call, &permit, &contents, &wanted, shown.labels).await?;
    rows.sort_by_key(|row| (Reverse(row.artifact.pushed_at_secs), row.artifact.digest.clone()));
    let found = query.apply(rows);
    let details: Vec<_> = found
        .items
        .iter()
        .map(|row| Detail::read(call.registry(), &permit, &row.artifact, &row.kind).boxed())
        .collect();
    let details: Vec<Detail> = stream::iter(details).buffered(SIDE_BY_SIDE).try_collect().await?;
    let labels = labels_of(&call, &found.items, &shown).await?;
    let repository = permit.repository();
    let views = found.items.iter().zip(details).zip(&labels).map(|((row, detail), labels)| {
        let besides = shown.besides(
            row.tags.iter().map(|tagged| TagView::of(repository, &row.artifact, tagged)).collect(),
            labels,
            accessories(repository, &contents, &row.artifact),
        );
        let (project_id, size) = (call.project().id, row.size_bytes);
        ArtifactView::of(project_id, repository, &row.artifact, &row.kind, size, detail, besides)
    });
    Ok(Answer::page(asked, &found, &views.collect::<Vec<_>>()))
}

async fn rows(
    call: &Call<InProject>,
    permit: &Permit<Pull>,
    contents: &Contents,
    wanted: &Wanted,
    with_labels: bool,
) -> Result<Vec<Row>, Failure> {
    let attached = if with_labels || !wanted.labels.is_empty() {
        call.world().attached.list(permit.repository(), None, MAX_LISTED).await?
    } else {
        crate::store::Attachments::default()
    };
    let row = |artifact: &Artifact| Row {
        kind: Kind::of(artifact),
        size_bytes: contents.size_bytes(artifact),
        tags: contents.tags_of(&artifact.digest).to_vec(),
        labels: attached.of(&artifact.digest, artifact.pushed_at_secs),
        artifact: artifact.clone(),
    };
    let rows: Vec<Row> =
        if wanted.all { contents.all().map(row).collect() } else { contents.roots().map(row).collect() };
    Ok(rows.into_iter().filter(|row| wanted.fits(row)).collect())
}

fn accessories(repository: &RepositoryName, contents: &Contents, artifact: &Artifact) -> Vec<AccessoryView> {
    let found = contents.accessories_of(&artifact.digest).into_iter();
    found.map(|(accessory, name)| AccessoryView::of(repository, &artifact.digest, accessory, name)).collect()
}

/// The labels of each row; those that were removed since are left out.
async fn labels_of(call: &Call<InProject>, rows: &[Row], shown: &Shown) -> Result<Vec<Vec<Label>>, Failure> {
    let mut labels = Vec::with_capacity(rows.len());
    for row in rows {
        let ids: &[u64] = if shown.labels { &row.labels } else { &[] };
        labels.push(call.world().labels.get_many(ids).await?);
    }
    Ok(labels)
}

/// What `q` says of tags and labels, which are no columns; and the rest.
struct Wanted {
    tags: Vec<Condition>,
    labels: Vec<Vec<u64>>,
    /// Also what does not stand for itself.
    all: bool,
    others: Filter,
}

impl Wanted {
    fn of(asked: &Asked) -> Result<Self, Failure> {
        let filter = asked.query("q").map(Filter::parse).transpose()?.unwrap_or_default();
        let mut wanted = Self { tags: Vec::new(), labels: Vec::new(), all: false, others: Filter::default() };
        for (name, condition) in filter.0 {
            match name.to_ascii_lowercase().as_str() {
                "tags" => wanted.tags.push(condition),
                "labels" => wanted.labels.push(numbers(&condition)?),
                "base" => wanted.all = condition == Condition::Exact("*".to_owned()),
                _ => wanted.others.0.push((name, condition)),
            }
        }
        Ok(wanted)
    }

    fn fits(&self, row: &Row) -> bool {
        let has_all = |labels: &Vec<u64>| labels.iter().all(|label| row.labels.contains(label));
        self.tags.iter().all(|condition| has_tag(condition, row)) && self.labels.iter().all(has_all)
    }
}

/// `*` is any tag, `nil` is none.
fn has_tag(condition: &Condition, row: &Row) -> bool {
    match condition {
        Condition::Exact(text) if text == "*" => !row.tags.is_empty(),
        Condition::Exact(text) if text == "nil" => row.tags.is_empty(),
        _ => row.tags.iter().any(|tagged| condition.holds(&Field::text(tagged.tag.as_str()))),
    }
}

/// The labels that an artifact must have: one, or all in brackets.
fn numbers(condition: &Condition) -> Result<Vec<u64>, Failure> {
    let texts = match condition {
        Condition::Exact(text) => std::slice::from_ref(text),
        Condition::All(texts) => texts,
        _ => return Err(Failure::bad_request("q takes labels as labels=1 or labels=(1 2)")),
    };
    let number = |text: &String| {
        text.parse().map_err(|_| Failure::bad_request(format!("a label is a number, not {text:?}")))
    };
    texts.iter().map(number).collect()
}
