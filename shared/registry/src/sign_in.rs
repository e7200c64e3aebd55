//! Who sends a request: the port between HTTP and the identities.

use std::net::IpAddr;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_protocol::RepositoryName;

use crate::Forbidden;
use crate::access::RepositoryAction;

/// Who sends the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular: the request carries no credentials.
    Anonymous,
    /// Somebody who has proven it with this very request. What he may do is still to be looked up.
    User {
        /// The name that he signed in with.
        name: String,
    },
    /// The holder of a token, which says what he may do.
    Holder(Holder),
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// To whom it was given; `None` if to nobody in particular.
    pub name: Option<String>,
    /// For what.
    pub grants: Vec<Grant>,
    /// Whether the list of all repositories may be read; `None` if that was not asked for.
    pub catalog: Option<bool>,
}

/// What a token says about one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The repository.
    pub repository: RepositoryName,
    /// The number of its project; 0 if there was none.
    pub project: u64,
    /// What was asked for and allowed.
    pub allowed: Vec<RepositoryAction>,
    /// What was asked for and not allowed.
    pub refused: Vec<RepositoryAction>,
    /// Whether a push may bring back a repository that was deleted.
    pub may_revive: bool,
    /// What the holder is in the project, for people to read.
    pub role: Option<String>,
}

/// A name and the secret that proves it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name.
    pub user: String,
    /// The secret.
    pub password: String,
}

/// From where a request comes, and to where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// How the client addressed this registry: host and port. Tokens are good at the host that gave them.
    pub host: String,
    /// The client's address, where it is known for certain.
    pub address: Option<IpAddr>,
}

/// What somebody wants of the token service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Who he says he is; `None` for nobody in particular.
    pub credentials: Option<Credentials>,
    /// What for, each as in `repository:team/app:pull,push`.
    pub scopes: Vec<String>,
}

/// A bearer token (Docker token authentication).
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What the client sends as `Authorization: Bearer …`.
    pub text: String,
    /// How long it is good.
    pub ttl_secs: u64,
    /// When it was given, in seconds since 1970.
    pub issued_at_secs: u64,
}

/// What a workload gets for a proof: a token that it uses as a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchanged {
    /// Who it is here.
    pub name: String,
    /// The password. Nothing that [`SignIn::caller`] takes for a bearer token.
    pub token: Token,
}

/// Finds out who a caller is.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// Who sends a request with this `Authorization` header. No header is [`Caller::Anonymous`]; a header that proves nothing is
    /// [`Forbidden::Unauthenticated`], never anonymous: a client whose token has expired must learn it.
    async fn caller(&self, authorization: Option<&str>, visit: &Visit) -> Result<Caller, Forbidden>;

    /// A token for what was asked for, as far as it is allowed. [`Forbidden::Unauthenticated`] for a wrong password and for a name that
    /// nobody has: they look alike.
    async fn token(&self, request: TokenRequest, visit: &Visit) -> Result<Token, Forbidden>;

    /// A token for what a workload brings from elsewhere, which stands in the place of the password (RFC 8693). The name is a robot's, or
    /// any other. [`Forbidden::Unauthenticated`] for whatever proves nothing.
    async fn exchange(&self, proof: Credentials, visit: &Visit) -> Result<Exchanged, Forbidden>;

    /// The public keys that tokens can be checked with (RFC 7517, a JWK set).
    fn key_set(&self) -> String;
}

impl Credentials {
    /// Those in an `Authorization` header of the Basic scheme (RFC 7617). `None` if it has another scheme or is malformed.
    pub fn from_basic(authorization: &str) -> Option<Self> {
        let (scheme, pair) = authorization.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = String::from_utf8(STANDARD.decode(pair.trim()).ok()?).ok()?;
        let (user, password) = pair.split_once(':')?;
        Some(Self { user: user.to_owned(), password: password.to_owned() })
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("ttl_secs", &self.ttl_secs).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_a_name_and_whatever_follows_the_first_colon() {
        let read = |header: &str| Credentials::from_basic(header).map(|pair| (pair.user, pair.password));
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(read("Basic YTpiOmM="), pair("a", "b:c"));
        assert_eq!(read("basic  YTo="), pair("a", ""));
        for bad in ["", "Basic", "Basic YQ==", "Basic ???", "Bearer YTpi", "Basic gIA6gA=="] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
