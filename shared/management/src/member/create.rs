//! `POST …/members`: a user by number or name, or a group by number, name or place in the directory.

use berth_identity::groups::{CreateGroup, Group, GroupKind, NewGroup};
use berth_projects::{Action, AddMember, Resource, Who, system_allows};
use serde::Deserialize;

use super::change::{check_role, role};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Debug, Deserialize)]
struct MemberBody {
    #[serde(default)]
    role_id: u64,
    member_user: Option<UserBody>,
    member_group: Option<GroupBody>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct UserBody {
    user_id: u64,
    username: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GroupBody {
    id: u64,
    group_name: String,
    group_type: u64,
    ldap_group_dn: String,
}

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let body: MemberBody = call.asked.json()?;
    let role = role(body.role_id)?;
    check_role(&call, role)?;
    let (who, name) = named(&call, body).await?;
    match call.world().projects.add_member(call.project(), who, &name, role).await? {
        AddMember::Added(member) => {
            let answer = Answer::created(&call.asked, member.id);
            Ok(answer.about(&member.name).saying(format!("{} becomes a {role}", member.name)))
        }
        AddMember::AlreadyThere => Err(Failure::conflict("The project member specified already exist")),
        AddMember::ProjectGone => {
            Err(Failure::not_found(format!("project {} not found", call.project().name)))
        }
    }
}

/// Who is meant, and what he is called. In Harbor's order, if several are named.
async fn named(call: &Call<InProject>, body: MemberBody) -> Result<(Who, String), Failure> {
    let user = body.member_user.unwrap_or_default();
    let group = body.member_group.unwrap_or_default();
    let users = call.world().directory.users();
    if user.user_id > 0 {
        let missing = || Failure::bad_request(format!("User {} not found", user.user_id));
        let found = users.get_by_id(user.user_id).await?.ok_or_else(missing)?;
        return Ok((Who::User(found.id), found.username));
    }
    if group.id > 0 {
        let missing = || Failure::bad_request(format!("Group {} not found", group.id));
        let found = call.world().groups.get(group.id).await?.ok_or_else(missing)?;
        return Ok((Who::Group(found.id), found.name));
    }
    if !user.username.is_empty() {
        let missing = || Failure::not_found(format!("user {} not found", user.username));
        let found = users.get(&user.username).await?.ok_or_else(missing)?;
        return Ok((Who::User(found.id), found.username));
    }
    if group.group_name.is_empty() && group.ldap_group_dn.is_empty() {
        return Err(Failure::bad_request("at least one of member_user or member_group must be provided"));
    }
    let found = group_called(call, group).await?;
    Ok((Who::Group(found.id), found.name))
}

/// The group that the other system knows as this. Whoever may make groups makes the one that is missing.
async fn group_called(call: &Call<InProject>, body: GroupBody) -> Result<Group, Failure> {
    let kind = match body.group_type {
        _ if !body.ldap_group_dn.is_empty() => GroupKind::Ldap { dn: body.ldap_group_dn.clone() },
        2 => GroupKind::Http,
        3 => GroupKind::Oidc,
        other => return Err(Failure::bad_request(format!("{other} is no group_type that has names"))),
    };
    let groups = &call.world().groups;
    if let Some(group) = groups.find(&kind, &body.group_name).await? {
        return Ok(group);
    }
    let name = if body.group_name.is_empty() { body.ldap_group_dn } else { body.group_name };
    if !system_allows(call.principal(), Resource::UserGroup, Action::Create) {
        return Err(Failure::bad_request(format!("Group {name} not found")));
    }
    let new = NewGroup { name, kind };
    new.check().map_err(Failure::bad_request)?;
    match groups.create(new.clone()).await? {
        CreateGroup::Created(group) => Ok(group),
        CreateGroup::Taken => {
            let found = groups.find(&new.kind, &new.name).await?;
            found.ok_or_else(|| Failure::conflict("others are changing the group; try again"))
        }
    }
}
