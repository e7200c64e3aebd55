//! Where users are.
//!
//! ```text
//! partition    sort         document
//! users        <username>   User
//! user-id      <id>         his username
//! user-email   <address>    his username; the address in lower case
//! user-subject <hash>       his username; of what his `OpenID` Connect provider calls him
//! ```

use berth_records::{Key, number_key};
use sha2::{Digest, Sha256};

pub(super) const USERS: &str = "users";

pub(super) fn user(username: &str) -> Key {
    Key::new(USERS, username)
}

pub(super) fn id(id: u64) -> Key {
    Key::new("user-id", number_key(id))
}

pub(super) fn email(address: &str) -> Key {
    Key::new("user-email", address.to_lowercase())
}

/// Issuer and subject may have any characters and any length.
pub(super) fn subject(subject: &str) -> Key {
    let hash = Sha256::digest(subject);
    Key::new("user-subject", hash.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
}

pub(super) fn counter() -> Key {
    Key::new("counters", "users")
}
