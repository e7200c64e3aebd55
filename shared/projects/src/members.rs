//! The members of a project.

use berth_records::{Change, Expect, Range, Written, get, list, put};
use berth_registry::StoreError;

use crate::{Member, Project, ProjectName, Projects, Role, Who, keys};

/// What became of a new member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddMember {
    /// He is one.
    Added(Member),
    /// He was one already.
    AlreadyThere,
    /// The project is gone.
    ProjectGone,
}

impl Member {
    /// The three records of a new member.
    pub(crate) fn put(&self, project: &ProjectName) -> Vec<Change> {
        vec![
            put(keys::member(self.project_id, self.id), self, Expect::Absent),
            put(keys::member_who(self.project_id, self.who), self, Expect::Absent),
            put(keys::membership(self.who, project), &self.project_id, Expect::Anything),
        ]
    }

    pub(crate) fn delete(&self, project: &ProjectName) -> Vec<Change> {
        vec![
            Change::delete(keys::member(self.project_id, self.id)),
            Change::delete(keys::member_who(self.project_id, self.who)),
            Change::delete(keys::membership(self.who, project)),
        ]
    }
}

impl Projects {
    /// Makes a user or group a member.
    pub async fn add_member(
        &self,
        project: &Project,
        who: Who,
        name: &str,
        role: Role,
    ) -> Result<AddMember, StoreError> {
        if self.member_who(project.id, who).await?.is_some() {
            return Ok(AddMember::AlreadyThere);
        }
        let member = Member {
            id: self.write.add(&keys::member_counter(), 1, None).await?,
            project_id: project.id,
            who,
            name: name.to_owned(),
            role,
            created_at_secs: self.clock.now_secs(),
        };
        let mut changes = member.put(&project.name);
        changes.push(Change::Check { key: keys::id(project.id), expect: Expect::Present });
        if self.write.write(changes).await? == Written::Written {
            return Ok(AddMember::Added(member));
        }
        Ok(match self.member_who(project.id, who).await? {
            Some(_) => AddMember::AlreadyThere,
            None => AddMember::ProjectGone,
        })
    }

    /// The member with this number.
    pub async fn member(&self, project_id: u64, member_id: u64) -> Result<Option<Member>, StoreError> {
        let member = get(&*self.read, keys::member(project_id, member_id)).await?;
        Ok(member.map(|stored| stored.value))
    }

    /// At most `limit` members in order of their numbers, after the member `after`, and whether more follow.
    pub async fn list_members(
        &self,
        project_id: u64,
        after: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Member>, bool), StoreError> {
        let after = after.map(|id| keys::member(project_id, id).sort);
        let range = Range { prefix: keys::MEMBER_PREFIX, after: after.as_deref(), ..Range::default() };
        let (found, more) = list(&*self.read, &keys::of_project(project_id), range, limit).await?;
        Ok((found.into_iter().map(|stored| stored.value).collect(), more))
    }

    /// Gives a member another role. Whether there is such a member.
    pub async fn set_role(&self, project_id: u64, member_id: u64, role: Role) -> Result<bool, StoreError> {
        let Some(mut member) = self.member(project_id, member_id).await? else { return Ok(false) };
        member.role = role;
        let changes = vec![
            put(keys::member(project_id, member_id), &member, Expect::Present),
            put(keys::member_who(project_id, member.who), &member, Expect::Present),
        ];
        Ok(self.write.write(changes).await? == Written::Written)
    }

    /// Ends a membership. Whether there was one.
    pub async fn remove_member(&self, project: &Project, member_id: u64) -> Result<bool, StoreError> {
        let Some(member) = self.member(project.id, member_id).await? else { return Ok(false) };
        self.write.write(member.delete(&project.name)).await?;
        Ok(true)
    }

    pub(crate) async fn member_who(&self, project_id: u64, who: Who) -> Result<Option<Member>, StoreError> {
        let member = get(&*self.read, keys::member_who(project_id, who)).await?;
        Ok(member.map(|stored| stored.value))
    }
}
