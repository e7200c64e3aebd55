#![doc = include_str!("../README.md")]

mod create;
mod delete;
mod keys;
mod leave;
mod member;
mod members;
mod metadata;
mod name;
mod principal;
mod project;
mod projects;
mod right;
mod rights;
mod robot_permission;
mod role;
mod update;

pub use create::{CreateProject, NewProject};
pub use delete::DeleteProject;
pub use member::{Member, Who};
pub use members::AddMember;
pub use metadata::{Metadata, MetadataError};
pub use name::ProjectName;
pub use principal::{Principal, RobotIdentity, UserIdentity};
pub use project::Project;
pub use projects::Projects;
pub use right::{Action, Resource};
pub use rights::{Rights, system_allows};
pub use robot_permission::{Permission, PermissionError, Scope};
pub use role::Role;
pub use update::UpdateProject;
