//! `GET /search?q=`: projects and repositories by a part of their names, among those that one sees.

use berth_projects::Project;
use serde_json::{Value, json};

use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::route::{Route, Verb, run};
use crate::visible::Counts;

pub(crate) const ROUTES: &[Route] = &[Route::new(Verb::Get, "/search", "search", "search")
    .about("Projects and repositories by a part of their names")
    .anyone(run!(self::answer))];

/// More would be no help to anybody.
const MAX_FOUND: usize = 100;

async fn answer(call: Call<Anyone>) -> Outcome {
    let part = call.asked.required("q")?;
    let projects = call.visible().projects(None).await?;
    let all = call.visible().repositories(&projects).await?;
    let of_project = |project: &Project| all.get(project.name.as_str()).into_iter().flatten();
    let repositories =
        projects.iter().flat_map(|project| of_project(project).map(move |name| (project, name)));
    let repositories = repositories.filter(|(_, name)| name.as_str().contains(part));
    let repositories: Vec<Value> = repositories
        .take(MAX_FOUND)
        .map(|(project, name)| {
            json!({
                "project_id": project.id,
                "project_name": project.name.as_str(),
                "project_public": project.metadata.is_public(),
                "repository_name": name.as_str(),
            })
        })
        .collect();
    let named = projects.into_iter().filter(|project| project.name.as_str().contains(part));
    let named = call.visible().describe(named.take(MAX_FOUND).collect(), Counts::Known(&all)).await?;
    Ok(Answer::of(&json!({ "project": named, "repository": repositories })))
}
