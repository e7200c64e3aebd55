//! Who sends a request: the port between HTTP and the identities.

use async_trait::async_trait;

use crate::Forbidden;

/// Who sends the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular: the request carries no credentials.
    Anonymous,
    /// Somebody who has proven it.
    User {
        /// The name, as the log may show it.
        name: String,
    },
}

/// A bearer token (Docker token authentication).
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What the client sends as `Authorization: Bearer …`.
    pub text: String,
    /// How long it is good.
    pub ttl_secs: u64,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("ttl_secs", &self.ttl_secs).finish_non_exhaustive()
    }
}

/// Finds out who a caller is.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// Who sends a request with this `Authorization` header. No header is [`Caller::Anonymous`]; a header that proves nothing is
    /// [`Forbidden::Unauthenticated`], never anonymous: a client whose token has expired must learn it.
    async fn caller(&self, authorization: Option<&str>) -> Result<Caller, Forbidden>;

    /// A token for whoever knows this password. `Ok(None)` if it is wrong or there is no such user: the two look alike.
    async fn token(&self, user: &str, password: &str) -> Result<Option<Token>, Forbidden>;
}
