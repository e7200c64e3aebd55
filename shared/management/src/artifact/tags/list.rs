//! `GET …/artifacts/{reference}/tags`.

use berth_registry::ports::TaggedManifest;

use super::super::find::Found;
use super::super::get::tags_of;
use super::super::view::TagView;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::query::{Column, Field, Query};

const COLUMNS: &[Column<TaggedManifest>] = &[
    Column { name: "name", get: |tagged| Field::text(tagged.tag.as_str()) },
    Column { name: "push_time", get: |tagged| Field::Time(tagged.pushed_at_secs.unwrap_or_default()) },
    // Pulls are not written down.
    Column { name: "pull_time", get: |_| Field::Time(0) },
];

pub(in super::super) async fn answer(call: Call<InProject>) -> Outcome {
    let query = Query::of(&call.asked, COLUMNS)?;
    let Found { permit, artifact } = Found::of(&call).await?;
    let found = query.apply(tags_of(call.registry(), &permit, &artifact).await?);
    let views = found.items.iter().map(|tagged| TagView::of(permit.repository(), &artifact, tagged));
    Ok(Answer::page(&call.asked, &found, &views.collect::<Vec<_>>()))
}
