//! What a robot may do: rights out of Harbor's catalogue, in the system, in all projects, or in one.

use serde::{Deserialize, Serialize};

use crate::{Action, Resource};

/// Where a right holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In what belongs to no project.
    System,
    /// In every project, also in those to come.
    AllProjects,
    /// In the project with this number. A project of the same name that is made later is another one.
    Project(u64),
}

/// Rights in one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Where.
    pub scope: Scope,
    /// What.
    pub rights: Vec<(Resource, Action)>,
}

/// A right that no robot can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{action} on {resource} is not in the catalogue of rights for a {level}", level = if *.is_system { "system" } else { "project" })]
pub struct PermissionError {
    /// Of the right.
    pub resource: Resource,
    /// Of the right.
    pub action: Action,
    /// Whether it was asked for in the system or in a project.
    pub is_system: bool,
}

impl Permission {
    /// The rights that robots can have in the system.
    pub fn system_catalogue() -> impl Iterator<Item = (Resource, Action)> {
        catalogue(SYSTEM)
    }

    /// The rights that robots can have in a project.
    pub fn project_catalogue() -> impl Iterator<Item = (Resource, Action)> {
        catalogue(PROJECT)
    }

    /// Whether all of it is in the catalogue.
    pub fn check(&self) -> Result<(), PermissionError> {
        let is_system = self.scope == Scope::System;
        let table = if is_system { SYSTEM } else { PROJECT };
        match self.rights.iter().find(|right| !catalogue(table).any(|known| known == **right)) {
            None => Ok(()),
            Some((resource, action)) => {
                Err(PermissionError { resource: *resource, action: *action, is_system })
            }
        }
    }

    /// Whether this gives the right in the project with this number.
    pub(crate) fn gives(&self, project_id: u64, resource: Resource, action: Action) -> bool {
        let reaches = match self.scope {
            Scope::System => false,
            Scope::AllProjects => true,
            Scope::Project(id) => id == project_id,
        };
        reaches && self.has(resource, action)
    }

    /// Whether this gives the right in the system.
    pub(crate) fn gives_system(&self, resource: Resource, action: Action) -> bool {
        self.scope == Scope::System && self.has(resource, action)
    }

    /// Whether everything in `other` is in here.
    pub fn covers(&self, other: &Self) -> bool {
        let reaches = self.scope == other.scope
            || (self.scope == Scope::AllProjects && matches!(other.scope, Scope::Project(_)));
        reaches && other.rights.iter().all(|(resource, action)| self.has(*resource, *action))
    }

    fn has(&self, resource: Resource, action: Action) -> bool {
        self.rights.contains(&(resource, action))
    }
}

/// `src/common/rbac/const.go` in Harbor: `C` create, `R` read, `U` update, `D` delete, `L` list, `<` pull, `>` push, `s` stop.
type Table = &'static [(Resource, &'static str)];

const SYSTEM: Table = &[
    (Resource::AuditLog, "L"),
    (Resource::Catalog, "R"),
    (Resource::GarbageCollection, "CRULs"),
    (Resource::JobserviceMonitor, "Ls"),
    (Resource::Label, "CRUD"),
    (Resource::LdapUser, "CL"),
    (Resource::PreheatInstance, "CRUDL"),
    (Resource::Project, "CL"),
    (Resource::PurgeAudit, "CRULs"),
    (Resource::Quota, "RUL"),
    (Resource::Registry, "CRUDL"),
    (Resource::Replication, "CRL"),
    (Resource::ReplicationAdapter, "L"),
    (Resource::ReplicationPolicy, "CRUDL"),
    (Resource::Robot, "CRDL"),
    (Resource::ScanAll, "CRUs"),
    (Resource::Scanner, "CRUDL"),
    (Resource::SecurityHub, "RL"),
    (Resource::SystemVolumes, "R"),
    (Resource::User, "CRUDL"),
    (Resource::UserGroup, "CRUDL"),
];

const PROJECT: Table = &[
    (Resource::Accessory, "L"),
    (Resource::Artifact, "CRDL"),
    (Resource::ArtifactAddition, "R"),
    (Resource::ArtifactLabel, "CD"),
    (Resource::ExportCve, "CR"),
    (Resource::ImmutableTag, "CUDL"),
    (Resource::Label, "CRUDL"),
    (Resource::Log, "L"),
    (Resource::Member, "CRUDL"),
    (Resource::Metadata, "CRUDL"),
    (Resource::NotificationPolicy, "CRUDL"),
    (Resource::PreheatPolicy, "CRUDL"),
    (Resource::Project, "RUD"),
    (Resource::Quota, "R"),
    (Resource::Repository, "RUDL<>"),
    (Resource::Robot, "CRDL"),
    (Resource::Sbom, "CRs"),
    (Resource::Scan, "CRs"),
    (Resource::Scanner, "CR"),
    (Resource::Tag, "CDL"),
    (Resource::TagRetention, "CRUDL"),
];

fn catalogue(table: Table) -> impl Iterator<Item = (Resource, Action)> {
    table.iter().flat_map(|(resource, letters)| {
        letters.chars().filter_map(action).map(move |action| (*resource, action))
    })
}

fn action(letter: char) -> Option<Action> {
    Some(match letter {
        'C' => Action::Create,
        'R' => Action::Read,
        'U' => Action::Update,
        'D' => Action::Delete,
        'L' => Action::List,
        '<' => Action::Pull,
        '>' => Action::Push,
        's' => Action::Stop,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(scope: Scope, rights: &[(Resource, Action)]) -> Permission {
        Permission { scope, rights: rights.to_vec() }
    }

    const PULL: (Resource, Action) = (Resource::Repository, Action::Pull);
    const PUSH: (Resource, Action) = (Resource::Repository, Action::Push);

    #[test]
    fn only_the_catalogue_can_be_given() {
        assert!(permission(Scope::Project(1), &[PULL, PUSH]).check().is_ok());
        let system = permission(Scope::System, &[PULL]).check().unwrap_err();
        assert_eq!(system.to_string(), "pull on repository is not in the catalogue of rights for a system");
        let gate = (Resource::Repository, Action::ScannerPull);
        assert!(permission(Scope::AllProjects, &[PULL, gate]).check().is_err());
        assert_eq!(Permission::system_catalogue().count(), 70);
        assert_eq!(Permission::project_catalogue().count(), 70);
    }

    #[test]
    fn a_right_holds_where_it_was_given() {
        let one = permission(Scope::Project(1), &[PULL]);
        assert!(
            one.gives(1, PULL.0, PULL.1) && !one.gives(2, PULL.0, PULL.1) && !one.gives(1, PUSH.0, PUSH.1)
        );
        let all = permission(Scope::AllProjects, &[PULL]);
        assert!(all.gives(2, PULL.0, PULL.1) && !all.gives_system(PULL.0, PULL.1));
        let read_catalog = (Resource::Catalog, Action::Read);
        let system = permission(Scope::System, &[read_catalog]);
        assert!(system.gives_system(Resource::Catalog, Action::Read));
        assert!(!system.gives(1, Resource::Catalog, Action::Read));
    }

    #[test]
    fn nobody_hands_on_more_than_he_has() {
        let all = permission(Scope::AllProjects, &[PULL]);
        let one = permission(Scope::Project(1), &[PULL]);
        assert!(all.covers(&one) && !one.covers(&all));
        assert!(!all.covers(&permission(Scope::Project(1), &[PULL, PUSH])));
        assert!(!all.covers(&permission(Scope::System, &[])));
    }
}
