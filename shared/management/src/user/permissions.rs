//! `GET /users/current/permissions?scope=`: what one may do, in the system or in one project. Of a scope that one does not see there is
//! nothing to tell.

use berth_projects::{Action, Resource, system_allows};
use serde_json::{Value, json};

use crate::access::{Call, ProjectKey, SignedIn};
use crate::answer::{Answer, Outcome};

const SYSTEM: &str = "/system";
const PROJECT: &str = "/project/";

pub(super) async fn answer(call: Call<SignedIn>) -> Outcome {
    let scope = call.asked.query("scope").unwrap_or_default().trim_end_matches('/');
    let is_relative = call.asked.query_switch("relative")?.unwrap_or(false);
    let base = if is_relative { "" } else { scope };
    if scope == SYSTEM {
        let permissions = list(base, |resource, action| system_allows(call.principal(), resource, action));
        return Ok(Answer::of(&permissions));
    }
    let Some(ProjectKey::Id(id)) = scope.strip_prefix(PROJECT).map(ProjectKey::parse) else {
        return Ok(Answer::of(&Vec::<Value>::new()));
    };
    let Some(project) = call.world().projects.get_by_id(id).await? else {
        return Ok(Answer::of(&Vec::<Value>::new()));
    };
    let rights = call.world().projects.rights_in(call.principal(), project).await?;
    Ok(Answer::of(&list(base, |resource, action| rights.allow(resource, action))))
}

/// The project itself is the scope, `.` if that is left out.
fn list(base: &str, allows: impl Fn(Resource, Action) -> bool) -> Vec<Value> {
    let mut permissions = Vec::new();
    for resource in Resource::ALL {
        for action in Action::ALL.iter().filter(|action| allows(*resource, **action)) {
            let name = match (base, *resource) {
                ("", Resource::Project) => ".".to_owned(),
                ("", other) => other.to_string(),
                (SYSTEM, other) => format!("{SYSTEM}/{other}"),
                (base, Resource::Project) => base.to_owned(),
                (base, other) => format!("{base}/{other}"),
            };
            permissions.push(json!({ "resource": name, "action": action.as_str() }));
        }
    }
    permissions
}
