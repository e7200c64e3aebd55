//! What a port says when storage fails.

use std::error::Error;
use std::fmt;

/// A failed call to storage. Absence and lost races are values, not errors.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed: storage is {kind}, the call {effect}")]
pub struct StoreError {
    /// What is wrong with the storage.
    pub kind: StoreErrorKind,
    /// Whether a write can have taken effect all the same.
    pub effect: Effect,
    /// The operation that failed, such as `PutObject`.
    pub operation: &'static str,
    /// The cause, for the log.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

/// What is wrong with the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// It did not answer, or answered that it is not able to.
    Unavailable,
    /// It asks for fewer calls.
    Throttled,
    /// It refuses this caller: a mistake in the deployment.
    Denied,
    /// It answered with something that cannot be.
    Corrupt,
}

/// What a failed write may have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Certainly nothing.
    DidNotHappen,
    /// Unknown: read before repeating what is not idempotent.
    MayHaveHappened,
}

impl StoreError {
    /// A record or object that cannot be what it should be.
    pub fn corrupt(operation: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: StoreErrorKind::Corrupt,
            effect: Effect::DidNotHappen,
            operation,
            source: Some(cause.into()),
        }
    }
}

/// An error with all its causes, for the log.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl fmt::Display for StoreErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unavailable => "unavailable",
            Self::Throttled => "throttled",
            Self::Denied => "refusing this caller",
            Self::Corrupt => "corrupt",
        })
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DidNotHappen => "did not happen",
            Self::MayHaveHappened => "may have happened",
        })
    }
}
