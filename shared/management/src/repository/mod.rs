//! Harbor's tag `repository`. Repositories come with their first push.

mod all;
mod delete;
mod get;
mod list;
mod name;
mod update;
mod view;

use berth_projects::{Action, Resource};

pub(crate) use name::{name_of, path_of};
pub(crate) use view::{RepositoryView, number_of};

use crate::route::{Route, Verb, run};

const TAG: &str = "repository";
const ALL: &str = "/repositories";
const OF_PROJECT: &str = "/projects/{project_name}/repositories";
const ONE: &str = "/projects/{project_name}/repositories/{repository_name}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, ALL, "listAllRepositories", TAG)
        .about("The repositories that one sees")
        .listing()
        .anyone(run!(all::answer)),
    Route::new(Verb::Get, OF_PROJECT, "listRepositories", TAG)
        .about("The repositories of a project")
        .listing()
        .project(Resource::Repository, Action::List, run!(list::answer)),
    Route::new(Verb::Get, ONE, "getRepository", TAG).about("A repository").project(
        Resource::Repository,
        Action::Read,
        run!(get::answer),
    ),
    Route::new(Verb::Put, ONE, "updateRepository", TAG)
        .about("Change the description of a repository")
        .audited("update", "repository")
        .project(Resource::Repository, Action::Update, run!(update::answer)),
    Route::new(Verb::Delete, ONE, "deleteRepository", TAG)
        .about("Delete a repository with all that it holds")
        .audited("delete", "repository")
        .project(Resource::Repository, Action::Delete, run!(delete::answer)),
];
