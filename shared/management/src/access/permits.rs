//! From rights to permits: the only way from this API to what repositories hold.
//!
//! A permit is made from the need that a request was let in with, and reaches as far as that need does. A handler chooses the repository,
//! which must be in the project that the rights are for; it chooses neither the rights nor how far they reach.

use async_trait::async_trait;
use berth_projects::{Action, Resource, Rights};
use berth_protocol::RepositoryName;
use berth_registry::{
    Agreed, Authorizer, Caller, Delete, Forbidden, Permit, Pull, Push, Registry, RepositoryAction,
};

use super::project::{ProjectKey, rights};
use super::{Call, InProject};
use crate::failure::Failure;

/// Rights in a project, and the one of them that counts.
struct Met<'a> {
    rights: &'a Rights,
    need: (Resource, Action),
}

/// What somebody can do with a repository who may do this.
fn reach((resource, action): (Resource, Action)) -> &'static [RepositoryAction] {
    use RepositoryAction as To;
    match (resource, action) {
        (Resource::Repository, Action::List | Action::Read | Action::Update | Action::Pull)
        | (Resource::Artifact, Action::List | Action::Read)
        | (Resource::ArtifactAddition, Action::Read)
        | (Resource::ArtifactLabel, Action::Create | Action::Delete)
        | (Resource::Tag | Resource::Accessory, Action::List) => &[To::Pull],
        (Resource::Artifact | Resource::Tag, Action::Create) => &[To::Pull, To::Push],
        (Resource::Repository | Resource::Artifact | Resource::Tag, Action::Delete) => {
            &[To::Pull, To::Delete]
        }
        _ => &[],
    }
}

#[async_trait]
impl Authorizer for Met<'_> {
    async fn check(
        &self,
        _: &Caller,
        repository: &RepositoryName,
        action: RepositoryAction,
    ) -> Result<Agreed, Forbidden> {
        let project = self.rights.project();
        let is_inside =
            repository.as_str().split_once('/').map(|(name, _)| name) == Some(project.name.as_str());
        let (resource, need) = self.need;
        if is_inside && self.rights.allow(resource, need) && reach(self.need).contains(&action) {
            let may_revive = self.rights.allow(Resource::Repository, Action::Delete);
            return Ok(Agreed { project: Some(project.id), may_revive });
        }
        Err(Forbidden::Denied(format!("{resource}:{need} does not reach so far")))
    }

    async fn check_catalog(&self, _: &Caller) -> Result<(), Forbidden> {
        Err(Forbidden::Denied("a project's rights do not reach so far".to_owned()))
    }
}

/// Leave to look at a repository, for whoever may list those of its project.
pub(crate) async fn listed(rights: &Rights, repository: &RepositoryName) -> Result<Permit<Pull>, Forbidden> {
    let met = Met { rights, need: (Resource::Repository, Action::List) };
    met.pull(&Caller::Anonymous, repository).await
}

impl Call<InProject> {
    pub(crate) fn registry(&self) -> &Registry {
        &self.world.registry
    }

    /// Leave to read from a repository of the project.
    pub(crate) async fn pull(&self, repository: &RepositoryName) -> Result<Permit<Pull>, Failure> {
        Ok(self.met().pull(&Caller::Anonymous, repository).await?)
    }

    /// Leave to write to a repository of the project.
    pub(crate) async fn push(&self, repository: &RepositoryName) -> Result<Permit<Push>, Failure> {
        Ok(self.met().push(&Caller::Anonymous, repository).await?)
    }

    /// Leave to delete from a repository of the project.
    pub(crate) async fn delete(&self, repository: &RepositoryName) -> Result<Permit<Delete>, Failure> {
        Ok(self.met().delete(&Caller::Anonymous, repository).await?)
    }

    /// Leave to read from a repository of any project, for whoever may pull there. Who may not is not told whether there is such a project.
    pub(crate) async fn pull_elsewhere(&self, repository: &RepositoryName) -> Result<Permit<Pull>, Failure> {
        let need = (Resource::Repository, Action::Pull);
        let name = repository.as_str().split('/').next().unwrap_or_default().to_owned();
        let rights = rights(&self.world, self.principal(), &ProjectKey::Name(name), need.0, need.1).await?;
        Ok(Met { rights: &rights, need }.pull(&Caller::Anonymous, repository).await?)
    }

    fn met(&self) -> Met<'_> {
        let InProject { rights, need } = &self.leave;
        Met { rights, need: *need }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Need;
    use crate::router::routes;

    /// What handlers do beyond looking is in the need of their routes; nothing else reaches so far.
    #[test]
    fn nothing_but_creating_writes_and_nothing_but_deleting_deletes() {
        for route in routes() {
            let Need::Project(resource, action) = route.need else { continue };
            for reached in reach((resource, action)) {
                match reached {
                    RepositoryAction::Pull => {}
                    RepositoryAction::Push => assert_eq!(action, Action::Create, "{}", route.operation),
                    RepositoryAction::Delete => assert_eq!(action, Action::Delete, "{}", route.operation),
                }
            }
        }
        assert_eq!(reach((Resource::Member, Action::Create)), []);
        assert_eq!(reach((Resource::Project, Action::Delete)), []);
    }
}
