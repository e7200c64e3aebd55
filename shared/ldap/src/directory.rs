//! The directory as the rest of Berth sees it.

use std::fmt;
use std::future::Future;

use async_trait::async_trait;
use berth_identity::{DirectoryError, External, PasswordDirectory};

use crate::server::Server;
use crate::session::Session;
use crate::{Dn, Group, LdapError, PingError, Settings, SettingsError, User, groups, people};

/// Longer names and passwords are nobody's.
const MAX_USERNAME_BYTES: usize = 256;
const MAX_PASSWORD_BYTES: usize = 1024;
/// A sign-in has many steps; all of them together may take so many times as long as one.
const STEPS: u32 = 3;

/// An LDAP directory. Every call opens its own connections and closes them. Needs a Tokio runtime with time and I/O.
pub struct Ldap {
    settings: Settings,
    server: Server,
}

/// Whether the directory can be reached with these settings and takes the search DN with its password.
pub async fn ping(settings: &Settings) -> Result<(), PingError> {
    let ldap = Ldap::new(settings.clone())?;
    ldap.within(async { ldap.search_session().await.map(drop) }).await?;
    Ok(())
}

impl Ldap {
    /// A directory with these settings, checked. Asks nobody; reads the system's certificates if TLS needs them.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let server = Server::new(&settings)?;
        Ok(Self { settings, server })
    }

    /// At most [`MAX_FOUND`](crate::MAX_FOUND) people whose user names are like the pattern, in which `*` stands for any text and
    /// nothing else is special. An empty pattern is everybody.
    pub async fn search(&self, username_pattern: &str) -> Result<Vec<User>, LdapError> {
        let pattern = username_pattern.trim();
        if pattern.len() > MAX_USERNAME_BYTES {
            return Ok(Vec::new());
        }
        self.within(async {
            let session = self.search_session().await?;
            people::matching(&session, &self.settings, pattern).await
        })
        .await
    }

    /// The one person with this user name; `None` if there is nobody, or if there are several.
    pub async fn user(&self, username: &str) -> Result<Option<User>, LdapError> {
        if !is_username(username) {
            return Ok(None);
        }
        self.within(async {
            let session = self.search_session().await?;
            let member = people::exactly_one(&session, &self.settings, username).await?;
            Ok(member.map(|member| member.user))
        })
        .await
    }

    /// At most [`MAX_FOUND`](crate::MAX_FOUND) groups whose names are like the pattern, as in [`search`](Self::search).
    pub async fn groups(&self, name_pattern: &str) -> Result<Vec<Group>, LdapError> {
        let pattern = name_pattern.trim();
        if pattern.len() > MAX_USERNAME_BYTES {
            return Ok(Vec::new());
        }
        self.within(async {
            let session = self.search_session().await?;
            groups::matching(&session, &self.settings, pattern).await
        })
        .await
    }

    /// The group with this distinguished name, if it is below the group base and matches the group filter.
    pub async fn group(&self, dn: &Dn) -> Result<Option<Group>, LdapError> {
        self.within(async {
            let session = self.search_session().await?;
            groups::by_dn(&session, &self.settings, dn).await
        })
        .await
    }

    async fn sign_in(&self, username: &str, password: &str) -> Result<Option<External>, LdapError> {
        let session = self.search_session().await?;
        let Some(member) = people::exactly_one(&session, &self.settings, username).await? else {
            return Ok(None);
        };
        // A connection of its own: the one that searches must not lose its rights, nor get this person's.
        let is_right = self.server.open().await?.bind_person(member.user.dn.as_given(), password).await?;
        if !is_right {
            return Ok(None);
        }
        let user = member.user.clone();
        let membership = groups::membership(&session, &self.settings, member).await?;
        Ok(Some(External {
            username: user.username,
            subject: user.dn.to_string(),
            email: user.email,
            full_name: user.full_name,
            groups: membership.groups,
            is_admin: membership.is_admin,
        }))
    }

    async fn search_session(&self) -> Result<Session, LdapError> {
        let session = self.server.open().await?;
        session.bind_to_search(self.settings.search_dn.trim(), &self.settings.search_password).await?;
        Ok(session)
    }

    /// Limits the time of all steps together.
    async fn within<T>(&self, work: impl Future<Output = Result<T, LdapError>>) -> Result<T, LdapError> {
        tokio::time::timeout(self.server.timeout() * STEPS, work).await.unwrap_or(Err(LdapError::Timeout))
    }
}

#[async_trait]
impl PasswordDirectory for Ldap {
    async fn person(&self, username: &str, password: &str) -> Result<Option<External>, DirectoryError> {
        let is_possible =
            is_username(username) && !password.is_empty() && password.len() <= MAX_PASSWORD_BYTES;
        if !is_possible {
            return Ok(None);
        }
        self.within(self.sign_in(username, password)).await.map_err(|error| DirectoryError(error.into()))
    }
}

impl fmt::Debug for Ldap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ldap").field("server", &self.server).finish_non_exhaustive()
    }
}

fn is_username(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_USERNAME_BYTES
}
