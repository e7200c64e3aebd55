//! Browsers that have signed in.
//!
//! ```text
//! partition    sort                   document
//! session      <hash of the secret>   Kept       until it expires
//! ```
//!
//! What the browser holds is 256 random bits; kept is their hash, so that whoever reads the table has no session. A session ends when
//! its time is over, when somebody signs out, when its user is gone, and when his password or his rights over the system change.

mod csrf;

use std::sync::Arc;

use berth_protocol::Digest;
use berth_records::{Change, Expect, Key, RecordRead, RecordWrite, Written, get, put};
use berth_registry::{Clock, Ids, StoreError};
use serde::{Deserialize, Serialize};

pub use csrf::{csrf_token, is_csrf_token};

use crate::users::{User, Users};

/// What a browser holds has as many characters.
const SECRET_CHARS: usize = 64;
/// How often a session is written whose answer was lost.
const MAX_ATTEMPTS: usize = 3;

/// A session that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is, as he is now.
    pub user: User,
    /// When it ends, in seconds since 1970.
    pub expires_at_secs: u64,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    username: String,
    user_id: u64,
    /// The user's at the time: see [`User::epoch`].
    epoch: u32,
    expires_at_secs: u64,
}

/// The sessions of all browsers. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    users: Users,
}

impl Sessions {
    /// Sessions of these users on these ports.
    pub fn new(
        read: Arc<dyn RecordRead>,
        write: Arc<dyn RecordWrite>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        users: Users,
    ) -> Self {
        Self { read, write, clock, ids, users }
    }

    /// Begins a session, always a new one, and answers what the browser must show. One write.
    pub async fn begin(&self, user: &User, ttl_secs: u64) -> Result<String, StoreError> {
        let expires_at_secs = self.clock.now_secs() + ttl_secs;
        let kept =
            Kept { username: user.username.clone(), user_id: user.id, epoch: user.epoch, expires_at_secs };
        let mut secret = String::new();
        for _ in 0..MAX_ATTEMPTS {
            secret = format!("{}{}", self.ids.next(), self.ids.next());
            let session = put(key(&secret), &kept, Expect::Absent).expiring(expires_at_secs);
            if self.write.write(vec![session]).await? == Written::Written {
                break;
            }
        }
        Ok(secret)
    }

    /// The session that a browser shows, if it is good. One read, and one for its user.
    pub async fn find(&self, secret: &str) -> Result<Option<Session>, StoreError> {
        if !is_secret(secret) {
            return Ok(None);
        }
        let Some(kept) = get::<Kept>(&*self.read, key(secret)).await? else { return Ok(None) };
        let kept = kept.value;
        if self.clock.now_secs() >= kept.expires_at_secs {
            return Ok(None);
        }
        let user = self.users.get(&kept.username).await?;
        let user = user.filter(|user| user.id == kept.user_id && user.epoch == kept.epoch);
        Ok(user.map(|user| Session { user, expires_at_secs: kept.expires_at_secs }))
    }

    /// Ends a session. Ending none is a success.
    pub async fn end(&self, secret: &str) -> Result<(), StoreError> {
        if is_secret(secret) {
            self.write.write(vec![Change::delete(key(secret))]).await?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

fn is_secret(text: &str) -> bool {
    text.len() == SECRET_CHARS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whoever looks for a session by a guess finds a hash: how long the look-up takes tells nothing about the secret.
fn key(secret: &str) -> Key {
    Key::new("session", Digest::sha256(secret.as_bytes()).hex())
}

#[cfg(test)]
mod tests;
