#![doc = include_str!("../README.md")]

mod address;
mod call;
mod error;
mod guard;
mod names;
mod policy;

pub use address::{Reach, reach};
pub use call::{Answer, Call};
pub use error::OutboundError;
pub use guard::Outbound;
pub use names::{Names, SystemNames};
pub use policy::{Policy, UrlRefusal};
pub use url::Url;
