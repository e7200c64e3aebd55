//! Harbor's tag `projectMetadata`: the settings of a project, one at a time.

mod change;
mod read;

use berth_projects::{Action, Resource};

use crate::route::{Route, Verb, run, run_now};

const TAG: &str = "projectMetadata";
const ALL: &str = "/projects/{project_name_or_id}/metadatas";
const ONE: &str = "/projects/{project_name_or_id}/metadatas/{meta_name}";

pub(crate) const ROUTES: &[Route] = &[
    // The roles of Harbor do not have this right, not even the project admin's: it is for administrators, and for robots.
    Route::new(Verb::Get, ALL, "listProjectMetadatas", TAG).about("All settings of a project").project(
        Resource::Metadata,
        Action::List,
        run_now!(read::all),
    ),
    Route::new(Verb::Post, ALL, "addProjectMetadatas", TAG)
        .about("Set what is not set yet")
        .audited("update", "project")
        .project(Resource::Metadata, Action::Create, run!(change::add)),
    Route::new(Verb::Get, ONE, "getProjectMetadata", TAG).about("One setting of a project").project(
        Resource::Metadata,
        Action::Read,
        run_now!(read::one),
    ),
    Route::new(Verb::Put, ONE, "updateProjectMetadata", TAG)
        .about("Change what is set")
        .audited("update", "project")
        .project(Resource::Metadata, Action::Update, run!(change::update)),
    Route::new(Verb::Delete, ONE, "deleteProjectMetadata", TAG)
        .about("Take a setting back to its default")
        .audited("update", "project")
        .project(Resource::Metadata, Action::Delete, run!(change::delete)),
];
