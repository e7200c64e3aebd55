//! Failures of the store, and refusals in S3's words.

use std::io;

use http::{HeaderMap, HeaderValue, header};
use s3s::{S3Error, S3ErrorCode};
use thiserror::Error;

/// The store could not do its work. A change that ends in this may or may not have been committed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite refused a statement.
    #[error("the object index failed")]
    Index(#[from] rusqlite::Error),
    /// A file or folder could not be used.
    #[error("the object files failed")]
    File(#[from] io::Error),
    /// A row of the index holds what this version cannot read.
    #[error("the object index holds an unreadable row")]
    Row(#[from] serde_json::Error),
    /// The index was written by another version of this program.
    #[error("the object index has layout {found}, this version needs {needed}")]
    Layout {
        /// The layout of the file.
        found: i64,
        /// The layout of this version.
        needed: i64,
    },
    /// A background thread ended before it answered.
    #[error("the object store did not finish the operation")]
    Unfinished,
}

/// How an operation ends when it does not succeed.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error("{}: {message}", code.as_str())]
    Refused { code: S3ErrorCode, message: &'static str },
    /// The caller has this version already. The answer repeats its entity tag.
    #[error("not modified")]
    NotModified { etag: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// A refusal that the caller can act on.
    pub(crate) const fn refused(code: S3ErrorCode, message: &'static str) -> Self {
        Self::Refused { code, message }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(_: tokio::task::JoinError) -> Self {
        Self::Store(StoreError::Unfinished)
    }
}

impl From<Error> for S3Error {
    /// A failure of the store is logged here, once; the caller learns nothing of its cause.
    fn from(error: Error) -> Self {
        match error {
            Error::Refused { code, message } => Self::with_message(code, message),
            Error::NotModified { etag } => not_modified(&etag),
            Error::Store(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the embedded S3 failed");
                Self::with_message(
                    S3ErrorCode::InternalError,
                    "we encountered an internal error, please try again",
                )
            }
        }
    }
}

fn not_modified(etag: &str) -> S3Error {
    let mut error = S3Error::new(S3ErrorCode::NotModified);
    if let Ok(etag) = HeaderValue::try_from(format!("\"{etag}\"")) {
        error.set_headers(HeaderMap::from_iter([(header::ETAG, etag)]));
    }
    error
}
