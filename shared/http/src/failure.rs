//! From errors of the use cases to what a client is told. Every match is exhaustive: a new outcome must be given a code.

use berth_protocol::{ApiError, ErrorCode, ManifestError};
use berth_registry::blob::DeleteBlobError;
use berth_registry::manifest::{DeleteManifestError, PutManifestError};
use berth_registry::upload::{AppendError, FinishError, SessionError, StatusError};
use berth_registry::{BodyError, Forbidden, StoreError, StoreErrorKind};
use serde_json::json;

/// A request that failed: what the client is told, and what only the log is told.
#[derive(Debug)]
pub struct Failure {
    /// For the client.
    pub error: ApiError,
    /// For the log.
    pub cause: Option<BodyError>,
    /// What a client needs to go on.
    pub(crate) hint: Option<Hint>,
}

/// What a client needs to go on, which goes into a header.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hint {
    /// Where the upload stands.
    UploadOffsetBytes(u64),
    /// What is wrong with the credentials, in the words of RFC 6750.
    Challenge(&'static str),
    /// When it makes sense to try again.
    RetryAfterSecs(u64),
}

impl Failure {
    pub(crate) fn new(error: impl Into<ApiError>) -> Self {
        Self { error: error.into(), cause: None, hint: None }
    }

    pub(crate) fn message(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::new(ApiError::with_message(code, message))
    }

    pub(crate) fn broken_body(cause: BodyError) -> Self {
        let message = "the request body broke off before its declared end; send it again";
        Self { cause: Some(cause), ..Self::message(ErrorCode::SizeInvalid, message) }
    }

    pub(crate) fn malformed_range() -> Self {
        Self::message(ErrorCode::RangeInvalid, "Content-Range must be <first>-<last>")
    }

    fn out_of_order(offset_bytes: u64) -> Self {
        let message = format!("the next chunk must start at byte {offset_bytes}");
        let error = ApiError::with_message(ErrorCode::RangeInvalid, message)
            .with_detail(json!({ "offset": offset_bytes }));
        Self { hint: Some(Hint::UploadOffsetBytes(offset_bytes)), ..Self::new(error) }
    }

    fn too_large() -> Self {
        Self::message(ErrorCode::BlobUploadInvalid, "the blob exceeds what the storage takes in one upload")
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::new(ApiError::from(code))
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::new(error)
    }
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        Self::new(ApiError::from(error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error.kind {
            StoreErrorKind::Unavailable => ErrorCode::Unavailable,
            StoreErrorKind::Throttled => ErrorCode::TooManyRequests,
            StoreErrorKind::Denied | StoreErrorKind::Corrupt => ErrorCode::Unknown,
        };
        Self { cause: Some(Box::new(error)), ..Self::new(code) }
    }
}

impl From<Forbidden> for Failure {
    fn from(error: Forbidden) -> Self {
        match error {
            Forbidden::Unauthenticated => Self::new(ErrorCode::Unauthorized),
            Forbidden::InsufficientScope => Self {
                hint: Some(Hint::Challenge("insufficient_scope")),
                ..Self::message(ErrorCode::Unauthorized, "the token was not asked for this; get one that was")
            },
            Forbidden::Denied(reason) => Self::message(ErrorCode::Denied, reason),
            Forbidden::TooManyFailures { retry_after_secs } => Self {
                hint: Some(Hint::RetryAfterSecs(retry_after_secs)),
                ..Self::message(
                    ErrorCode::TooManyRequests,
                    format!("too many wrong passwords; try again in {retry_after_secs} seconds"),
                )
            },
            Forbidden::Store(error) => error.into(),
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Unknown => Self::new(ErrorCode::BlobUploadUnknown),
            SessionError::Expired => {
                Self::message(ErrorCode::BlobUploadUnknown, "the upload session has expired; start a new one")
            }
        }
    }
}

impl From<StatusError> for Failure {
    fn from(error: StatusError) -> Self {
        match error {
            StatusError::Session(error) => error.into(),
            StatusError::Store(error) => error.into(),
        }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Session(error) => error.into(),
            AppendError::OutOfOrder { offset_bytes } => Self::out_of_order(offset_bytes),
            AppendError::Length { .. } => Self::message(ErrorCode::SizeInvalid, error.to_string()),
            AppendError::TooLarge => Self::too_large(),
            AppendError::Body(cause) => Self::broken_body(cause),
            AppendError::Store(error) => error.into(),
        }
    }
}

impl From<FinishError> for Failure {
    fn from(error: FinishError) -> Self {
        match error {
            FinishError::Session(error) => error.into(),
            FinishError::OutOfOrder { offset_bytes } => Self::out_of_order(offset_bytes),
            FinishError::DigestMismatch { .. } => Self::message(ErrorCode::DigestInvalid, error.to_string()),
            FinishError::TooLarge => Self::too_large(),
            FinishError::Torn => Self::message(
                ErrorCode::BlobUploadInvalid,
                "the upload was written to by two requests at once; start a new one",
            ),
            FinishError::Body(cause) => Self::broken_body(cause),
            FinishError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteBlobError> for Failure {
    fn from(error: DeleteBlobError) -> Self {
        match error {
            DeleteBlobError::Unknown => Self::new(ErrorCode::BlobUnknown),
            DeleteBlobError::Needed { by } => Self::new(
                ApiError::with_message(
                    ErrorCode::Unsupported,
                    format!("manifest {by} needs this blob; delete it first"),
                )
                .with_detail(json!({ "manifest": by })),
            ),
            DeleteBlobError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteManifestError> for Failure {
    fn from(error: DeleteManifestError) -> Self {
        match error {
            DeleteManifestError::Unknown => Self::new(ErrorCode::ManifestUnknown),
            DeleteManifestError::Store(error) => error.into(),
        }
    }
}

impl From<PutManifestError> for Failure {
    fn from(error: PutManifestError) -> Self {
        match error {
            PutManifestError::Invalid(error) => error.into(),
            PutManifestError::DigestMismatch { .. } => {
                Self::message(ErrorCode::DigestInvalid, error.to_string())
            }
            PutManifestError::Missing(digests) => {
                Self::new(ApiError::new(ErrorCode::ManifestBlobUnknown).with_detail(
                    json!({ "missing": digests.iter().take(MAX_MISSING_LISTED).collect::<Vec<_>>() }),
                ))
            }
            PutManifestError::ProjectGone => Self::message(ErrorCode::NameUnknown, "the project was deleted"),
            PutManifestError::NameKept => Self::message(ErrorCode::Denied, NAME_KEPT),
            PutManifestError::Contended => Self::message(
                ErrorCode::TooManyRequests,
                "others keep pushing the same manifest or tag; try again",
            ),
            PutManifestError::Store(error) => error.into(),
        }
    }
}

/// What somebody is told who pushes to a repository that others have deleted.
const NAME_KEPT: &str = "the repository was deleted, and its name is kept for 180 days: whoever may delete repositories of the project (a \
                         maintainer, a project admin, a robot with that permission) can push it again, and then everybody can";
/// How many missing digests an answer names.
const MAX_MISSING_LISTED: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_pushes_to_a_deleted_repository_is_told_who_can_bring_it_back() {
        let failure = Failure::from(PutManifestError::NameKept);
        assert_eq!(failure.error.code, ErrorCode::Denied);
        assert!(failure.error.message.contains("maintainer"), "{}", failure.error.message);
        let days = berth_registry::ports::NAME_RETENTION_SECS / (24 * 60 * 60);
        assert!(failure.error.message.contains(&format!("{days} days")), "{}", failure.error.message);
    }

    #[test]
    fn a_push_into_a_deleted_project_is_told_so() {
        let failure = Failure::from(PutManifestError::ProjectGone);
        assert_eq!(failure.error.code, ErrorCode::NameUnknown);
        assert_eq!(failure.error.message, "the project was deleted");
        assert!(failure.cause.is_none());
    }
}
