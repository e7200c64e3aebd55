//! A repository as it is shown.

use berth_audit::calendar;
use berth_projects::Project;
use berth_protocol::{Digest, RepositoryName};
use berth_registry::{Permit, Pull, StoreError};
use serde::Serialize;

use crate::artifact::Contents;
use crate::world::World;

/// No more manifests than these are looked at for the view of one repository; its count is then a lower bound.
const MAX_COUNTED: usize = 1000;

#[derive(Debug, Serialize)]
pub(crate) struct RepositoryView {
    id: u64,
    project_id: u64,
    name: String,
    description: String,
    artifact_count: usize,
    /// Pulls are not counted.
    pull_count: u64,
    creation_time: String,
    update_time: String,
}

impl RepositoryView {
    /// `None` if the repository does not exist. Reads what it holds, up to a bound.
    pub(crate) async fn read(
        world: &World,
        project: &Project,
        permit: &Permit<Pull>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(record) = world.registry.repository(permit).await? else { return Ok(None) };
        let name = permit.repository();
        let created_at_secs = record.created_at_secs;
        let (contents, description) = futures::try_join!(
            Contents::read(&world.registry, permit, MAX_COUNTED),
            world.descriptions.get(name, created_at_secs),
        )?;
        let description = description.unwrap_or_default();
        let times = [created_at_secs, contents.pushed_at_secs(), description.updated_at_secs];
        Ok(Some(Self {
            id: number_of(name),
            project_id: project.id,
            name: name.to_string(),
            description: description.text,
            artifact_count: contents.count(),
            pull_count: 0,
            creation_time: calendar::rfc3339(created_at_secs),
            update_time: calendar::rfc3339(times.into_iter().max().unwrap_or_default()),
        }))
    }
}

/// The number of a repository: the same for the same name.
pub(crate) fn number_of(repository: &RepositoryName) -> u64 {
    crate::artifact::number_of(&Digest::sha256(repository.as_str().as_bytes()))
}
