//! Manifests: get, put, delete.

mod delete;
mod get;
mod put;

pub use delete::DeleteManifestError;
pub(crate) use put::MAX_ATTEMPTS;
pub use put::{PutManifest, PutManifestError, PutOutcome};
