//! Reading projects, and the rights in them.

use std::sync::Arc;

use berth_records::{MAX_KEYS, Range, RecordRead, RecordWrite, Stored, get, get_many, list};
use berth_registry::ports::RepositoryList;
use berth_registry::{Clock, StoreError};

use crate::{Member, Principal, Project, ProjectName, Rights, Role, Who, keys};

/// All projects. Cheap to clone.
#[derive(Clone)]
pub struct Projects {
    pub(crate) read: Arc<dyn RecordRead>,
    pub(crate) write: Arc<dyn RecordWrite>,
    pub(crate) repositories: Arc<dyn RepositoryList>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) token_ttl_secs: u64,
}

impl Projects {
    /// Projects on these ports. `token_ttl_secs` is how long a token lives that names a project.
    pub fn new(
        read: Arc<dyn RecordRead>,
        write: Arc<dyn RecordWrite>,
        repositories: Arc<dyn RepositoryList>,
        clock: Arc<dyn Clock>,
        token_ttl_secs: u64,
    ) -> Self {
        Self { read, write, repositories, clock, token_ttl_secs }
    }

    /// The project with this name.
    pub async fn get(&self, name: &ProjectName) -> Result<Option<Project>, StoreError> {
        Ok(self.stored(name).await?.map(|stored| stored.value))
    }

    /// The project with this number. Two reads.
    pub async fn get_by_id(&self, id: u64) -> Result<Option<Project>, StoreError> {
        let Some(name) = get::<ProjectName>(&*self.read, keys::id(id)).await? else { return Ok(None) };
        Ok(self.get(&name.value).await?.filter(|project| project.id == id))
    }

    /// At most `limit` projects by name, after `after`, and whether more follow.
    pub async fn list(&self, after: Option<&str>, limit: usize) -> Result<(Vec<Project>, bool), StoreError> {
        let range = Range { after, ..Range::default() };
        let (found, more) = list(&*self.read, keys::PROJECTS, range, limit).await?;
        Ok((found.into_iter().map(|stored: Stored<Project>| stored.value).collect(), more))
    }

    /// At most `limit` public projects by name, after `after`, and whether more follow.
    pub async fn list_public(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Project>, bool), StoreError> {
        self.list_named(keys::PUBLIC, after, limit).await
    }

    /// At most `limit` of the projects that `who` is a member of, by name, after `after`, and whether more follow.
    pub async fn list_of(
        &self,
        who: Who,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Project>, bool), StoreError> {
        self.list_named(&keys::memberships(who), after, limit).await
    }

    /// What `principal` may do in the project. `Ok(None)` if there is no such project. Two reads; one for robots and strangers.
    pub async fn rights(
        &self,
        principal: &Principal,
        name: &ProjectName,
    ) -> Result<Option<Rights>, StoreError> {
        let Some(project) = self.get(name).await? else { return Ok(None) };
        let roles = self.roles(principal, project.id).await?;
        Ok(Some(Rights::new(principal.clone(), project, roles)))
    }

    /// What `principal` may do in a project that was read already.
    pub async fn rights_in(&self, principal: &Principal, project: Project) -> Result<Rights, StoreError> {
        let roles = self.roles(principal, project.id).await?;
        Ok(Rights::new(principal.clone(), project, roles))
    }

    pub(crate) async fn stored(&self, name: &ProjectName) -> Result<Option<Stored<Project>>, StoreError> {
        get(&*self.read, keys::project(name)).await
    }

    /// The user's own role and those of his groups, the most powerful first.
    async fn roles(&self, principal: &Principal, project_id: u64) -> Result<Vec<Role>, StoreError> {
        let Some(user) = principal.user() else { return Ok(Vec::new()) };
        let groups = user.groups.iter().map(|id| Who::Group(*id));
        let who = std::iter::once(Who::User(user.id)).chain(groups);
        let keys: Vec<_> = who.map(|who| keys::member_who(project_id, who)).collect();
        let mut roles = Vec::new();
        for keys in keys.chunks(MAX_KEYS) {
            let members = get_many::<Member>(&*self.read, keys).await?;
            roles.extend(members.into_iter().flatten().map(|member| member.value.role));
        }
        roles.sort_unstable_by(|one, other| other.cmp(one));
        roles.dedup();
        Ok(roles)
    }

    /// Projects by a list of their names. A name in the list whose project is gone is left out.
    async fn list_named(
        &self,
        partition: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Project>, bool), StoreError> {
        let range = Range { after, ..Range::default() };
        let page = self.read.list(partition, range, limit).await?;
        let keys: Vec<_> = page
            .records
            .iter()
            .map(|record| berth_records::Key::new(keys::PROJECTS, record.key.sort.clone()))
            .collect();
        let mut projects = Vec::new();
        for (keys, records) in keys.chunks(MAX_KEYS).zip(page.records.chunks(MAX_KEYS)) {
            let found = get_many::<Project>(&*self.read, keys).await?;
            // The entry holds the number of the project that it was made for.
            let alive = found.into_iter().zip(records).filter_map(|(project, record)| {
                project.map(|stored| stored.value).filter(|project| record.document == project.id.to_string())
            });
            projects.extend(alive);
        }
        Ok((projects, page.more))
    }
}

impl std::fmt::Debug for Projects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Projects")
    }
}
