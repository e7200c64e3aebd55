//! `PUT /projects/{project_name_or_id}`: changes the settings that are sent, and leaves the others.

use berth_projects::UpdateProject;

use super::body::ProjectBody;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let body: ProjectBody = call.asked.json()?;
    let project = call.project();
    body.check_allowlist(Some(project.id))?;
    let retention = body.setting("retention_id");
    if retention.is_some() && retention != project.metadata.get("retention_id") {
        let message = "the retention_id in the request's payload when updating a project should be omitted, \
                       alternatively passing the one that has already been associated to this project";
        return Err(Failure::bad_request(message));
    }
    match call.world().projects.update(&project.name, |metadata| body.apply(metadata)).await? {
        UpdateProject::Updated(_) => Ok(Answer::ok().about(&project.name)),
        UpdateProject::Unknown => Err(Failure::not_found(format!("project {} not found", project.name))),
        UpdateProject::Contended => Err(Failure::conflict("others are changing the project; try again")),
    }
}
