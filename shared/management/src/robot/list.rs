//! `GET /robots` and `GET …/robots`. Without a level these are the robots of the system.

use berth_identity::robots::{Level, Robot};
use berth_projects::{Action, Resource};
use berth_registry::StoreError;
use futures::FutureExt;

use super::view::views;
use crate::access::{Call, InProject, ProjectKey, Undecided};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::query::{Column, Condition, Field, Filter, Query, collect};
use crate::request::Asked;
use crate::world::World;

const COLUMNS: &[Column<Robot>] = &[
    Column { name: "name", get: |robot| Field::text(robot.full_name.as_str()) },
    Column { name: "id", get: |robot| Field::number(robot.id) },
    Column { name: "level", get: |robot| Field::text(level(robot)) },
    Column { name: "project_id", get: |robot| Field::number(robot.project_id()) },
    Column { name: "description", get: |robot| Field::text(robot.description.as_str()) },
    Column { name: "disable", get: |robot| Field::Switch(robot.is_disabled) },
    Column { name: "visible", get: |_| Field::Switch(true) },
    Column { name: "duration", get: |robot| Field::Number(robot.duration_days) },
    Column { name: "expires_at", get: |robot| Field::Number(super::view::expires_at(robot)) },
    Column { name: "creation_time", get: |robot| Field::Time(robot.created_at_secs) },
    Column { name: "update_time", get: |robot| Field::Time(robot.updated_at_secs) },
];

fn level(robot: &Robot) -> &'static str {
    match robot.level {
        Level::System => "system",
        Level::Project { .. } => "project",
    }
}

pub(super) async fn answer(call: Call<Undecided>) -> Outcome {
    let filter = call.asked.query("q").map(Filter::parse).transpose()?.unwrap_or_default();
    match exact(&filter, "Level") {
        Some(level) if level == "project" => {
            let id = exact(&filter, "ProjectID");
            let id =
                id.ok_or_else(|| Failure::bad_request("must with project ID when to query project robots"))?;
            let id = id.parse().map_err(|_| Failure::bad_request("Project ID must be int type."))?;
            let call = call.in_project(&ProjectKey::Id(id), Resource::Robot, Action::List).await?;
            page(call.world(), &call.asked, filter, id).await
        }
        Some(level) if level != "system" => Err(Failure::bad_request("bad request error level input")),
        Some(_) | None => {
            let call = call.in_system(Resource::Robot, Action::List)?;
            page(call.world(), &call.asked, filter, 0).await
        }
    }
}

pub(super) async fn of_project(call: Call<InProject>) -> Outcome {
    let filter = call.asked.query("q").map(Filter::parse).transpose()?.unwrap_or_default();
    page(call.world(), &call.asked, filter, call.project().id).await
}

/// The newest first, if nobody asks for another order.
async fn page(world: &World, asked: &Asked, filter: Filter, project_id: u64) -> Outcome {
    let query = Query::filtered(asked, filter, COLUMNS)?;
    let mut robots = all(world, project_id).await?;
    robots.reverse();
    let found = query.apply(robots);
    let views = views(world, &found.items).await?;
    Ok(Answer::page(asked, &found, &views))
}

async fn all(world: &World, project_id: u64) -> Result<Vec<Robot>, StoreError> {
    collect(|last: Option<&Robot>, limit| {
        let after = last.map(|robot| robot.id);
        async move { world.directory.robots().list(project_id, after, limit).await }.boxed()
    })
    .await
}

/// The value that a column must have, if the filter says one.
fn exact(filter: &Filter, name: &str) -> Option<String> {
    let column = COLUMNS.iter().find(|column| column.is_called(name))?;
    filter.0.iter().find_map(|(key, condition)| match condition {
        Condition::Exact(value) if column.is_called(key) => Some(value.clone()),
        _ => None,
    })
}
