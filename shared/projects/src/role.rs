//! Harbor's five roles, as its code has them (`src/common/rbac/project/rbac_role.go` and `rbac_util.go`), not as its manual does.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Action, Resource};

/// What a member of a project is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub enum Role {
    /// Pulls, and sees no members, labels or robots.
    LimitedGuest,
    /// Pulls, and sees the project.
    Guest,
    /// Pushes.
    Developer,
    /// Deletes, scans, and sets rules.
    Maintainer,
    /// Everything within the project.
    ProjectAdmin,
}

impl Role {
    /// All of them, the least powerful first.
    pub const ALL: [Self; 5] =
        [Self::LimitedGuest, Self::Guest, Self::Developer, Self::Maintainer, Self::ProjectAdmin];

    /// The number in Harbor's REST API.
    pub const fn id(self) -> u64 {
        match self {
            Self::ProjectAdmin => 1,
            Self::Developer => 2,
            Self::Guest => 3,
            Self::Maintainer => 4,
            Self::LimitedGuest => 5,
        }
    }

    /// The role with this number.
    pub fn with_id(id: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    /// The name in Harbor's REST API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProjectAdmin => "projectAdmin",
            Self::Developer => "developer",
            Self::Guest => "guest",
            Self::Maintainer => "maintainer",
            Self::LimitedGuest => "limitedGuest",
        }
    }

    /// Whether a member with this role may do this.
    pub fn allows(self, resource: Resource, action: Action) -> bool {
        let column = match self {
            Self::ProjectAdmin => 0,
            Self::Maintainer => 1,
            Self::Developer => 2,
            Self::Guest => 3,
            Self::LimitedGuest => 4,
        };
        is_in_column(column, resource, action)
    }
}

/// Whether anyone may do this in a public project.
pub(crate) fn public_allows(resource: Resource, action: Action) -> bool {
    is_in_column(5, resource, action)
}

impl TryFrom<u64> for Role {
    type Error = String;

    fn try_from(id: u64) -> Result<Self, String> {
        Self::with_id(id).ok_or_else(|| format!("there is no role {id}"))
    }
}

impl From<Role> for u64 {
    fn from(role: Role) -> Self {
        role.id()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProjectAdmin => "project admin",
            Self::Developer => "developer",
            Self::Guest => "guest",
            Self::Maintainer => "maintainer",
            Self::LimitedGuest => "limited guest",
        })
    }
}

/// Who may do what: project admin, maintainer, developer, guest, limited guest, anyone in a public project. `C` create, `R` read, `U`
/// update, `D` delete, `L` list, `<` pull, `>` push, `o` operate, `s` stop.
const MATRIX: &[(Resource, [&str; 6])] = &[
    (Resource::Project, ["RUD", "R", "R", "R", "R", "R"]),
    (Resource::Member, ["CRUDL", "RL", "RL", "RL", "", ""]),
    (Resource::Metadata, ["CRUD", "R", "", "", "", ""]),
    (Resource::Log, ["L", "", "", "", "", ""]),
    (Resource::Label, ["CRUDL", "CRUDL", "RL", "RL", "", "RL"]),
    (Resource::Quota, ["R", "R", "R", "R", "R", ""]),
    (Resource::Repository, ["CRUDL<>", "CRUDL<>", "CRUL<>", "RL<", "RL<", "L<"]),
    (Resource::TagRetention, ["CRUDLo", "CRUDLo", "CRUDLo", "", "", ""]),
    (Resource::ImmutableTag, ["CUDL", "CUDL", "", "", "", ""]),
    (Resource::Configuration, ["RU", "R", "R", "R", "R", ""]),
    (Resource::Robot, ["CRUDL", "RL", "RL", "RL", "", ""]),
    (Resource::NotificationPolicy, ["CRUDL", "RL", "", "", "", ""]),
    (Resource::Scan, ["CRs", "CRs", "R", "R", "R", "R"]),
    (Resource::Sbom, ["CRs", "CRs", "R", "R", "R", ""]),
    (Resource::Scanner, ["CR", "R", "R", "R", "R", "R"]),
    (Resource::Artifact, ["CRDL", "CRDL", "CRL", "RL", "RL", "RL"]),
    (Resource::ArtifactAddition, ["R", "R", "R", "R", "R", "R"]),
    (Resource::Tag, ["CDL", "CDL", "CL", "L", "L", "L"]),
    (Resource::Accessory, ["L", "L", "L", "L", "L", "L"]),
    (Resource::ArtifactLabel, ["CD", "CD", "CD", "", "", ""]),
    (Resource::PreheatPolicy, ["CRUDL", "", "", "", "", ""]),
    (Resource::ExportCve, ["CRL", "CRL", "CRL", "", "", ""]),
];

fn is_in_column(column: usize, resource: Resource, action: Action) -> bool {
    let letter = match action {
        Action::Create => 'C',
        Action::Read => 'R',
        Action::Update => 'U',
        Action::Delete => 'D',
        Action::List => 'L',
        Action::Pull => '<',
        Action::Push => '>',
        Action::Operate => 'o',
        Action::Stop => 's',
        Action::ScannerPull => return false,
    };
    MATRIX.iter().any(|(of, columns)| *of == resource && columns[column].contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_harbors() {
        let numbers: Vec<u64> = Role::ALL.iter().map(|role| role.id()).collect();
        assert_eq!(numbers, [5, 3, 2, 4, 1]);
        assert!(Role::ALL.iter().all(|role| Role::with_id(role.id()) == Some(*role)));
        assert!(Role::with_id(0).is_none() && Role::with_id(6).is_none());
    }

    #[test]
    fn a_role_can_do_what_a_lesser_one_can() {
        for pair in Role::ALL.windows(2) {
            for (resource, action) in all_rights() {
                assert!(
                    !pair[0].allows(resource, action) || pair[1].allows(resource, action),
                    "{} may {action} {resource} and {} may not",
                    pair[0],
                    pair[1]
                );
            }
        }
    }

    #[test]
    fn where_the_code_of_harbor_and_its_manual_differ_the_code_counts() {
        // The manual lets every member read the log, and a guest retag.
        assert!(Role::ProjectAdmin.allows(Resource::Log, Action::List));
        assert!(!Role::Maintainer.allows(Resource::Log, Action::List));
        assert!(!Role::Guest.allows(Resource::Tag, Action::Create));
        // It hides robots from guests and developers.
        assert!(Role::Guest.allows(Resource::Robot, Action::List));
    }

    #[test]
    fn pushing_begins_at_developer_and_deleting_at_maintainer() {
        let least =
            |action| Role::ALL.into_iter().find(|role| role.allows(Resource::Repository, action)).unwrap();
        assert_eq!(
            [Action::Pull, Action::Push, Action::Delete].map(least),
            [Role::LimitedGuest, Role::Developer, Role::Maintainer]
        );
        assert!(public_allows(Resource::Repository, Action::Pull));
        assert!(!public_allows(Resource::Repository, Action::Push));
        assert!(!public_allows(Resource::Repository, Action::Read));
    }

    fn all_rights() -> impl Iterator<Item = (Resource, Action)> {
        let actions = |resource| Action::ALL.iter().map(move |action| (resource, *action));
        Resource::ALL.iter().flat_map(move |resource| actions(*resource))
    }
}
