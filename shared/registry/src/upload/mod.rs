//! Uploads of blobs: sessions, pieces, and the end of both.
//!
//! A session is a signed path and nothing else, so opening one costs no call. State exists only once bytes have come
//! through this code; a client that puts its blob straight into S3 never causes any.

mod append;
mod cancel;
mod finish;
mod ingest;
mod session;
mod start;
mod status;

pub use append::AppendError;
pub use finish::FinishError;
pub use session::{Session, SessionError, Signer};
pub use status::StatusError;

/// S3 takes no smaller part, except as the last one (`MultipartUpload` limits of the S3 user guide).
pub const MIN_PART_BYTES: u64 = 5 * 1024 * 1024;
