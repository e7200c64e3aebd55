//! Names of repositories in paths.

use berth_protocol::RepositoryName;

use crate::access::{Call, InProject};
use crate::failure::Failure;

/// The repository that the path names: in the project, and encoded twice if there are slashes in the rest of its name. A text that
/// is no name is the name of nothing.
pub(crate) fn name_of(call: &Call<InProject>) -> Result<RepositoryName, Failure> {
    let name = format!("{}/{}", call.project().name, call.asked.twice_encoded("repository_name"));
    RepositoryName::parse(&name).map_err(|_| missing(&name))
}

pub(super) fn missing(name: &(impl std::fmt::Display + ?Sized)) -> Failure {
    Failure::not_found(format!("repository {name} not found"))
}

/// The path of a repository, as clients must send it.
pub(crate) fn path_of(repository: &RepositoryName) -> String {
    let name = repository.as_str();
    let (project, rest) = name.split_once('/').unwrap_or((name, ""));
    format!("/api/v2.0/projects/{project}/repositories/{}", rest.replace('/', "%252F"))
}
