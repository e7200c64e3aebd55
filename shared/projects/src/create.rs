//! Making a project.

use berth_records::{Change, Expect, Stored, Written, get, put};
use berth_registry::StoreError;
use berth_registry::ports::NAME_RETENTION_SECS;
use serde::{Deserialize, Serialize};

use crate::{Member, Metadata, Principal, Project, ProjectName, Projects, Role, Who, keys};

/// A project to be made.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Its name.
    pub name: ProjectName,
    /// Its settings.
    pub metadata: Metadata,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateProject {
    /// It is there.
    Created(Project),
    /// There is one of that name, or repositories of that name are there without one.
    Taken,
    /// The name belonged to a project that was deleted: until then nobody of the caller's rank can have it.
    Reserved {
        /// In seconds since 1970.
        until_secs: u64,
    },
}

/// A name that belonged to a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) project_id: u64,
    pub(crate) deleted_at_secs: u64,
}

impl Tombstone {
    pub(crate) fn put(&self, name: &ProjectName) -> Change {
        put(keys::tombstone(name), self, Expect::Anything)
            .expiring(self.deleted_at_secs + NAME_RETENTION_SECS)
    }

    /// Until when somebody like `creator` cannot have the name. A system administrator waits only until the last token that names the
    /// old project has expired.
    fn reserved_until_secs(&self, creator: &Principal, token_ttl_secs: u64) -> u64 {
        let wait_secs = if creator.is_admin() { token_ttl_secs } else { NAME_RETENTION_SECS };
        self.deleted_at_secs + wait_secs
    }
}

impl Projects {
    /// Makes a project. A user who makes it becomes its project admin.
    pub async fn create(&self, creator: &Principal, new: NewProject) -> Result<CreateProject, StoreError> {
        let now_secs = self.clock.now_secs();
        if let Some(Stored { value: tombstone, .. }) =
            get::<Tombstone>(&*self.read, keys::tombstone(&new.name)).await?
        {
            let until_secs = tombstone.reserved_until_secs(creator, self.token_ttl_secs);
            if now_secs < until_secs {
                return Ok(CreateProject::Reserved { until_secs });
            }
        }
        if self.stored(&new.name).await?.is_some() || self.has_repositories(&new.name).await? {
            return Ok(CreateProject::Taken);
        }
        let project = Project {
            id: self.write.add(&keys::project_counter(), 1, None).await?,
            name: new.name,
            owner_id: creator.user().map_or(0, |user| user.id),
            owner_name: creator.name().unwrap_or_default().to_owned(),
            metadata: new.metadata,
            created_at_secs: now_secs,
            updated_at_secs: now_secs,
        };
        let mut changes = vec![
            put(keys::project(&project.name), &project, Expect::Absent),
            put(keys::id(project.id), &project.name, Expect::Absent),
            Change::delete(keys::tombstone(&project.name)),
        ];
        changes.extend(keys::exists(project.id).map(|key| put(key, &project.id, Expect::Absent)));
        if project.metadata.is_public() {
            changes.push(put(keys::public(&project.name), &project.id, Expect::Anything));
        }
        if let Some(user) = creator.user() {
            let member = Member {
                id: self.write.add(&keys::member_counter(), 1, None).await?,
                project_id: project.id,
                who: Who::User(user.id),
                name: user.name.clone(),
                role: Role::ProjectAdmin,
                created_at_secs: now_secs,
            };
            changes.extend(member.put(&project.name));
        }
        Ok(match self.write.write(changes).await? {
            Written::Written => CreateProject::Created(project),
            Written::Conflict => CreateProject::Taken,
        })
    }

    pub(crate) async fn has_repositories(&self, name: &ProjectName) -> Result<bool, StoreError> {
        let prefix = format!("{name}/");
        let first = self.repositories.list(Some(&prefix), 1).await?;
        Ok(first.items.first().is_some_and(|repository| repository.as_str().starts_with(&prefix)))
    }
}
