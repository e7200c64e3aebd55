//! Harbor's tag `usergroup`.

mod change;
mod create;
mod list;

use berth_identity::groups::Group;
use berth_projects::{Action, Resource};
use serde::Serialize;

use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::route::{Route, Verb, run};

const TAG: &str = "usergroup";
const ONE: &str = "/usergroups/{group_id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/usergroups", "listUserGroups", TAG).about("All groups").listing().system(
        Resource::UserGroup,
        Action::List,
        run!(list::answer),
    ),
    Route::new(Verb::Post, "/usergroups", "createUserGroup", TAG)
        .about("Make a group")
        .audited("create", "usergroup")
        .system(Resource::UserGroup, Action::Create, run!(create::answer)),
    Route::new(Verb::Get, "/usergroups/search", "searchUserGroups", TAG)
        .about("Groups by a part of their names")
        .signed_in(run!(list::search)),
    Route::new(Verb::Get, ONE, "getUserGroup", TAG).about("A group").system(
        Resource::UserGroup,
        Action::Read,
        run!(self::get),
    ),
    Route::new(Verb::Put, ONE, "updateUserGroup", TAG)
        .about("Rename a group")
        .audited("update", "usergroup")
        .system(Resource::UserGroup, Action::Update, run!(change::update)),
    Route::new(Verb::Delete, ONE, "deleteUserGroup", TAG)
        .about("Remove a group")
        .audited("delete", "usergroup")
        .system(Resource::UserGroup, Action::Delete, run!(change::delete)),
];

/// A group as it is shown.
#[derive(Debug, Serialize)]
struct GroupView<'a> {
    id: u64,
    group_name: &'a str,
    group_type: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ldap_group_dn: Option<&'a str>,
}

impl<'a> GroupView<'a> {
    fn of(group: &'a Group) -> Self {
        Self {
            id: group.id,
            group_name: &group.name,
            group_type: group.kind.id(),
            ldap_group_dn: group.kind.dn(),
        }
    }
}

async fn get(call: Call<InSystem>) -> Outcome {
    let id = call.asked.id("group_id")?;
    let group = call.world().groups.get(id).await?.ok_or_else(|| missing(id))?;
    Ok(Answer::of(&GroupView::of(&group)))
}

fn missing(id: u64) -> Failure {
    Failure::not_found(format!("the user group with id {id} is not found"))
}
