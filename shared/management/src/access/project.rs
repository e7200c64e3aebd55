//! Which project a request names, and who may do what in it.

use berth_projects::{Action, Principal, ProjectName, Resource, Rights, Scope};

use crate::failure::Failure;
use crate::request::{Asked, IS_RESOURCE_NAME};
use crate::world::World;

/// How a request names a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProjectKey {
    Id(u64),
    Name(String),
}

impl ProjectKey {
    /// A text that is a number names a project by its number.
    pub(crate) fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Id)
    }

    /// As the path of a request names it.
    pub(super) fn of(asked: &Asked) -> Self {
        let name_or_id = asked.parameter("project_name_or_id");
        if name_or_id.is_empty() {
            return Self::Name(asked.parameter("project_name").to_owned());
        }
        if asked.has_switch(&IS_RESOURCE_NAME) {
            Self::Name(name_or_id.to_owned())
        } else {
            Self::parse(name_or_id)
        }
    }
}

impl std::fmt::Display for ProjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// The rights in a project, if they allow this. Whoever may not do it is told the same of a project that he does not see and of one
/// that is not there; only who may do it everywhere learns that there is none.
pub(super) async fn rights(
    world: &World,
    principal: &Principal,
    key: &ProjectKey,
    resource: Resource,
    action: Action,
) -> Result<Rights, Failure> {
    let project = match key {
        ProjectKey::Id(id) => world.projects.get_by_id(*id).await?,
        ProjectKey::Name(name) => match name.parse::<ProjectName>() {
            Ok(name) => world.projects.get(&name).await?,
            Err(_) => None,
        },
    };
    let is_there = project.is_some();
    if let Some(project) = project {
        let rights = world.projects.rights_in(principal, project).await?;
        if rights.allow(resource, action) {
            return Ok(rights);
        }
    }
    if *principal == Principal::Anonymous {
        return Err(Failure::unauthorized());
    }
    if !is_there && may_everywhere(principal, resource, action) {
        return Err(Failure::not_found(format!("project {key} not found")));
    }
    Err(Failure::forbidden())
}

fn may_everywhere(principal: &Principal, resource: Resource, action: Action) -> bool {
    match principal {
        Principal::Anonymous => false,
        Principal::User(user) => user.is_admin,
        Principal::Robot(robot) => robot.permissions.iter().any(|permission| {
            permission.scope == Scope::AllProjects && permission.rights.contains(&(resource, action))
        }),
    }
}
