#![doc = include_str!("../README.md")]

mod clock;
mod connection;
mod content;
mod error;
mod output;
mod place;
mod push;
mod registry;
mod relay;
mod source;

pub use connection::Connection;
pub use place::{Host, ImageReference, PlaceError};
pub use push::Push;
pub use relay::Relay;
