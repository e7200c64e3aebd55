//! Robots, for the tests beside this file.

use berth_identity::robots::{CreateRobot, Level, NewRobot};
use berth_projects::{Action, Permission, Resource, Scope};

use super::*;

/// The right to do this with the repositories of a project.
pub(super) fn in_project(project: &Project, actions: &[Action]) -> Permission {
    let rights = actions.iter().map(|action| (Resource::Repository, *action)).collect();
    Permission { scope: Scope::Project(project.id), rights }
}

impl World {
    /// Makes a robot. Answers its number and its secret.
    pub(super) async fn robot(&self, name: &str, level: Level, permission: Permission) -> (u64, String) {
        let new = NewRobot {
            name: name.to_owned(),
            level,
            description: String::new(),
            duration_days: 30,
            is_disabled: false,
            permissions: vec![permission],
            creator: "admin".to_owned(),
        };
        match self.administration.directory.robots().create(new).await.expect("memory") {
            CreateRobot::Created { robot, secret } => (robot.id, secret),
            other => panic!("{other:?}"),
        }
    }
}
