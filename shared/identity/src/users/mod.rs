//! People.

mod change;
mod create;
mod keys;
mod read;

use std::sync::Arc;

use berth_projects::{Principal, UserIdentity};
use berth_records::{RecordRead, RecordWrite};
use berth_registry::{Clock, Ids};
use serde::{Deserialize, Serialize};

pub use change::UpdateUser;
pub use create::{CreateUser, InvalidUser, NewUser};

use crate::SecretHash;

/// The first user: there from the start, a system administrator.
pub const ADMIN: &str = "admin";

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Never used again.
    pub id: u64,
    /// What he signs in with. Never changes.
    pub username: String,
    /// His mail address.
    pub email: Option<String>,
    /// His name for people to read.
    pub full_name: String,
    /// Whatever somebody wants to remember about him.
    pub comment: String,
    /// His password, if it is kept here.
    pub password: Option<SecretHash>,
    /// Whether he administers the whole system.
    pub is_admin: bool,
    /// Whether the system that vouches for him makes him one, as of his last sign-in.
    #[serde(default)]
    pub is_admin_elsewhere: bool,
    /// Counts the changes that end his sessions.
    #[serde(default)]
    pub epoch: u32,
    /// Who vouches for him.
    pub source: Source,
    /// What the other system calls him, if another one vouches for him.
    pub subject: Option<String>,
    /// The numbers of his groups, as of his last sign-in.
    pub groups: Vec<u64>,
    /// When he came, in seconds since 1970.
    pub created_at_secs: u64,
    /// When this was last changed, in seconds since 1970.
    pub updated_at_secs: u64,
}

/// Who vouches for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// We do.
    Local,
    /// An LDAP directory does.
    Ldap,
    /// An `OpenID` Connect provider does.
    Oidc,
}

impl User {
    /// Whether he administers the whole system, whoever has decided it.
    pub fn is_administrator(&self) -> bool {
        self.is_admin || self.is_admin_elsewhere
    }

    /// What he is known by alone, if an `OpenID` Connect provider vouches for him.
    pub(crate) fn oidc_subject(&self) -> Option<&str> {
        self.subject.as_deref().filter(|_| self.source == Source::Oidc)
    }

    /// What this user is to the rules of access.
    pub fn principal(&self) -> Principal {
        Principal::User(UserIdentity {
            id: self.id,
            name: self.username.clone(),
            groups: self.groups.clone(),
            is_admin: self.is_administrator(),
        })
    }
}

/// All users. Cheap to clone.
#[derive(Clone)]
pub struct Users {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Users {
    /// Users on these ports.
    pub fn new(
        read: Arc<dyn RecordRead>,
        write: Arc<dyn RecordWrite>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { read, write, clock, ids }
    }
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Users")
    }
}

#[cfg(test)]
mod tests;
