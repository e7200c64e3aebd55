//! A robot as it is shown: without its secrets, for which there is no field.

use std::collections::BTreeMap;

use berth_audit::calendar;
use berth_identity::robots::{Level, ROBOT_PREFIX, Robot};
use berth_projects::{Permission, Scope};
use berth_registry::StoreError;
use serde::Serialize;

use crate::world::World;

/// A robot as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct RobotView {
    id: u64,
    name: String,
    description: String,
    level: &'static str,
    duration: i64,
    editable: bool,
    disable: bool,
    expires_at: i64,
    permissions: Vec<PermissionView>,
    creator_type: &'static str,
    creation_time: String,
    update_time: String,
}

#[derive(Debug, Serialize)]
struct PermissionView {
    kind: &'static str,
    namespace: String,
    access: Vec<AccessView>,
}

#[derive(Debug, Serialize)]
struct AccessView {
    resource: &'static str,
    action: &'static str,
    effect: &'static str,
}

/// In seconds since 1970; -1 for never.
pub(super) fn expires_at(robot: &Robot) -> i64 {
    robot.expires_at_secs.map_or(-1, |secs| i64::try_from(secs).unwrap_or(i64::MAX))
}

pub(super) async fn view(world: &World, robot: &Robot) -> Result<RobotView, StoreError> {
    Names { world, known: BTreeMap::new() }.view(robot).await
}

pub(super) async fn views(world: &World, robots: &[Robot]) -> Result<Vec<RobotView>, StoreError> {
    let mut names = Names { world, known: BTreeMap::new() };
    let mut views = Vec::with_capacity(robots.len());
    for robot in robots {
        views.push(names.view(robot).await?);
    }
    Ok(views)
}

/// The names of projects, each looked up once.
struct Names<'a> {
    world: &'a World,
    known: BTreeMap<u64, Option<String>>,
}

impl Names<'_> {
    async fn view(&mut self, robot: &Robot) -> Result<RobotView, StoreError> {
        if let Level::Project { id, name } = &robot.level {
            self.known.insert(*id, Some(name.clone()));
        }
        let mut permissions = Vec::new();
        for permission in &robot.permissions {
            // Rights in a project that is gone are none.
            permissions.extend(self.permission(permission).await?);
        }
        Ok(RobotView {
            id: robot.id,
            name: robot.full_name.clone(),
            description: robot.description.clone(),
            level: match robot.level {
                Level::System => "system",
                Level::Project { .. } => "project",
            },
            duration: robot.duration_days,
            editable: true,
            disable: robot.is_disabled,
            expires_at: expires_at(robot),
            permissions,
            creator_type: if robot.creator.starts_with(ROBOT_PREFIX) { "robot" } else { "local" },
            creation_time: calendar::rfc3339(robot.created_at_secs),
            update_time: calendar::rfc3339(robot.updated_at_secs),
        })
    }

    async fn permission(&mut self, permission: &Permission) -> Result<Option<PermissionView>, StoreError> {
        let (kind, namespace) = match permission.scope {
            Scope::System => ("system", Some("/".to_owned())),
            Scope::AllProjects => ("project", Some("*".to_owned())),
            Scope::Project(id) => ("project", self.name(id).await?),
        };
        let right = |(resource, action): &(berth_projects::Resource, berth_projects::Action)| AccessView {
            resource: resource.as_str(),
            action: action.as_str(),
            effect: "allow",
        };
        let access: Vec<AccessView> = permission.rights.iter().map(right).collect();
        Ok(namespace.map(|namespace| PermissionView { kind, namespace, access }))
    }

    async fn name(&mut self, id: u64) -> Result<Option<String>, StoreError> {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let name = self.world.projects.get_by_id(id).await?.map(|project| project.name.to_string());
        self.known.insert(id, name.clone());
        Ok(name)
    }
}
