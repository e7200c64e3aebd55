//! `PUT` and `DELETE …/members/{mid}`.

use berth_projects::{Action, Permission, Principal, Resource, Role};
use serde::Deserialize;

use super::find;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Debug, Deserialize)]
struct RoleBody {
    #[serde(default)]
    role_id: u64,
}

pub(super) async fn update(call: Call<InProject>) -> Outcome {
    let body: RoleBody = call.asked.json()?;
    let member = find(&call).await?;
    let role = role(body.role_id)?;
    check_role(&call, role)?;
    if !call.world().projects.set_role(call.project().id, member.id, role).await? {
        return Err(Failure::not_found(format!("the member {} not found", member.id)));
    }
    Ok(Answer::ok().about(&member.name).saying(format!("{} is a {role} from now on", member.name)))
}

pub(super) async fn delete(call: Call<InProject>) -> Outcome {
    let member = find(&call).await?;
    if !call.world().projects.remove_member(call.project(), member.id).await? {
        return Err(Failure::not_found(format!("the member {} not found", member.id)));
    }
    Ok(Answer::ok().about(&member.name))
}

pub(super) fn role(id: u64) -> Result<Role, Failure> {
    Role::with_id(id)
        .ok_or_else(|| Failure::bad_request("invalid role: must be a built-in project role (1-5)"))
}

/// A robot that manages members must not make somebody more than it is itself: it would have the rights through him. Of a role, what
/// counts is what robots can have at all.
pub(super) fn check_role(call: &Call<InProject>, role: Role) -> Result<(), Failure> {
    if !matches!(call.principal(), Principal::Robot(_)) {
        return Ok(());
    }
    let lacks = |(resource, action): &(Resource, Action)| {
        role.allows(*resource, *action) && !call.rights().allow(*resource, *action)
    };
    match Permission::project_catalogue().find(lacks) {
        None => Ok(()),
        Some((resource, action)) => Err(Failure::denied(format!(
            "a {role} may {action} {resource}, and this robot may not: it cannot make anybody one"
        ))),
    }
}
