#![doc = include_str!("../README.md")]

mod address;
mod ber;
mod configured;
mod connection;
mod directory;
mod entry;
mod error;
mod filter;
mod groups;
mod message;
mod parse;
mod people;
mod server;
mod session;
mod settings;
mod tls;

pub use berth_identity::groups::Dn;
pub use configured::ConfiguredLdap;
pub use directory::{Ldap, ping};
pub use error::{LdapError, PingError};
pub use groups::Group;
pub use people::User;
pub use settings::{Scope, Settings, SettingsError};

/// A search gives at most so many people or groups.
pub const MAX_FOUND: usize = 500;
