#![doc = include_str!("../README.md")]

pub mod access;
pub mod artifact;
pub mod blob;
pub mod clock;
pub mod delivery;
pub mod error;
pub mod listing;
pub mod manifest;
pub mod ports;
pub mod promotion;
pub mod sign_in;
pub mod upload;
pub mod witness;

mod registry;

pub use access::{
    Agreed, Authorizer, Catalog, Delete, Forbidden, OpenAccess, Permit, Pull, Push, RepositoryAction,
};
pub use clock::{Clock, Ids};
pub use delivery::{Delivery, Networks};
pub use error::{Effect, StoreError, StoreErrorKind, chain};
pub use registry::{Config, Ports, Registry};
pub use sign_in::{Caller, Credentials, Exchanged, Grant, Holder, SignIn, Token, TokenRequest, Visit};
pub use witness::{Deed, Happening, MAX_USER_AGENT_CHARS, Target, Witness};

use bytes::Bytes;
use futures::stream::BoxStream;

/// Why a body ended early. The text is for the log, never for a client.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// Content on its way: chunks in order, of any size, ended by `None` or by one error.
pub type ByteStream = BoxStream<'static, Result<Bytes, BodyError>>;
