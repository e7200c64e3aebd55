//! One user with one password, who may do everything; nobody else may do anything.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_protocol::RepositoryName;
use berth_registry::access::CatalogPermit;
use berth_registry::sign_in::{SignIn, Token};
use berth_registry::{Authorizer, Caller, Clock, Delete, Forbidden, OpenAccess, Permit, Pull, Push};

use crate::{Tokens, same_secret};

/// The one user.
pub const ADMIN: &str = "admin";

/// Signs the one user in, with the password or with a token that was given for it.
pub struct PasswordSignIn {
    password: String,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    token_ttl_secs: u64,
}

impl PasswordSignIn {
    /// Accepts `password` and tokens of `tokens`, which live for `token_ttl_secs`.
    pub fn new(
        password: impl Into<String>,
        tokens: Tokens,
        token_ttl_secs: u64,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { password: password.into(), tokens, clock, token_ttl_secs }
    }

    fn is_admin(&self, user: &str, password: &str) -> bool {
        let is_password = same_secret(password.as_bytes(), self.password.as_bytes());
        user == ADMIN && is_password
    }
}

#[async_trait]
impl SignIn for PasswordSignIn {
    async fn caller(&self, authorization: Option<&str>) -> Result<Caller, Forbidden> {
        let Some(authorization) = authorization else { return Ok(Caller::Anonymous) };
        let user = match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                self.tokens.user(token.trim(), self.clock.now_secs())
            }
            Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => basic(pair.trim())
                .filter(|(user, password)| self.is_admin(user, password))
                .map(|(user, _)| user),
            _ => None,
        };
        user.map(|name| Caller::User { name }).ok_or(Forbidden::Unauthenticated)
    }

    async fn token(&self, user: &str, password: &str) -> Result<Option<Token>, Forbidden> {
        if !self.is_admin(user, password) {
            return Ok(None);
        }
        let text = self.tokens.issue(user, self.clock.now_secs() + self.token_ttl_secs);
        Ok(Some(Token { text, ttl_secs: self.token_ttl_secs }))
    }
}

/// User and password of a Basic header (RFC 7617).
fn basic(pair: &str) -> Option<(String, String)> {
    let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Everything to everybody who has signed in.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn;

fn signed_in(caller: &Caller) -> Result<(), Forbidden> {
    match caller {
        Caller::Anonymous => Err(Forbidden::Unauthenticated),
        Caller::User { .. } => Ok(()),
    }
}

#[async_trait]
impl Authorizer for SignedIn {
    async fn pull(&self, caller: &Caller, repository: &RepositoryName) -> Result<Permit<Pull>, Forbidden> {
        signed_in(caller)?;
        OpenAccess.pull(caller, repository).await
    }

    async fn push(&self, caller: &Caller, repository: &RepositoryName) -> Result<Permit<Push>, Forbidden> {
        signed_in(caller)?;
        OpenAccess.push(caller, repository).await
    }

    async fn delete(
        &self,
        caller: &Caller,
        repository: &RepositoryName,
    ) -> Result<Permit<Delete>, Forbidden> {
        signed_in(caller)?;
        OpenAccess.delete(caller, repository).await
    }

    async fn catalog(&self, caller: &Caller) -> Result<CatalogPermit, Forbidden> {
        signed_in(caller)?;
        OpenAccess.catalog(caller).await
    }
}

#[cfg(test)]
mod tests {
    use berth_testkit::ManualClock;

    use super::*;

    fn sign_in() -> PasswordSignIn {
        PasswordSignIn::new("secret", Tokens::new("key", None), 60, Arc::new(ManualClock::default()))
    }

    fn basic_header(user: &str, password: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
    }

    #[tokio::test]
    async fn the_password_gives_a_token_and_the_token_signs_in() {
        let sign_in = sign_in();
        let token = sign_in.token(ADMIN, "secret").await.unwrap().unwrap();
        let admin = Caller::User { name: ADMIN.to_owned() };
        for header in [format!("Bearer {}", token.text), basic_header(ADMIN, "secret")] {
            assert_eq!(sign_in.caller(Some(&header)).await.unwrap(), admin, "{header}");
        }
    }

    #[tokio::test]
    async fn nothing_else_does() {
        let sign_in = sign_in();
        for (user, password) in [(ADMIN, "wrong"), ("root", "secret"), (ADMIN, ""), ("", "secret")] {
            assert!(sign_in.token(user, password).await.unwrap().is_none(), "{user}:{password}");
            let header = basic_header(user, password);
            assert!(matches!(sign_in.caller(Some(&header)).await, Err(Forbidden::Unauthenticated)));
        }
        for header in ["Bearer ", "Bearer x.y.z", "Basic ???", "Digest x", "secret", ""] {
            assert!(
                matches!(sign_in.caller(Some(header)).await, Err(Forbidden::Unauthenticated)),
                "{header}"
            );
        }
        assert_eq!(sign_in.caller(None).await.unwrap(), Caller::Anonymous);
    }
}
