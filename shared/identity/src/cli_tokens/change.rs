//! Making and removing tokens.

use berth_records::{Change, Expect, Key, Stored, Written, number_key, put};
use berth_registry::StoreError;

use super::{
    CLI_SECRET, CLI_TOKEN_PREFIX, CliToken, CliTokens, Kept, KeptToken, MAX_CLI_TOKEN_DAYS, MAX_CLI_TOKENS,
    SECS_PER_DAY, key, used_key,
};
use crate::SecretHash;

const MAX_NAME_BYTES: usize = 64;
/// How often a change begins again because others were at the same user's tokens.
const MAX_ATTEMPTS: usize = 8;

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCliToken {
    /// What its user calls it.
    pub name: String,
    /// For how many days it is made.
    pub duration_days: u64,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq)]
pub enum CreateCliToken {
    /// It is there.
    Created {
        /// As it is kept.
        token: CliToken,
        /// What proves it, kept nowhere.
        secret: String,
    },
    /// The user has one of this name, or others kept changing his tokens.
    Taken,
    /// The user has as many as he may.
    TooMany,
    /// There is no such user any more.
    UserGone,
}

/// Why there can be no such token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCliToken {
    /// The name.
    #[error(
        "the name of a CLI token must have 1 to 64 of the characters a-z, A-Z, 0-9, . _ and -, and must not be cli_secret"
    )]
    Name,
    /// The duration.
    #[error("the duration of a CLI token must be 1 to 365 days")]
    Duration,
}

impl NewCliToken {
    /// Whether there can be such a token.
    pub fn check(&self) -> Result<(), InvalidCliToken> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_name = (1..=MAX_NAME_BYTES).contains(&self.name.len()) && self.name.bytes().all(is_plain);
        if !is_name || self.name == CLI_SECRET {
            return Err(InvalidCliToken::Name);
        }
        if !(1..=MAX_CLI_TOKEN_DAYS).contains(&self.duration_days) {
            return Err(InvalidCliToken::Duration);
        }
        Ok(())
    }
}

impl CliTokens {
    /// Makes a token, which must have passed [`NewCliToken::check`]. Tokens that have ended make room.
    pub async fn create(&self, user_id: u64, new: NewCliToken) -> Result<CreateCliToken, StoreError> {
        let now_secs = self.clock.now_secs();
        let secret = format!("{CLI_TOKEN_PREFIX}{}{}", self.ids.next(), self.ids.next());
        let token = KeptToken {
            name: new.name,
            hash: SecretHash::of_generated(&secret),
            created_at_secs: now_secs,
            expires_at_secs: now_secs + new.duration_days * SECS_PER_DAY,
        };
        for _ in 0..MAX_ATTEMPTS {
            let stored = self.kept(user_id).await?;
            let mut kept = stored.as_ref().map(|stored| stored.value.clone()).unwrap_or_default();
            kept.tokens.retain(|known| now_secs < known.expires_at_secs);
            if kept.tokens.iter().any(|known| known.name == token.name) {
                return Ok(CreateCliToken::Taken);
            }
            if kept.tokens.len() >= MAX_CLI_TOKENS {
                return Ok(CreateCliToken::TooMany);
            }
            kept.tokens.push(token.clone());
            if self.write_kept(user_id, stored.as_ref(), &kept).await? == Written::Written {
                let (name, expires_at_secs) = (token.name, token.expires_at_secs);
                let token =
                    CliToken { name, created_at_secs: now_secs, expires_at_secs, last_used_secs: None };
                return Ok(CreateCliToken::Created { token, secret });
            }
            if !self.is_there(user_id).await? {
                return Ok(CreateCliToken::UserGone);
            }
        }
        Ok(CreateCliToken::Taken)
    }

    /// Sets the one secret that a user chooses himself, as a hash; the old one is good no longer. Whether it came about: the user may
    /// be gone.
    pub async fn set_cli_secret(&self, user_id: u64, hash: SecretHash) -> Result<bool, StoreError> {
        let now_secs = self.clock.now_secs();
        let token = KeptToken {
            name: CLI_SECRET.to_owned(),
            hash,
            created_at_secs: now_secs,
            expires_at_secs: now_secs + MAX_CLI_TOKEN_DAYS * SECS_PER_DAY,
        };
        for _ in 0..MAX_ATTEMPTS {
            let stored = self.kept(user_id).await?;
            let mut kept = stored.as_ref().map(|stored| stored.value.clone()).unwrap_or_default();
            kept.tokens.retain(|known| known.name != CLI_SECRET);
            kept.tokens.push(token.clone());
            if self.write_kept(user_id, stored.as_ref(), &kept).await? == Written::Written {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes a token. Whether it was there. It is good no longer from then on; tokens for the registry that were given for it end
    /// by themselves.
    pub async fn delete(&self, user_id: u64, name: &str) -> Result<bool, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(stored) = self.kept(user_id).await? else { return Ok(false) };
            let mut kept = stored.value.clone();
            kept.tokens.retain(|known| known.name != name);
            if kept.tokens.len() == stored.value.tokens.len() {
                return Ok(false);
            }
            let changes =
                vec![put(key(user_id), &kept, stored.unchanged()), Change::delete(used_key(user_id, name))];
            if self.write.write(changes).await? == Written::Written {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Only for a user who is there: a number is never used again, so what is left behind is nobody's.
    async fn write_kept(
        &self,
        user_id: u64,
        stored: Option<&Stored<Kept>>,
        kept: &Kept,
    ) -> Result<Written, StoreError> {
        let expect = stored.map_or(Expect::Absent, Stored::unchanged);
        let changes = vec![
            put(key(user_id), kept, expect),
            Change::Check { key: user_key(user_id), expect: Expect::Present },
        ];
        self.write.write(changes).await
    }

    async fn is_there(&self, user_id: u64) -> Result<bool, StoreError> {
        Ok(self.read.get(&[user_key(user_id)]).await?.into_iter().any(|record| record.is_some()))
    }
}

fn user_key(user_id: u64) -> Key {
    Key::new("user-id", number_key(user_id))
}

impl std::fmt::Debug for CreateCliToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Created { .. } => "Created",
            Self::Taken => "Taken",
            Self::TooMany => "TooMany",
            Self::UserGone => "UserGone",
        })
    }
}
