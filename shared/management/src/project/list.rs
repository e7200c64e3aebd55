//! `GET /projects`: the public ones, one's own, and those of one's groups.

use berth_projects::Project;

use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::query::{Column, Field, Query};
use crate::visible::Counts;

const COLUMNS: &[Column<Project>] = &[
    Column { name: "name", get: |project| Field::text(project.name.as_str()) },
    Column { name: "project_id", get: |project| Field::number(project.id) },
    Column { name: "public", get: |project| Field::Switch(project.metadata.is_public()) },
    Column { name: "owner", get: |project| Field::text(project.owner_name.as_str()) },
    Column { name: "owner_name", get: |project| Field::text(project.owner_name.as_str()) },
    Column { name: "owner_id", get: |project| Field::number(project.owner_id) },
    Column { name: "creation_time", get: |project| Field::Time(project.created_at_secs) },
    Column { name: "update_time", get: |project| Field::Time(project.updated_at_secs) },
];

pub(super) async fn answer(call: Call<Anyone>) -> Outcome {
    let asked = &call.asked;
    let query = Query::of(asked, COLUMNS)?;
    let is_public = asked.query_switch("public")?;
    let counts = if asked.query_switch("with_detail")? == Some(false) { Counts::None } else { Counts::Each };
    let (name, owner) = (asked.query("name").map(str::to_lowercase), asked.query("owner"));
    let mut projects = call.visible().projects(is_public).await?;
    projects.retain(|project| {
        let is_named = name.as_deref().is_none_or(|part| project.name.as_str().contains(part));
        is_named && owner.is_none_or(|owner| project.owner_name == owner)
    });
    let mut found = query.apply(projects);
    let views = call.visible().describe(std::mem::take(&mut found.items), counts).await?;
    Ok(Answer::page(asked, &found, &views))
}
