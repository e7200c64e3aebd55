//! `DELETE /projects/{project_name_or_id}`, and whether that can be.

use berth_projects::DeleteProject;
use serde_json::json;

use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::repositories;

const NOT_EMPTY: &str = "the project contains repositories, can not be deleted";

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let (world, project) = (call.world(), call.project());
    match world.projects.delete(&project.name).await? {
        DeleteProject::Deleted => {}
        DeleteProject::Unknown => {
            return Err(Failure::not_found(format!("project {} not found", project.name)));
        }
        DeleteProject::NotEmpty => return Err(Failure::precondition(NOT_EMPTY)),
        DeleteProject::Contended => {
            return Err(Failure::conflict("others are changing the project; try again"));
        }
    }
    // They are of no use any more: their project's number is gone, and is not used again.
    world.directory.robots().delete_of_project(project.id).await?;
    world.labels.delete_of_project(project.id).await?;
    Ok(Answer::ok().about(&project.name))
}

pub(super) async fn deletable(call: Call<InProject>) -> Outcome {
    let repositories = repositories::of_project(call.world(), call.project().name.as_str()).await?;
    if repositories.is_empty() {
        return Ok(Answer::of(&json!({ "deletable": true })));
    }
    Ok(Answer::of(&json!({ "deletable": false, "message": NOT_EMPTY })))
}
