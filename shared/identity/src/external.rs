//! People whom another system vouches for.

use async_trait::async_trait;
use berth_registry::BodyError;
use serde::{Deserialize, Serialize};

/// Somebody as the other system knows him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// The name that he signs in with, lower case.
    pub username: String,
    /// What does not change when he is renamed: the DN in LDAP, issuer and subject in `OpenID` Connect.
    pub subject: String,
    /// The mail address, if there is one.
    pub email: Option<String>,
    /// The name for people to read.
    pub full_name: Option<String>,
    /// The groups that he is in, by the names that the other system gives them.
    pub groups: Vec<String>,
    /// Whether the other system makes him a system administrator.
    pub is_admin: bool,
}

/// Why nobody could be asked. It says nothing about the password.
#[derive(Debug, thiserror::Error)]
#[error("the directory cannot be asked")]
pub struct DirectoryError(#[source] pub BodyError);

/// A system that knows people and their passwords.
#[async_trait]
pub trait PasswordDirectory: Send + Sync {
    /// Who this is. `Ok(None)` if there is no such person, if there are several, or if the password is wrong: they look alike.
    async fn person(&self, username: &str, password: &str) -> Result<Option<External>, DirectoryError>;
}
