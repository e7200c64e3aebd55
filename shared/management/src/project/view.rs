//! A project as it is shown.

use std::collections::BTreeMap;

use berth_audit::calendar;
use berth_projects::{Project, Rights};
use serde::Serialize;

/// A project as it is shown to somebody.
#[derive(Debug, Serialize)]
pub(crate) struct ProjectView {
    project_id: u64,
    name: String,
    owner_id: u64,
    owner_name: String,
    creation_time: String,
    update_time: String,
    /// The most powerful of his roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_user_role_id: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    current_user_role_ids: Vec<u64>,
    /// Left out where it was not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    repo_count: Option<usize>,
    metadata: BTreeMap<String, String>,
    cve_allowlist: AllowlistView,
}

/// The CVEs that do not count in a project: none yet.
#[derive(Debug, Serialize)]
struct AllowlistView {
    id: u64,
    project_id: u64,
    items: [(); 0],
    creation_time: String,
    update_time: String,
}

impl ProjectView {
    pub(crate) fn of(rights: &Rights, repo_count: Option<usize>) -> Self {
        let project = rights.project();
        let roles: Vec<u64> = rights.roles().iter().map(|role| role.id()).collect();
        let (created, updated) =
            (calendar::rfc3339(project.created_at_secs), calendar::rfc3339(project.updated_at_secs));
        Self {
            project_id: project.id,
            name: project.name.to_string(),
            owner_id: project.owner_id,
            owner_name: project.owner_name.clone(),
            creation_time: created.clone(),
            update_time: updated.clone(),
            current_user_role_id: roles.first().copied(),
            current_user_role_ids: roles,
            repo_count,
            metadata: metadata(project),
            cve_allowlist: AllowlistView {
                id: project.id,
                project_id: project.id,
                items: [],
                creation_time: created,
                update_time: updated,
            },
        }
    }
}

/// Whether everybody may pull is always said.
pub(crate) fn metadata(project: &Project) -> BTreeMap<String, String> {
    let set = project.metadata.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut metadata: BTreeMap<String, String> = set.collect();
    metadata.insert("public".to_owned(), project.metadata.is_public().to_string());
    metadata
}
