//! One connection to the directory: a few questions, each with a timeout.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use ldap3::{LdapConnAsync, SearchOptions};
use tokio::task::JoinHandle;

use crate::entry::Entry;
use crate::{LdapError, Scope};

/// Result codes of RFC 4511 appendix A.
mod code {
    pub(super) const SUCCESS: u32 = 0;
    pub(super) const SIZE_LIMIT_EXCEEDED: u32 = 4;
    pub(super) const CONSTRAINT_VIOLATION: u32 = 19;
    pub(super) const NO_SUCH_OBJECT: u32 = 32;
    pub(super) const INVALID_DN_SYNTAX: u32 = 34;
    pub(super) const INAPPROPRIATE_AUTHENTICATION: u32 = 48;
    pub(super) const INVALID_CREDENTIALS: u32 = 49;
    pub(super) const INSUFFICIENT_ACCESS_RIGHTS: u32 = 50;
    pub(super) const UNWILLING_TO_PERFORM: u32 = 53;
    /// Of the library: we did not read to the end.
    pub(super) const USER_CANCELLED: u32 = 88;
}

/// Directories say in all these ways that a person may not sign in: wrong password, no password, locked, disabled, gone.
const PERSON_REFUSED: [u32; 6] = [
    code::CONSTRAINT_VIOLATION,
    code::NO_SUCH_OBJECT,
    code::INAPPROPRIATE_AUTHENTICATION,
    code::INVALID_CREDENTIALS,
    code::INSUFFICIENT_ACCESS_RIGHTS,
    code::UNWILLING_TO_PERFORM,
];

/// The base does not exist, cannot be read, or is no name in the server's eyes.
const BASE_REFUSED: [u32; 3] =
    [code::NO_SUCH_OBJECT, code::INVALID_DN_SYNTAX, code::INSUFFICIENT_ACCESS_RIGHTS];

/// A question to the directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) base: &'a str,
    pub(crate) scope: Scope,
    pub(crate) filter: &'a str,
    pub(crate) attributes: &'a [&'a str],
    pub(crate) limit: usize,
}

/// What a search found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) entries: Vec<Entry>,
    /// Whether there are no more than these.
    pub(crate) is_all: bool,
}

/// A connection. Dropping it closes it.
pub(crate) struct Session {
    handle: ldap3::Ldap,
    driver: JoinHandle<()>,
    timeout: Duration,
}

impl Session {
    pub(crate) fn new(connection: LdapConnAsync, handle: ldap3::Ldap, timeout: Duration) -> Self {
        // What goes wrong there ends the questions that wait for an answer, with an error.
        let driver = tokio::spawn(connection.drive().map(|_| ()));
        Self { handle, driver, timeout }
    }

    /// Signs in to search. Two empty texts are an anonymous bind.
    pub(crate) async fn bind_to_search(&self, dn: &str, password: &str) -> Result<(), LdapError> {
        let mut handle = self.handle.clone();
        let result = guarded(self.timeout, handle.simple_bind(dn, password)).await??;
        match result.rc {
            code::SUCCESS => Ok(()),
            rc if PERSON_REFUSED.contains(&rc) => Err(LdapError::SearchDnRefused(result.into())),
            _ => Err(LdapError::Refused(result.into())),
        }
    }

    /// Whether this is the person's password.
    ///
    /// An empty name or password is refused unasked: the directory would sign nobody in and call it a success (RFC 4513 section
    /// 5.1.2).
    pub(crate) async fn bind_person(&self, dn: &str, password: &str) -> Result<bool, LdapError> {
        if dn.is_empty() || password.is_empty() {
            return Ok(false);
        }
        let mut handle = self.handle.clone();
        let result = guarded(self.timeout, handle.simple_bind(dn, password)).await??;
        match result.rc {
            code::SUCCESS => Ok(true),
            rc if PERSON_REFUSED.contains(&rc) => Ok(false),
            _ => Err(LdapError::Refused(result.into())),
        }
    }

    /// Searches. `None` if there is no such base. Never more than `limit` entries; referrals to other servers are not followed.
    pub(crate) async fn search(&self, search: Search<'_>) -> Result<Option<Found>, LdapError> {
        guarded(self.timeout, self.search_unguarded(search)).await?
    }

    async fn search_unguarded(&self, search: Search<'_>) -> Result<Option<Found>, LdapError> {
        let Search { base, scope, filter, attributes, limit } = search;
        let size_limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let time_limit_secs = i32::try_from(self.timeout.as_secs()).unwrap_or(i32::MAX);
        let mut handle = self.handle.clone();
        handle.with_search_options(SearchOptions::new().sizelimit(size_limit).timelimit(time_limit_secs));
        let mut stream = handle.streaming_search(base, scope.into(), filter, attributes).await?;
        let mut entries = Vec::new();
        while let Some(entry) = stream.next().await? {
            if entry.is_ref() || entry.is_intermediate() {
                continue;
            }
            if entries.len() == limit {
                break;
            }
            entries.push(Entry::read(entry).ok_or(LdapError::Unreadable("a malformed entry"))?);
        }
        let result = stream.finish().await;
        match result.rc {
            code::SUCCESS => Ok(Some(Found { entries, is_all: true })),
            code::SIZE_LIMIT_EXCEEDED | code::USER_CANCELLED => Ok(Some(Found { entries, is_all: false })),
            rc if BASE_REFUSED.contains(&rc) => Ok(None),
            _ => Err(LdapError::Refused(result.into())),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl From<Scope> for ldap3::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Base => Self::Base,
            Scope::OneLevel => Self::OneLevel,
            Scope::Subtree => Self::Subtree,
        }
    }
}

/// Limits the time, and turns the panics with which the library answers to malformed messages into an error.
pub(crate) async fn guarded<T>(timeout: Duration, work: impl Future<Output = T>) -> Result<T, LdapError> {
    match tokio::time::timeout(timeout, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) => Err(LdapError::Unreadable("a malformed message")),
        Err(_) => Err(LdapError::Timeout),
    }
}
