//! What a client sends of a robot, and what it means.

use std::collections::BTreeMap;

use berth_identity::robots::Level;
use berth_projects::{Action, Permission, Project, Resource, Scope};
use serde::Deserialize;

use crate::access::ProjectKey;
use crate::failure::Failure;
use crate::world::World;

/// More would make a document that cannot be kept.
const MAX_PERMISSIONS: usize = 200;

/// A robot as it is sent. A secret is not taken here: the one that is made is shown once.
#[derive(Debug, Deserialize)]
pub(super) struct RobotBody {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) level: String,
    #[serde(default)]
    pub(super) disable: bool,
    /// In days; -1 for ever.
    pub(super) duration: Option<i64>,
    #[serde(default)]
    pub(super) permissions: Vec<PermissionBody>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct PermissionBody {
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) namespace: String,
    #[serde(default)]
    access: Vec<AccessBody>,
}

#[derive(Debug, Clone, Deserialize)]
struct AccessBody {
    resource: String,
    action: String,
    #[serde(default)]
    effect: String,
}

impl RobotBody {
    /// Refuses what Harbor refuses before it looks at anything.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if !["system", "project"].contains(&self.level.as_str()) {
            return Err(Failure::bad_request(format!("bad request error level input: {}", self.level)));
        }
        if self.permissions.is_empty() {
            return Err(Failure::bad_request("bad request empty permission"));
        }
        let is_one_project = self.level != "project" || self.permissions.len() == 1;
        if !is_one_project || self.permissions.len() > MAX_PERMISSIONS {
            return Err(Failure::bad_request("bad request permission"));
        }
        if self.permissions.iter().any(|permission| permission.access.is_empty()) {
            return Err(Failure::bad_request("bad request empty access"));
        }
        Ok(())
    }

    /// The same for a robot of `project`, whose name need not be said again.
    pub(super) fn in_project(mut self, project: &Project) -> Self {
        "project".clone_into(&mut self.level);
        for permission in &mut self.permissions {
            if permission.kind.is_empty() {
                "project".clone_into(&mut permission.kind);
            }
            if permission.namespace.is_empty() {
                permission.namespace = project.name.to_string();
            }
        }
        self
    }

    /// The project that a robot of a project says it belongs to.
    pub(super) fn project_key(&self) -> ProjectKey {
        ProjectKey::parse(self.permissions.first().map_or("", |permission| &permission.namespace))
    }

    /// What the permissions mean. A project that is named and is not there is a mistake.
    pub(super) async fn permissions(&self, world: &World, level: &Level) -> Result<Vec<Permission>, Failure> {
        let mut known: BTreeMap<String, u64> = BTreeMap::new();
        let mut permissions = Vec::new();
        for body in &self.permissions {
            let scope = match (body.kind.as_str(), level, body.namespace.as_str()) {
                ("system", Level::System, "/" | "") => Scope::System,
                ("project", Level::System, "*") => Scope::AllProjects,
                ("project", Level::Project { id, name }, namespace) => {
                    if namespace != name && namespace != id.to_string() {
                        return Err(Failure::bad_request("cannot update the project id of robot"));
                    }
                    Scope::Project(*id)
                }
                ("project", Level::System, namespace) => {
                    let id = match known.get(namespace) {
                        Some(id) => *id,
                        None => project_id(world, namespace).await?,
                    };
                    known.insert(namespace.to_owned(), id);
                    Scope::Project(id)
                }
                (kind, _, _) => {
                    return Err(Failure::bad_request(format!("bad request permission level: {kind}")));
                }
            };
            permissions.push(Permission { scope, rights: body.rights()? });
        }
        Ok(permissions)
    }
}

impl PermissionBody {
    fn rights(&self) -> Result<Vec<(Resource, Action)>, Failure> {
        let mut rights = Vec::new();
        for AccessBody { resource, action, effect } in &self.access {
            let wrong = || Failure::bad_request(format!("bad request permission: {resource}:{action}"));
            if !["", "allow"].contains(&effect.as_str()) {
                return Err(Failure::bad_request(format!("bad request permission effect: {effect}")));
            }
            let right = (resource.parse().map_err(|_| wrong())?, action.parse().map_err(|_| wrong())?);
            if !rights.contains(&right) {
                rights.push(right);
            }
        }
        Ok(rights)
    }
}

async fn project_id(world: &World, namespace: &str) -> Result<u64, Failure> {
    let missing = || Failure::not_found(format!("project {namespace} not found"));
    let name = namespace.parse().map_err(|_| missing())?;
    Ok(world.projects.get(&name).await?.ok_or_else(missing)?.id)
}
