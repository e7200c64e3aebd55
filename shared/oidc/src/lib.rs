#![doc = include_str!("../README.md")]

mod begin;
mod configured;
mod error;
mod finish;
mod id_token;
mod party;
mod person;
mod settings;
mod userinfo;

pub use begin::{Login, Pending};
pub use error::OidcError;
pub use finish::Callback;
pub use party::RelyingParty;
pub use settings::{Settings, SettingsError};
