//! Deleting a project, which must be empty.
//!
//! The number goes first, and with it everything that rests on it: no push can commit any more. Only then is it certain that
//! the project is empty; if a push was quicker, the project comes back as it was.

use berth_records::{Change, Expect, Range, Written, list, put};
use berth_registry::StoreError;

use crate::create::Tombstone;
use crate::{Member, Project, ProjectName, Projects, keys};

/// How many members are removed in one write, which takes three changes for each.
const MEMBERS_AT_ONCE: usize = 30;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteProject {
    /// It is gone, and its name is reserved.
    Deleted,
    /// There is no such project.
    Unknown,
    /// It has repositories.
    NotEmpty,
    /// Others changed it at the same time.
    Contended,
}

impl Projects {
    /// Deletes a project without repositories.
    pub async fn delete(&self, name: &ProjectName) -> Result<DeleteProject, StoreError> {
        let Some(stored) = self.stored(name).await? else { return Ok(DeleteProject::Unknown) };
        if self.has_repositories(name).await? {
            return Ok(DeleteProject::NotEmpty);
        }
        let project = &stored.value;
        let tombstone = Tombstone { project_id: project.id, deleted_at_secs: self.clock.now_secs() };
        let mut changes = vec![
            Change::Delete { key: keys::project(name), expect: stored.unchanged() },
            Change::delete(keys::id(project.id)),
            Change::delete(keys::public(name)),
            tombstone.put(name),
        ];
        changes.extend(keys::exists(project.id).map(Change::delete));
        if self.write.write(changes).await? == Written::Conflict {
            return Ok(DeleteProject::Contended);
        }
        if self.has_repositories(name).await? {
            self.restore(project).await?;
            return Ok(DeleteProject::NotEmpty);
        }
        self.remove_members(project).await?;
        Ok(DeleteProject::Deleted)
    }

    async fn restore(&self, project: &Project) -> Result<(), StoreError> {
        let mut changes = vec![
            put(keys::project(&project.name), project, Expect::Absent),
            put(keys::id(project.id), &project.name, Expect::Absent),
            Change::delete(keys::tombstone(&project.name)),
        ];
        changes.extend(keys::exists(project.id).map(|key| put(key, &project.id, Expect::Absent)));
        if project.metadata.is_public() {
            changes.push(put(keys::public(&project.name), &project.id, Expect::Anything));
        }
        self.write.write(changes).await.map(|_| ())
    }

    /// Nobody reads them any more: this only spares space.
    async fn remove_members(&self, project: &Project) -> Result<(), StoreError> {
        let partition = keys::of_project(project.id);
        let range = Range { prefix: keys::MEMBER_PREFIX, ..Range::default() };
        loop {
            let (members, more) = list::<Member>(&*self.read, &partition, range, MEMBERS_AT_ONCE).await?;
            let changes: Vec<Change> =
                members.iter().flat_map(|member| member.value.delete(&project.name)).collect();
            if !changes.is_empty() {
                self.write.write(changes).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }
}
