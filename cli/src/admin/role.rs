//! The roles of members, by Harbor's names.

use clap::ValueEnum;
use serde_json::Value;

/// What a member of a project may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// Everything within the project.
    ProjectAdmin,
    /// Deletes, scans, and sets rules.
    Maintainer,
    /// Pushes.
    Developer,
    /// Pulls, and sees the project.
    Guest,
    /// Pulls, and sees no members, labels or robots.
    LimitedGuest,
}

impl Role {
    /// The number in the API.
    pub(super) fn id(self) -> u64 {
        match self {
            Self::ProjectAdmin => 1,
            Self::Developer => 2,
            Self::Guest => 3,
            Self::Maintainer => 4,
            Self::LimitedGuest => 5,
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// The role of a member, in the words of the command line if it is one of those.
pub(super) fn role_of(member: &Value) -> String {
    let known = Role::value_variants().iter().find(|role| member["role_id"] == role.id());
    known.map_or_else(|| super::show::text(member, "role_name"), |role| role.name())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn roles_have_harbors_numbers() {
        for (name, id) in
            [("project-admin", 1), ("developer", 2), ("guest", 3), ("maintainer", 4), ("limited-guest", 5)]
        {
            assert_eq!(Role::from_str(name, false).map(Role::id), Ok(id));
            assert_eq!(role_of(&json!({ "role_id": id, "role_name": "x" })), name);
        }
        assert_eq!(role_of(&json!({ "role_id": 6, "role_name": "auditor" })), "auditor");
        assert!(Role::from_str("projectAdmin", false).is_err());
    }
}
