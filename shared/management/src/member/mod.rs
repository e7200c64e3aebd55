//! Harbor's tag `member`.

mod change;
mod create;
mod list;

use berth_projects::{Action, Member, Resource, Who};
use berth_registry::StoreError;
use futures::FutureExt;
use serde::Serialize;

use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::query::collect;
use crate::route::{Route, Verb, run};
use crate::world::World;

const TAG: &str = "member";
const ALL: &str = "/projects/{project_name_or_id}/members";
const ONE: &str = "/projects/{project_name_or_id}/members/{mid}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, ALL, "listProjectMembers", TAG)
        .about("The members of a project")
        .listing()
        .project(Resource::Member, Action::List, run!(list::answer)),
    Route::new(Verb::Post, ALL, "createProjectMember", TAG)
        .about("Make a user or a group a member")
        .audited("create", "member")
        .project(Resource::Member, Action::Create, run!(create::answer)),
    Route::new(Verb::Get, ONE, "getProjectMember", TAG).about("A member").project(
        Resource::Member,
        Action::Read,
        run!(self::get),
    ),
    Route::new(Verb::Put, ONE, "updateProjectMember", TAG)
        .about("Give a member another role")
        .audited("update", "member")
        .project(Resource::Member, Action::Update, run!(change::update)),
    Route::new(Verb::Delete, ONE, "deleteProjectMember", TAG)
        .about("End a membership")
        .audited("delete", "member")
        .project(Resource::Member, Action::Delete, run!(change::delete)),
];

/// A member as it is shown.
#[derive(Debug, Serialize)]
struct MemberView<'a> {
    id: u64,
    project_id: u64,
    entity_name: &'a str,
    role_name: &'static str,
    role_id: u64,
    entity_id: u64,
    entity_type: &'static str,
}

impl<'a> MemberView<'a> {
    fn of(member: &'a Member) -> Self {
        let (entity_id, entity_type) = match member.who {
            Who::User(id) => (id, "u"),
            Who::Group(id) => (id, "g"),
        };
        Self {
            id: member.id,
            project_id: member.project_id,
            entity_name: &member.name,
            role_name: member.role.name(),
            role_id: member.role.id(),
            entity_id,
            entity_type,
        }
    }
}

/// The members of a project, as many as a listing looks at.
pub(crate) async fn all(world: &World, project_id: u64) -> Result<Vec<Member>, StoreError> {
    collect(|last: Option<&Member>, limit| {
        let after = last.map(|member| member.id);
        async move { world.projects.list_members(project_id, after, limit).await }.boxed()
    })
    .await
}

async fn get(call: Call<InProject>) -> Outcome {
    let member = find(&call).await?;
    Ok(Answer::of(&MemberView::of(&member)))
}

/// The member in the path, if it is one of the project in the path.
async fn find(call: &Call<InProject>) -> Result<Member, Failure> {
    let id = call.asked.id("mid")?;
    let member = call.world().projects.member(call.project().id, id).await?;
    member.ok_or_else(|| Failure::not_found(format!("the member {id} not found")))
}
