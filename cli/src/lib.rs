#![doc = include_str!("../README.md")]

mod admin;
mod clock;
mod connection;
mod content;
mod error;
mod login;
mod output;
mod password;
mod place;
mod push;
mod registry;
mod relay;
mod source;
mod workload;

pub use admin::Admin;
pub use connection::Connection;
pub use login::{Login, Logout};
pub use place::{Host, ImageReference, PlaceError};
pub use push::Push;
pub use relay::Relay;
pub use workload::credential_helper;
