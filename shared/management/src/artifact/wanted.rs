//! What a client wants to see of artifacts: which of them, and which parts of each.

use berth_registry::ports::{Artifact, TaggedManifest};

use super::kind::Kind;
use super::number_of;
use super::view::{AccessoryView, Besides, TagView};
use crate::failure::Failure;
use crate::label::LabelView;
use crate::query::{Column, Condition, Field, Filter};
use crate::request::Asked;
use crate::store::Label;

/// An artifact in a listing.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The place of its repository among those that are listed.
    pub(super) shelf: usize,
    pub(super) artifact: Artifact,
    pub(super) kind: Kind,
    pub(super) size_bytes: u64,
    pub(super) tags: Vec<TaggedManifest>,
    pub(super) labels: Vec<u64>,
}

pub(super) const COLUMNS: &[Column<Row>] = &[
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
    pub(super) tags: bool,
    pub(super) labels: bool,
    pub(super) accessories: bool,
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

/// What `q` says of tags and labels, which are no columns; and the rest.
pub(super) struct Wanted {
    tags: Vec<Condition>,
    pub(super) labels: Vec<Vec<u64>>,
    /// Also what does not stand for itself.
    pub(super) all: bool,
    pub(super) others: Filter,
}

impl Wanted {
    pub(super) fn of(asked: &Asked) -> Result<Self, Failure> {
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

    /// Whether it is said of which kind they are to be.
    pub(super) fn names_a_kind(&self) -> bool {
        let is_kind =
            |name: &str| ["artifact_type", "media_type"].iter().any(|kind| name.eq_ignore_ascii_case(kind));
        self.others.0.iter().any(|(name, _)| is_kind(name))
    }

    pub(super) fn fits(&self, row: &Row) -> bool {
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
