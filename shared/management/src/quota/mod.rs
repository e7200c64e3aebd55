//! Harbor's tag `quota`: read alone. Until space is counted, every project may hold what it likes (-1) and holds nothing (0).

mod list;
mod update;

use berth_audit::calendar;
use berth_projects::{Action, Project, Resource};
use serde_json::{Value, json};

use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::route::{Route, Verb, run};

const TAG: &str = "quota";
const ONE: &str = "/quotas/{id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/quotas", "listQuotas", TAG)
        .about("How much each project may hold")
        .listing()
        .system(Resource::Quota, Action::List, run!(list::answer)),
    Route::new(Verb::Get, ONE, "getQuota", TAG).about("How much a project may hold").system(
        Resource::Quota,
        Action::Read,
        run!(self::get),
    ),
    Route::new(Verb::Put, ONE, "updateQuota", TAG)
        .about("Change how much a project may hold")
        .audited("update", "quota")
        .system(Resource::Quota, Action::Update, run!(update::answer)),
];

const UNLIMITED: i64 = -1;

/// What a project may hold.
pub(crate) fn hard() -> Value {
    json!({ "storage": UNLIMITED })
}

/// What a project holds: not counted yet.
pub(crate) fn used() -> Value {
    json!({ "storage": 0 })
}

/// A quota has the number of its project.
fn view(project: &Project) -> Value {
    json!({
        "id": project.id,
        "ref": { "id": project.id, "name": project.name.as_str(), "owner_name": project.owner_name },
        "hard": hard(),
        "used": used(),
        "creation_time": calendar::rfc3339(project.created_at_secs),
        "update_time": calendar::rfc3339(project.created_at_secs),
    })
}

async fn get(call: Call<InSystem>) -> Outcome {
    Ok(Answer::of(&view(&find(&call).await?)))
}

async fn find(call: &Call<InSystem>) -> Result<Project, Failure> {
    let id = call.asked.id("id")?;
    let project = call.world().projects.get_by_id(id).await?;
    project.ok_or_else(|| Failure::not_found(format!("quota {id} not found")))
}
