//! Changing the settings of a project.

use berth_records::{Change, Expect, Written, put};
use berth_registry::StoreError;

use crate::{Metadata, Project, ProjectName, Projects, keys};

/// How often a change begins again because others were at the same project.
const MAX_ATTEMPTS: usize = 8;

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateProject {
    /// It is made.
    Updated(Project),
    /// There is no such project.
    Unknown,
    /// Others kept changing it.
    Contended,
}

impl Projects {
    /// Lets `change` have the settings. It may be called several times, each time with the newest ones.
    pub async fn update<E: From<StoreError>>(
        &self,
        name: &ProjectName,
        change: impl Fn(&mut Metadata) -> Result<(), E> + Send + Sync,
    ) -> Result<UpdateProject, E> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(stored) = self.stored(name).await? else { return Ok(UpdateProject::Unknown) };
            let mut project = stored.value.clone();
            change(&mut project.metadata)?;
            project.updated_at_secs = self.clock.now_secs();
            let public = keys::public(name);
            let changes = vec![
                put(keys::project(name), &project, stored.unchanged()),
                if project.metadata.is_public() {
                    put(public, &project.id, Expect::Anything)
                } else {
                    Change::delete(public)
                },
            ];
            if self.write.write(changes).await? == Written::Written {
                return Ok(UpdateProject::Updated(project));
            }
        }
        Ok(UpdateProject::Contended)
    }
}
