//! What can go wrong at the edge.

use thiserror::Error;

/// Why an edge function gave no usable answer. `CloudFront` answers the viewer 502 or 503 in all these cases.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EdgeError {
    /// The source does not compile, throws while it is loaded, or defines no `handler`.
    #[error("edge function does not load: {0}")]
    Load(String),
    /// The handler threw, never settled, or ran out of memory or instructions.
    #[error("edge function failed: {0}")]
    Failed(String),
    /// The handler returned something that is neither a request nor a response.
    #[error("edge function returned a malformed object: {0}")]
    Malformed(String),
    /// The handler changed a field or header that `CloudFront` lets it read only.
    #[error("edge function changed a read-only field: {0}")]
    ReadOnly(String),
    /// The handler set a header that belongs to `CloudFront` or to the connection.
    #[error("edge function set a disallowed header: {0}")]
    Disallowed(String),
    /// The handler selected an origin that the distribution does not have.
    #[error("edge function selected an unknown origin: {0}")]
    UnknownOrigin(String),
}
