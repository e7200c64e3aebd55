//! `POST /projects`.

use berth_audit::calendar;
use berth_configuration::ProjectCreation;
use berth_projects::{
    Action, CreateProject, Metadata, NewProject, Principal, ProjectName, Resource, system_allows,
};

use super::body::ProjectBody;
use crate::access::{Call, SignedIn};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::request::RESOURCE_NAME_IN_LOCATION;

pub(super) async fn answer(call: Call<SignedIn>) -> Outcome {
    check_creator(&call).await?;
    let body: ProjectBody = call.asked.json()?;
    check_proxy(&call, &body)?;
    let name: ProjectName = body.project_name.parse().map_err(Failure::bad_request)?;
    if body.setting("retention_id").is_some() {
        let message = "the retention_id in the request's payload when creating a project should be omitted, \
                       alternatively passing an empty string";
        return Err(Failure::bad_request(message));
    }
    body.check_allowlist(None)?;
    let metadata = metadata(&body)?;
    let world = call.world();
    match world.projects.create(call.principal(), NewProject { name, metadata }).await? {
        CreateProject::Created(project) => {
            let answer = if call.asked.has_switch(&RESOURCE_NAME_IN_LOCATION) {
                Answer::created(&call.asked, &project.name)
            } else {
                Answer::created(&call.asked, project.id)
            };
            Ok(answer.about(&project.name).in_project(&project))
        }
        CreateProject::Taken => {
            Err(Failure::conflict(format!("The project named {} already exists", body.project_name)))
        }
        CreateProject::Reserved { until_secs } => Err(Failure::conflict(format!(
            "{} was the name of a project that was deleted: it can be given again from {} on",
            body.project_name,
            calendar::rfc3339(until_secs)
        ))),
    }
}

/// Everybody, or administrators alone, as it is configured. A robot needs the right of its own in both cases.
async fn check_creator(call: &Call<SignedIn>) -> Result<(), Failure> {
    if system_allows(call.principal(), Resource::Project, Action::Create) {
        return Ok(());
    }
    match call.principal() {
        Principal::User(_) => {
            let configured = call.world().configuration.get().await?;
            if configured.project_creation() == ProjectCreation::Everyone {
                return Ok(());
            }
            Err(Failure::forbidden_because("Only system admin can create project"))
        }
        Principal::Robot(_) => Err(Failure::forbidden_because("Only system level robot can create project")),
        Principal::Anonymous => Err(Failure::unauthorized()),
    }
}

fn check_proxy(call: &Call<SignedIn>, body: &ProjectBody) -> Result<(), Failure> {
    let Some(registry_id) = body.registry_id else { return Ok(()) };
    if !system_allows(call.principal(), Resource::Project, Action::Create) {
        return Err(Failure::forbidden_because("Only system admin can create proxy cache project"));
    }
    if registry_id <= 0 {
        let message = format!("{registry_id} is invalid value of registry_id, it should be greater than 0");
        return Err(Failure::bad_request(message));
    }
    Err(Failure::not_yet("a project that is a cache of another registry"))
}

/// Private, unless the request says otherwise in one of two places.
fn metadata(body: &ProjectBody) -> Result<Metadata, Failure> {
    let mut metadata = Metadata::default();
    body.apply(&mut metadata)?;
    if metadata.get("public").is_none() {
        let public = if body.public == Some(true) { "true" } else { "false" };
        metadata.set("public", public).map_err(Failure::bad_request)?;
    }
    Ok(metadata)
}
