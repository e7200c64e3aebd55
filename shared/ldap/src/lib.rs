#![doc = include_str!("../README.md")]

mod directory;
mod dn;
mod entry;
mod error;
mod filter;
mod groups;
mod people;
mod server;
mod session;
mod settings;
mod tls;

pub use directory::{Ldap, ping};
pub use dn::Dn;
pub use error::{LdapError, PingError};
pub use groups::Group;
pub use people::User;
pub use settings::{Scope, Settings, SettingsError};

/// A search gives at most so many people or groups.
pub const MAX_FOUND: usize = 500;
