//! Signing in with a token.

use berth_records::{Expect, get, put};
use berth_registry::StoreError;

use super::{CLI_SECRET, CliTokens, KeptToken, SECS_PER_DAY, Used, used_key};
use crate::SecretHash;

impl CliTokens {
    /// The name of the token of this user that `secret` is. Fast: it compares hashes of random bits. One read; for a number that
    /// nobody has as well, so that it takes as long.
    pub(crate) async fn find(&self, user_id: u64, secret: &str) -> Result<Option<String>, StoreError> {
        let Some(kept) = self.kept(user_id).await? else { return Ok(None) };
        let now_secs = self.clock.now_secs();
        let is_it = |token: &KeptToken| {
            now_secs < token.expires_at_secs && !token.hash.is_slow() && token.hash.is_of(secret)
        };
        Ok(kept.value.tokens.into_iter().find(is_it).map(|token| token.name))
    }

    /// What a user has chosen as his CLI secret, if it has not ended: to be checked like a password.
    pub(crate) async fn cli_secret(&self, user_id: u64) -> Result<Option<SecretHash>, StoreError> {
        let Some(kept) = self.kept(user_id).await? else { return Ok(None) };
        let now_secs = self.clock.now_secs();
        let is_it = |token: &KeptToken| token.name == CLI_SECRET && now_secs < token.expires_at_secs;
        Ok(kept.value.tokens.into_iter().find(is_it).map(|token| token.hash))
    }

    /// Notes that a token was used. Writes once a day at most.
    pub(crate) async fn note_use(&self, user_id: u64, name: &str) -> Result<(), StoreError> {
        let today_secs = self.clock.now_secs() / SECS_PER_DAY * SECS_PER_DAY;
        let key = used_key(user_id, name);
        let last = get::<Used>(&*self.read, key.clone()).await?;
        if last.is_some_and(|last| last.value.at_secs >= today_secs) {
            return Ok(());
        }
        let used = put(key, &Used { at_secs: today_secs }, Expect::Anything);
        self.write.write(vec![used]).await.map(|_| ())
    }
}
