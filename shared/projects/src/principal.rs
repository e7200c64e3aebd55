//! Who wants to do something, once it is known.

use crate::Permission;

/// Somebody or something that asks for leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Nobody in particular.
    Anonymous,
    /// A person.
    User(UserIdentity),
    /// A machine with rights of its own.
    Robot(RobotIdentity),
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIdentity {
    /// Never used again.
    pub id: u64,
    /// The name that he signs in with.
    pub name: String,
    /// The numbers of his groups.
    pub groups: Vec<u64>,
    /// Whether he administers the whole system.
    pub is_admin: bool,
}

/// A machine with rights of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotIdentity {
    /// Never used again.
    pub id: u64,
    /// The full name that it signs in with.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

impl Principal {
    /// The name, as the log shows it; `None` for nobody.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::User(user) => Some(&user.name),
            Self::Robot(robot) => Some(&robot.name),
        }
    }

    /// Whether this is a system administrator.
    pub fn is_admin(&self) -> bool {
        matches!(self, Self::User(user) if user.is_admin)
    }

    /// The user, if it is one.
    pub fn user(&self) -> Option<&UserIdentity> {
        match self {
            Self::User(user) => Some(user),
            Self::Anonymous | Self::Robot(_) => None,
        }
    }
}
