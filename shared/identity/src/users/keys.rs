//! Where users are.
//!
//! ```text
//! partition    sort         document
//! users        <username>   User
//! user-id      <id>         his username
//! user-email   <address>    his username; the address in lower case
//! user-subject <hash>       his username; of what his `OpenID` Connect provider calls him
//! ```

use berth_protocol::Digest;
use berth_records::{Key, number_key};

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
    Key::new("user-subject", Digest::sha256(subject.as_bytes()).hex())
}

pub(super) fn counter() -> Key {
    Key::new("counters", "users")
}
