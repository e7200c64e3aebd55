//! What the tests share.

pub(crate) mod issuer;
pub(crate) mod keys;
pub(crate) mod passwords;
pub(crate) mod seen;
#[path = "../../../../outbound/tests/support/server.rs"]
pub(crate) mod server;
pub(crate) mod sts;
pub(crate) mod world;
