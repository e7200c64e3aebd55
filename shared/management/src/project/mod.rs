//! Harbor's tag `project`.

mod body;
mod create;
mod delete;
mod get;
mod head;
mod list;
mod summary;
mod update;
pub(crate) mod view;

use berth_projects::{Action, Resource};

use crate::route::{Route, Verb, run};

const TAG: &str = "project";
const ONE: &str = "/projects/{project_name_or_id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/projects", "listProjects", TAG)
        .about("The projects that one sees")
        .listing()
        .anyone(run!(list::answer)),
    Route::new(Verb::Head, "/projects", "headProject", TAG)
        .about("Whether there is a project of this name")
        .anyone(run!(head::answer)),
    // Who may make projects is configured.
    Route::new(Verb::Post, "/projects", "createProject", TAG)
        .about("Make a project")
        .audited("create", "project")
        .signed_in(run!(create::answer)),
    Route::new(Verb::Get, ONE, "getProject", TAG).about("A project").project(
        Resource::Project,
        Action::Read,
        run!(get::answer),
    ),
    Route::new(Verb::Put, ONE, "updateProject", TAG)
        .about("Change the settings of a project")
        .audited("update", "project")
        .project(Resource::Project, Action::Update, run!(update::answer)),
    Route::new(Verb::Delete, ONE, "deleteProject", TAG)
        .about("Delete a project that has no repositories")
        .audited("delete", "project")
        .project(Resource::Project, Action::Delete, run!(delete::answer)),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/_deletable", "getProjectDeletable", TAG)
        .about("Whether a project can be deleted")
        .project(Resource::Project, Action::Delete, run!(delete::deletable)),
    Route::new(Verb::Get, "/projects/{project_name_or_id}/summary", "getProjectSummary", TAG)
        .about("How many repositories and members a project has")
        .project(Resource::Project, Action::Read, run!(summary::answer)),
];
