//! Sign-ins at a provider that are under way.
//!
//! ```text
//! partition      sort                                document
//! oidc-login     <hash of the state>                 Begun      for ten minutes
//! oidc-onboard   <hash of what the browser holds>    Waiting    for ten minutes
//! ```
//!
//! Either is good for one browser. Both are kept under hashes: whoever reads the table cannot go on with them.

use std::sync::Arc;

use berth_identity::External;
use berth_oidc::Pending;
use berth_protocol::Digest;
use berth_records::{Change, Expect, Key, RecordRead, RecordWrite, Stored, Written, get, put};
use berth_registry::{Clock, StoreError};
use serde::{Deserialize, Serialize};

/// How long somebody may take to sign in at the provider, or to choose a name.
pub(crate) const LOGIN_TTL_SECS: u64 = 10 * 60;

/// A sign-in that a browser began.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) pending: Pending,
    /// Where the browser goes afterwards.
    pub(crate) redirect: String,
    /// Of what the browser holds.
    pub(crate) browser_hash: String,
}

/// Somebody who has signed in at the provider and needs a name here.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) external: External,
    pub(crate) redirect: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Expiring<T> {
    value: T,
    expires_at_secs: u64,
}

/// The sign-ins that are under way.
#[derive(Clone)]
pub(crate) struct Logins {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
}

impl Logins {
    pub(crate) fn new(read: Arc<dyn RecordRead>, write: Arc<dyn RecordWrite>, clock: Arc<dyn Clock>) -> Self {
        Self { read, write, clock }
    }

    pub(crate) async fn begin(&self, state: &str, begun: &Begun) -> Result<(), StoreError> {
        self.keep(login_key(state), begun).await
    }

    /// The sign-in with this state, if `browser` holds what began it. It is used up: of several at a time one gets it, and it is not
    /// used up by another browser.
    pub(crate) async fn take(&self, state: &str, browser: &str) -> Result<Option<Begun>, StoreError> {
        let key = login_key(state);
        let Some(stored) = self.kept::<Begun>(key.clone()).await? else { return Ok(None) };
        let is_his =
            berth_identity::same_secret(stored.value.value.browser_hash.as_bytes(), hash(browser).as_bytes());
        if !is_his || !self.remove(key, &stored).await? {
            return Ok(None);
        }
        Ok(Some(stored.value.value))
    }

    pub(crate) async fn wait(&self, browser: &str, waiting: &Waiting) -> Result<(), StoreError> {
        self.keep(waiting_key(browser), waiting).await
    }

    /// Who waits in this browser.
    pub(crate) async fn waiting(&self, browser: &str) -> Result<Option<Waiting>, StoreError> {
        Ok(self.kept::<Waiting>(waiting_key(browser)).await?.map(|stored| stored.value.value))
    }

    /// Whoever waited in this browser waits no longer.
    pub(crate) async fn welcome(&self, browser: &str) -> Result<(), StoreError> {
        self.write.write(vec![Change::delete(waiting_key(browser))]).await.map(|_| ())
    }

    async fn keep<T: Serialize>(&self, key: Key, value: &T) -> Result<(), StoreError> {
        let expires_at_secs = self.clock.now_secs() + LOGIN_TTL_SECS;
        let kept = put(key, &Expiring { value, expires_at_secs }, Expect::Anything);
        self.write.write(vec![kept.expiring(expires_at_secs)]).await.map(|_| ())
    }

    async fn kept<T: for<'de> Deserialize<'de>>(
        &self,
        key: Key,
    ) -> Result<Option<Stored<Expiring<T>>>, StoreError> {
        let kept = get::<Expiring<T>>(&*self.read, key).await?;
        let now_secs = self.clock.now_secs();
        Ok(kept.filter(|stored| now_secs < stored.value.expires_at_secs))
    }

    async fn remove<T>(&self, key: Key, stored: &Stored<T>) -> Result<bool, StoreError> {
        let expect = stored.unchanged();
        Ok(self.write.write(vec![Change::Delete { key, expect }]).await? == Written::Written)
    }
}

/// As what the browser holds is kept.
pub(crate) fn hash(text: &str) -> String {
    Digest::sha256(text.as_bytes()).hex().to_owned()
}

fn login_key(state: &str) -> Key {
    Key::new("oidc-login", hash(state))
}

fn waiting_key(browser: &str) -> Key {
    Key::new("oidc-onboard", hash(browser))
}
