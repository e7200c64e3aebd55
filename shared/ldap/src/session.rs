//! One connection to the directory: a few questions, each with a timeout.

use std::future::Future;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::connection::Connection;
use crate::entry::Entry;
use crate::message::{self, Answer, Outcome};
use crate::{LdapError, Scope, filter};

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

/// All entries of one answer together have at most so many bytes.
const MAX_FOUND_BYTES: usize = 8 * 1024 * 1024;

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
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) entries: Vec<Entry>,
    /// Whether there are no more than these.
    pub(crate) is_all: bool,
}

/// A connection. Dropping it closes it.
pub(crate) struct Session {
    /// `None` while somebody uses it, and for ever if he gave up in the middle of an answer.
    connection: Mutex<Option<Connection>>,
    timeout: Duration,
}

impl Session {
    pub(crate) fn new(connection: Connection, timeout: Duration) -> Self {
        Self { connection: Mutex::new(Some(connection)), timeout }
    }

    /// Signs in to search. Two empty texts are an anonymous bind.
    pub(crate) async fn bind_to_search(&self, dn: &str, password: &str) -> Result<(), LdapError> {
        let outcome = self.bind(dn, password).await?;
        match outcome.code {
            code::SUCCESS => Ok(()),
            code if PERSON_REFUSED.contains(&code) => Err(LdapError::SearchDnRefused(outcome.into())),
            _ => Err(LdapError::Refused(outcome.into())),
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
        let outcome = self.bind(dn, password).await?;
        match outcome.code {
            code::SUCCESS => Ok(true),
            code if PERSON_REFUSED.contains(&code) => Ok(false),
            _ => Err(LdapError::Refused(outcome.into())),
        }
    }

    /// Searches. `None` if there is no such base. Never more than `limit` entries; referrals to other servers are not followed.
    pub(crate) async fn search(&self, search: Search<'_>) -> Result<Option<Found>, LdapError> {
        Ok(self.search_all(&[search]).await?.pop().flatten())
    }

    /// Asks several questions at once, and answers in their order.
    pub(crate) async fn search_all(&self, searches: &[Search<'_>]) -> Result<Vec<Option<Found>>, LdapError> {
        let mut place = self.connection.lock().await;
        let mut connection = taken(&mut place)?;
        let found = within(self.timeout, self.searched(&mut connection, searches)).await?;
        *place = Some(connection);
        Ok(found)
    }

    async fn bind(&self, dn: &str, password: &str) -> Result<Outcome, LdapError> {
        let mut place = self.connection.lock().await;
        let mut connection = taken(&mut place)?;
        let asked = connection.ask(|id| message::bind(id, dn, password));
        let outcome = within(self.timeout, asked).await?;
        *place = Some(connection);
        Ok(outcome)
    }

    async fn searched(
        &self,
        connection: &mut Connection,
        searches: &[Search<'_>],
    ) -> Result<Vec<Option<Found>>, LdapError> {
        let time_limit_secs = u32::try_from(self.timeout.as_secs()).unwrap_or(u32::MAX);
        let mut requests = Vec::new();
        let mut under_way = Vec::new();
        for search in searches {
            let id = connection.next_id();
            let limit = u32::try_from(search.limit).unwrap_or(u32::MAX);
            let filter = filter::encode(search.filter).ok_or(LdapError::Unreadable("a filter"))?;
            requests.extend(message::search(id, search, filter, limit, time_limit_secs));
            under_way.push(UnderWay {
                id,
                limit: search.limit,
                found: Found::default(),
                bytes: 0,
                outcome: None,
            });
        }
        connection.send(&requests).await?;
        while under_way.iter().any(|search| search.outcome.is_none()) {
            let (id, answer, bytes) = connection.receive().await?;
            let of = |search: &&mut UnderWay| search.id == id && search.outcome.is_none();
            let search = under_way.iter_mut().find(of);
            search.ok_or(LdapError::Unreadable("an answer to no question"))?.take(answer, bytes)?;
        }
        under_way.into_iter().map(UnderWay::end).collect()
    }
}

/// The connection, which must be put back. Whoever gives up or fails leaves none behind: what is still on its way would be taken
/// for the answer to the next question.
fn taken(place: &mut Option<Connection>) -> Result<Connection, LdapError> {
    place.take().ok_or_else(|| LdapError::Unreachable("the connection ended".into()))
}

/// A search whose answer is on its way.
struct UnderWay {
    id: u32,
    limit: usize,
    found: Found,
    bytes: usize,
    outcome: Option<Outcome>,
}

impl UnderWay {
    /// What is beyond the limit is dropped: the directory was told.
    fn take(&mut self, answer: Answer, bytes: usize) -> Result<(), LdapError> {
        match answer {
            Answer::Entry(entry) if self.found.entries.len() < self.limit => {
                self.bytes += bytes;
                if self.bytes > MAX_FOUND_BYTES {
                    return Err(LdapError::Unreadable("too much was found"));
                }
                self.found.entries.push(entry);
            }
            Answer::Entry(_) | Answer::Aside => {}
            Answer::Searched(outcome) => self.outcome = Some(outcome),
            Answer::Done(_) => return Err(LdapError::Unreadable("an answer to another question")),
        }
        Ok(())
    }

    fn end(self) -> Result<Option<Found>, LdapError> {
        let Some(outcome) = self.outcome else { return Ok(None) };
        match outcome.code {
            code::SUCCESS => Ok(Some(Found { is_all: true, ..self.found })),
            code::SIZE_LIMIT_EXCEEDED => Ok(Some(Found { is_all: false, ..self.found })),
            code if BASE_REFUSED.contains(&code) => Ok(None),
            _ => Err(LdapError::Refused(outcome.into())),
        }
    }
}

/// Limits the time.
pub(crate) async fn within<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, LdapError>>,
) -> Result<T, LdapError> {
    tokio::time::timeout(timeout, work).await.unwrap_or(Err(LdapError::Timeout))
}
