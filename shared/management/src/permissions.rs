//! `GET /permissions`: the rights that robots can be given. Those in the system are for system administrators to see; those in a
//! project, for whoever is project admin somewhere.

use berth_projects::{Action, Permission, Resource};
use serde_json::{Value, json};

use crate::access::{Call, SignedIn};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::route::{Route, Verb, run};

pub(crate) const ROUTES: &[Route] = &[Route::new(Verb::Get, "/permissions", "getPermissions", "permissions")
    .about("The rights that robots can be given")
    .signed_in(run!(self::answer))];

async fn answer(call: Call<SignedIn>) -> Outcome {
    let project = list(Permission::project_catalogue());
    if call.principal().is_admin() {
        let system = list(Permission::system_catalogue());
        return Ok(Answer::of(&json!({ "system": system, "project": project })));
    }
    // A robot hands on what it has, and is nobody's admin.
    let mut own = Vec::new();
    if call.principal().user().is_some() {
        own = call.visible().own().await?;
    }
    for project_of_his in own {
        let rights = call.world().projects.rights_in(call.principal(), project_of_his).await?;
        if rights.allow(Resource::Robot, Action::Create) {
            return Ok(Answer::of(&json!({ "project": project })));
        }
    }
    Err(Failure::forbidden_because("only admins(system and project) can access permissions"))
}

fn list(catalogue: impl Iterator<Item = (Resource, Action)>) -> Vec<Value> {
    catalogue
        .map(|(resource, action)| json!({ "resource": resource.as_str(), "action": action.as_str() }))
        .collect()
}
