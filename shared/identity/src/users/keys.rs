//! Where users are.
//!
//! ```text
//! partition    sort         document
//! users        <username>   User
//! user-id      <id>         his username
//! user-email   <address>    his username; the address in lower case
//! ```

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

pub(super) fn counter() -> Key {
    Key::new("counters", "users")
}
