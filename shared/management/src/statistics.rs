//! `GET /statistics`: how many projects and repositories there are, as far as one sees them.

use berth_projects::Project;
use serde_json::json;

use crate::access::{Call, SignedIn};
use crate::answer::{Answer, Outcome};
use crate::repositories;
use crate::route::{Route, Verb, run};

pub(crate) const ROUTES: &[Route] = &[Route::new(Verb::Get, "/statistics", "getStatistic", "statistic")
    .about("How many projects and repositories there are")
    .signed_in(run!(self::answer))];

async fn answer(call: Call<SignedIn>) -> Outcome {
    let visible = call.visible().projects(None).await?;
    let repositories = call.visible().repositories(&visible).await?;
    let count = |projects: &[Project]| -> usize {
        projects.iter().filter_map(|project| repositories.get(project.name.as_str())).map(Vec::len).sum()
    };
    let (public, private): (Vec<Project>, Vec<Project>) =
        visible.into_iter().partition(|project| project.metadata.is_public());
    let mut statistics = json!({
        "public_project_count": public.len(),
        "private_project_count": private.len(),
        "public_repo_count": count(&public),
        "private_repo_count": count(&private),
        // For the system administrator alone.
        "total_project_count": 0,
        "total_repo_count": 0,
        // Space is not counted yet.
        "total_storage_consumption": 0,
    });
    if call.principal().is_admin() {
        statistics["total_project_count"] = json!(public.len() + private.len());
        statistics["total_repo_count"] = json!(repositories::all(call.world()).await?.len());
    }
    Ok(Answer::of(&statistics))
}
