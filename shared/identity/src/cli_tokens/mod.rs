//! Tokens that stand for a user where there is no browser: several for each, with names, each with an end.
//!
//! ```text
//! partition         sort             document
//! cli-tokens        <user id>        Kept       all tokens of the user
//! cli-token-used    <user id>#<name> Used       the day of the last sign-in with it
//! ```

mod change;
mod check;

use std::sync::Arc;

use berth_records::{Key, RecordRead, RecordWrite, Stored, get, get_many, number_key};
use berth_registry::{Clock, Ids, StoreError};
use serde::{Deserialize, Serialize};

pub use change::{CreateCliToken, InvalidCliToken, NewCliToken};

use crate::SecretHash;

/// What tokens begin with. No password does: see [`is_cli_token`].
pub const CLI_TOKEN_PREFIX: &str = "berth_pat_";
/// The name of the one that Harbor knows: people of an `OpenID` Connect provider choose it themselves.
pub const CLI_SECRET: &str = "cli_secret";
/// One user has no more.
pub const MAX_CLI_TOKENS: usize = 20;
/// How long a token lives if nobody says otherwise.
pub const DEFAULT_CLI_TOKEN_DAYS: u64 = 90;
/// No token lives longer: one that is forgotten ends by itself.
pub const MAX_CLI_TOKEN_DAYS: u64 = 365;

const SECS_PER_DAY: u64 = 24 * 60 * 60;

/// Whether a password is a token, or looks like one: then it is never held against anything else.
pub fn is_cli_token(password: &str) -> bool {
    password.starts_with(CLI_TOKEN_PREFIX)
}

/// A token, without what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliToken {
    /// What its user calls it.
    pub name: String,
    /// When it was made, in seconds since 1970.
    pub created_at_secs: u64,
    /// When it ends, in seconds since 1970.
    pub expires_at_secs: u64,
    /// When it was last used, to the day, in seconds since 1970.
    pub last_used_secs: Option<u64>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Kept {
    tokens: Vec<KeptToken>,
}

#[derive(Clone, Serialize, Deserialize)]
struct KeptToken {
    name: String,
    hash: SecretHash,
    created_at_secs: u64,
    expires_at_secs: u64,
}

#[derive(Serialize, Deserialize)]
struct Used {
    at_secs: u64,
}

/// The tokens of all users. Cheap to clone.
#[derive(Clone)]
pub struct CliTokens {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl CliTokens {
    /// Tokens on these ports.
    pub fn new(
        read: Arc<dyn RecordRead>,
        write: Arc<dyn RecordWrite>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { read, write, clock, ids }
    }

    /// The tokens of a user by name, also those that have ended. Two reads.
    pub async fn list(&self, user_id: u64) -> Result<Vec<CliToken>, StoreError> {
        let kept = self.kept(user_id).await?.map(|stored| stored.value.tokens).unwrap_or_default();
        let keys: Vec<Key> = kept.iter().map(|token| used_key(user_id, &token.name)).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let used = get_many::<Used>(&*self.read, &keys).await?;
        let shown = |(token, used): (KeptToken, Option<Stored<Used>>)| CliToken {
            name: token.name,
            created_at_secs: token.created_at_secs,
            expires_at_secs: token.expires_at_secs,
            // A token of the same name that is gone may have been used before.
            last_used_secs: used
                .map(|used| used.value.at_secs)
                .filter(|at_secs| *at_secs >= token.created_at_secs / SECS_PER_DAY * SECS_PER_DAY),
        };
        let mut tokens: Vec<CliToken> = kept.into_iter().zip(used).map(shown).collect();
        tokens.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(tokens)
    }

    async fn kept(&self, user_id: u64) -> Result<Option<Stored<Kept>>, StoreError> {
        get(&*self.read, key(user_id)).await
    }
}

impl std::fmt::Debug for CliTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CliTokens")
    }
}

pub(crate) fn key(user_id: u64) -> Key {
    Key::new("cli-tokens", number_key(user_id))
}

fn used_key(user_id: u64, name: &str) -> Key {
    Key::new("cli-token-used", format!("{}#{name}", number_key(user_id)))
}

#[cfg(test)]
mod tests;
