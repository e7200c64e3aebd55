//! `GET /quotas`.

use berth_projects::Project;
use futures::FutureExt;
use serde_json::Value;

use super::view;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::query::{Column, Field, Query, collect};

const COLUMNS: &[Column<Project>] = &[
    Column { name: "id", get: |project| Field::number(project.id) },
    Column { name: "reference_id", get: |project| Field::number(project.id) },
    Column { name: "hard.storage", get: |_| Field::Number(super::UNLIMITED) },
    Column { name: "used.storage", get: |_| Field::Number(0) },
    Column { name: "creation_time", get: |project| Field::Time(project.created_at_secs) },
    Column { name: "update_time", get: |project| Field::Time(project.created_at_secs) },
];

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let asked = &call.asked;
    let query = Query::of(asked, COLUMNS)?;
    let world = call.world();
    let mut projects = collect(|last: Option<&Project>, limit| {
        let after = last.map(|project| project.name.to_string());
        async move { world.projects.list(after.as_deref(), limit).await }.boxed()
    })
    .await?;
    // Projects are all that has a quota.
    let is_of_projects = asked.query("reference").is_none_or(|reference| reference == "project");
    let id = asked.query("reference_id");
    projects.retain(|project| is_of_projects && id.is_none_or(|id| id == project.id.to_string()));
    projects.sort_by_key(|project| project.id);
    let found = query.apply(projects);
    let views: Vec<Value> = found.items.iter().map(view).collect();
    Ok(Answer::page(asked, &found, &views))
}
