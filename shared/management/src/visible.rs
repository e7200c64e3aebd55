//! The projects that somebody sees in a listing: his own, those of his groups, and the public ones.

use std::collections::BTreeMap;

use berth_projects::{Action, Principal, Project, Resource, Rights, Scope, Who, system_allows};
use berth_protocol::RepositoryName;
use berth_registry::StoreError;
use futures::FutureExt;
use futures::future::try_join_all;

use crate::access::listed;
use crate::failure::Failure;
use crate::project::view::ProjectView;
use crate::query::collect;
use crate::repositories;
use crate::repository::RepositoryView;
use crate::world::World;

/// How many projects are looked at at a time.
const SIDE_BY_SIDE: usize = 16;

/// Repositories by the names of their projects.
pub(crate) type Repositories = BTreeMap<String, Vec<RepositoryName>>;

/// Where the numbers of repositories come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counts<'a> {
    /// They are not wanted.
    None,
    /// Each project is asked.
    Each,
    /// They are known.
    Known(&'a Repositories),
}

/// The projects that `principal` sees.
pub(crate) struct Visible<'a> {
    world: &'a World,
    principal: &'a Principal,
}

impl<'a> Visible<'a> {
    pub(crate) fn new(world: &'a World, principal: &'a Principal) -> Self {
        Self { world, principal }
    }

    /// Whether there is no project that he does not see.
    pub(crate) fn is_all(&self) -> bool {
        let reaches_all = match self.principal {
            Principal::Robot(robot) => robot
                .permissions
                .iter()
                .any(|permission| permission.scope == Scope::AllProjects && !permission.rights.is_empty()),
            Principal::Anonymous | Principal::User(_) => false,
        };
        reaches_all || system_allows(self.principal, Resource::Project, Action::List)
    }

    /// By name; if `is_public` says so, only the public ones or only the others.
    pub(crate) async fn projects(&self, is_public: Option<bool>) -> Result<Vec<Project>, StoreError> {
        if is_public == Some(true) {
            return self.public().await;
        }
        let mut projects: BTreeMap<String, Project> = BTreeMap::new();
        let mut add = |found: Vec<Project>| {
            projects.extend(found.into_iter().map(|project| (project.name.to_string(), project)));
        };
        if self.is_all() {
            add(self.all().await?);
        } else {
            if is_public.is_none() {
                add(self.public().await?);
            }
            add(self.own().await?);
        }
        let wanted =
            |project: &Project| is_public.is_none_or(|wanted| project.metadata.is_public() == wanted);
        Ok(projects.into_values().filter(wanted).collect())
    }

    /// Those that he has a part in.
    pub(crate) async fn own(&self) -> Result<Vec<Project>, StoreError> {
        let mut projects = Vec::new();
        match self.principal {
            Principal::Anonymous => {}
            Principal::User(user) => {
                let groups = user.groups.iter().map(|id| Who::Group(*id));
                for who in std::iter::once(Who::User(user.id)).chain(groups) {
                    projects.extend(self.of(who).await?);
                }
            }
            Principal::Robot(robot) => {
                for permission in &robot.permissions {
                    if let Scope::Project(id) = permission.scope {
                        projects.extend(self.world.projects.get_by_id(id).await?);
                    }
                }
            }
        }
        Ok(projects)
    }

    /// As they are shown to him, with the number of repositories where `counts` has it. A read for each, side by side.
    pub(crate) async fn describe(
        &self,
        projects: Vec<Project>,
        counts: Counts<'_>,
    ) -> Result<Vec<ProjectView>, StoreError> {
        let mut views = Vec::with_capacity(projects.len());
        let mut projects = projects.into_iter();
        loop {
            let some: Vec<Project> = projects.by_ref().take(SIDE_BY_SIDE).collect();
            if some.is_empty() {
                return Ok(views);
            }
            let described = some.into_iter().map(|project| self.view(project, counts));
            views.extend(try_join_all(described).await?);
        }
    }

    /// The repositories of these projects, by the projects' names. With a query for each project if there are few of them; else from
    /// the list of all repositories.
    pub(crate) async fn repositories(&self, projects: &[Project]) -> Result<Repositories, StoreError> {
        let mut found = Repositories::new();
        if projects.len() <= SIDE_BY_SIDE {
            let lists =
                projects.iter().map(|project| repositories::of_project(self.world, project.name.as_str()));
            for (project, list) in projects.iter().zip(try_join_all(lists).await?) {
                found.insert(project.name.to_string(), list);
            }
            return Ok(found);
        }
        found.extend(projects.iter().map(|project| (project.name.to_string(), Vec::new())));
        for name in repositories::all(self.world).await? {
            let project = name.as_str().split_once('/').and_then(|(project, _)| found.get_mut(project));
            if let Some(list) = project {
                list.push(name);
            }
        }
        Ok(found)
    }

    /// Those of the projects that `principal` sees whose repositories he may list. Only robots see others.
    pub(crate) async fn listable(&self) -> Result<Vec<Project>, StoreError> {
        let projects = self.projects(None).await?;
        if !matches!(self.principal, Principal::Robot(_)) {
            return Ok(projects);
        }
        let mut listable = Vec::new();
        for project in projects {
            let rights = self.world.projects.rights_in(self.principal, project).await?;
            if rights.allow(Resource::Repository, Action::List) {
                listable.push(rights.project().clone());
            }
        }
        Ok(listable)
    }

    /// Repositories of these projects as they are shown. One that was deleted meanwhile is left out.
    pub(crate) async fn describe_repositories(
        &self,
        projects: &[Project],
        names: &[RepositoryName],
    ) -> Result<Vec<RepositoryView>, Failure> {
        let by_name: BTreeMap<&str, &Project> =
            projects.iter().map(|project| (project.name.as_str(), project)).collect();
        let mut views = Vec::with_capacity(names.len());
        for some in names.chunks(SIDE_BY_SIDE) {
            let described = some.iter().filter_map(|name| {
                let project = by_name.get(name.as_str().split('/').next()?)?;
                Some(self.describe_repository((*project).clone(), name))
            });
            views.extend(try_join_all(described).await?.into_iter().flatten());
        }
        Ok(views)
    }

    async fn describe_repository(
        &self,
        project: Project,
        name: &RepositoryName,
    ) -> Result<Option<RepositoryView>, Failure> {
        let rights: Rights = self.world.projects.rights_in(self.principal, project).await?;
        let permit = listed(&rights, name).await?;
        Ok(RepositoryView::read(self.world, rights.project(), &permit).await?)
    }

    async fn view(&self, project: Project, counts: Counts<'_>) -> Result<ProjectView, StoreError> {
        let name = project.name.as_str();
        let count = match counts {
            Counts::None => None,
            Counts::Each => Some(repositories::of_project(self.world, name).await?.len()),
            Counts::Known(known) => known.get(name).map(Vec::len),
        };
        let rights = self.world.projects.rights_in(self.principal, project).await?;
        Ok(ProjectView::of(&rights, count))
    }

    async fn all(&self) -> Result<Vec<Project>, StoreError> {
        collect(|last, limit| {
            let after = last.map(|project: &Project| project.name.to_string());
            async move { self.world.projects.list(after.as_deref(), limit).await }.boxed()
        })
        .await
    }

    async fn public(&self) -> Result<Vec<Project>, StoreError> {
        collect(|last, limit| {
            let after = last.map(|project: &Project| project.name.to_string());
            async move { self.world.projects.list_public(after.as_deref(), limit).await }.boxed()
        })
        .await
    }

    async fn of(&self, who: Who) -> Result<Vec<Project>, StoreError> {
        collect(|last, limit| {
            let after = last.map(|project: &Project| project.name.to_string());
            async move { self.world.projects.list_of(who, after.as_deref(), limit).await }.boxed()
        })
        .await
    }
}
