//! `GET /projects/{project_name_or_id}/summary`. What somebody may not list is not counted for him.

use berth_projects::{Action, Resource, Role};
use serde_json::{Value, json};

use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::member;
use crate::quota;
use crate::repositories;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let (world, project) = (call.world(), call.project());
    let repositories = repositories::of_project(world, project.name.as_str()).await?;
    let mut summary = json!({ "repo_count": repositories.len() });
    if call.rights().allow(Resource::Member, Action::List) {
        let members = member::all(world, project.id).await?;
        let count =
            |role: Role| -> Value { members.iter().filter(|member| member.role == role).count().into() };
        summary["project_admin_count"] = count(Role::ProjectAdmin);
        summary["maintainer_count"] = count(Role::Maintainer);
        summary["developer_count"] = count(Role::Developer);
        summary["guest_count"] = count(Role::Guest);
        summary["limited_guest_count"] = count(Role::LimitedGuest);
    }
    if call.rights().allow(Resource::Quota, Action::Read) {
        summary["quota"] = json!({ "hard": quota::hard(), "used": quota::used() });
    }
    Ok(Answer::of(&summary))
}
