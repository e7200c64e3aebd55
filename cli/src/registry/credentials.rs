//! Who we are, and how that is found out.

use std::env;
use std::fmt;

use http::HeaderValue;

use super::{Failure, auth, docker_config};
use crate::password;
use crate::place::Host;

/// The user name under which docker stores a token that other tokens are got with.
const IDENTITY_TOKEN_USER: &str = "<token>";

/// A name and a password, or an identity token. Debug output hides it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

impl Credentials {
    pub(crate) fn of(username: String, password: String) -> Self {
        Self { username, password }
    }

    pub(super) fn of_identity_token(token: String) -> Self {
        Self { username: IDENTITY_TOKEN_USER.to_owned(), password: token }
    }

    /// The password is all of standard input, without a line break at its end.
    pub(crate) fn from_stdin(username: String) -> Result<Self, Failure> {
        let password = password::from_stdin()
            .map_err(|error| Failure::Credentials(format!("cannot read the password: {error}")))?;
        if password.is_empty() {
            return Err(Failure::Credentials("--password-stdin, and standard input is empty".to_owned()));
        }
        Ok(Self { username, password })
    }

    /// Those of the environment, else those that docker has for `host`, else none.
    pub(crate) async fn find(host: &Host) -> Result<Option<Self>, Failure> {
        match (variable("BERTH_USERNAME"), variable("BERTH_PASSWORD")) {
            (Some(username), Some(password)) => Ok(Some(Self { username, password })),
            (None, None) => docker_config::find(host).await,
            _ => {
                Err(Failure::Credentials("set both BERTH_USERNAME and BERTH_PASSWORD, or neither".to_owned()))
            }
        }
    }

    /// The name; that of an identity token is no user's.
    pub(crate) fn username(&self) -> &str {
        &self.username
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    pub(super) fn basic(&self) -> Option<HeaderValue> {
        auth::basic_header(&self.username, &self.password)
    }

    pub(super) fn identity_token(&self) -> Option<&str> {
        (self.username == IDENTITY_TOKEN_USER).then_some(self.password.as_str())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

/// An empty variable counts as absent.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
