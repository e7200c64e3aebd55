//! Manifests: get, put, delete.

mod delete;
mod get;
mod put;

pub use delete::DeleteManifestError;
pub use put::{PutManifest, PutManifestError, PutOutcome};
