//! The edge of the local stack: runs the production stack's `CloudFront` Functions (`infra/edge/*.js`) in QuickJS.
//!
//! ```text
//! viewer ── applies(path)? ── Edge::request ──┬── Respond ─────────────────────────── viewer
//!                                             └── Forward to S3, gateway or registry ── Edge::response ── viewer
//! ```
//!
//! What `CloudFront` forbids a function fails here too: changing the method or a read-only header, setting a reserved
//! header, taking too long or too much memory. The body of a request is never visible to a function.

mod behaviour;
mod engine;
mod error;
mod event;
mod headers;
mod host;

pub use behaviour::{Clock, Decision, Edge, Origin, SOURCES, Sources, applies};
pub use engine::{EdgeFunction, KeyValues, MAX_SOURCE_BYTES, Outcome};
pub use error::EdgeError;
