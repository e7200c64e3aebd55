use serde::{Deserialize, Serialize};

use crate::Role;

/// Who is a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The user with this number.
    User(u64),
    /// Everybody in the group with this number.
    Group(u64),
}

/// A member of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Never used again.
    pub id: u64,
    /// The project's number.
    pub project_id: u64,
    /// Who.
    pub who: Who,
    /// The name of the user or group, when it became a member.
    pub name: String,
    /// As what.
    pub role: Role,
    /// Since when, in seconds since 1970.
    pub created_at_secs: u64,
}
