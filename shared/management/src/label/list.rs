//! `GET /labels?scope=`. Labels of everybody are for everybody who has signed in.

use berth_projects::{Action, Resource};
use berth_registry::StoreError;
use futures::FutureExt;

use super::{GLOBAL, LabelView, OF_PROJECT};
use crate::access::{Call, ProjectKey, Undecided};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::query::{Column, Field, Query, collect};
use crate::request::Asked;
use crate::store::Label;
use crate::world::World;

const COLUMNS: &[Column<Label>] = &[
    Column { name: "name", get: |label| Field::text(label.name.as_str()) },
    Column { name: "id", get: |label| Field::number(label.id) },
    Column { name: "description", get: |label| Field::text(label.description.as_str()) },
    Column { name: "color", get: |label| Field::text(label.color.as_str()) },
    Column { name: "project_id", get: |label| Field::number(label.project_id) },
    Column { name: "creation_time", get: |label| Field::Time(label.created_at_secs) },
    Column { name: "update_time", get: |label| Field::Time(label.updated_at_secs) },
];

pub(super) async fn answer(call: Call<Undecided>) -> Outcome {
    match call.asked.query("scope") {
        Some(GLOBAL) => {
            let call = call.signed_in();
            page(call.world(), &call.asked, 0).await
        }
        Some(OF_PROJECT) => {
            let id = call
                .asked
                .query_number("project_id")?
                .and_then(|id| u64::try_from(id).ok())
                .filter(|id| *id > 0);
            let id =
                id.ok_or_else(|| Failure::bad_request("must with project ID when to query project labels"))?;
            let call = call.in_project(&ProjectKey::Id(id), Resource::Label, Action::List).await?;
            page(call.world(), &call.asked, id).await
        }
        other => Err(Failure::bad_request(format!("invalid scope: {}", other.unwrap_or_default()))),
    }
}

async fn page(world: &World, asked: &Asked, project_id: u64) -> Outcome {
    let query = Query::of(asked, COLUMNS)?;
    let mut labels = all(world, project_id).await?;
    if let Some(part) = asked.query("name") {
        labels.retain(|label| (COLUMNS[0].get)(label).contains(part));
    }
    let found = query.apply(labels);
    let views: Vec<LabelView<'_>> = found.items.iter().map(LabelView::of).collect();
    Ok(Answer::page(asked, &found, &views))
}

async fn all(world: &World, project_id: u64) -> Result<Vec<Label>, StoreError> {
    collect(|last: Option<&Label>, limit| {
        let after = last.map(|label| label.id);
        async move { world.labels.list(project_id, after, limit).await }.boxed()
    })
    .await
}
