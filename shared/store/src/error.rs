//! The one mapping from what the AWS SDKs say to what the ports say.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use berth_registry::{Effect, StoreError, StoreErrorKind};

/// Codes by which S3 and DynamoDB ask for fewer calls.
const THROTTLING_CODES: &[&str] = &[
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottlingError",
    "ThrottledException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequests",
    "TooManyRequestsException",
];

/// Codes by which they refuse the caller without an HTTP status that says so.
const DENIED_CODES: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// The error of a failed call that changes nothing.
pub(crate) fn reading<E>(operation: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    move |error| store_error(operation, Effect::DidNotHappen, error)
}

/// The error of a failed call that may have changed something.
pub(crate) fn writing<E>(operation: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    move |error| store_error(operation, Effect::MayHaveHappened, error)
}

/// Storage that asks for fewer calls.
pub(crate) fn throttled(operation: &'static str, effect: Effect, cause: &'static str) -> StoreError {
    StoreError { kind: StoreErrorKind::Throttled, effect, operation, source: Some(cause.into()) }
}

/// Storage that cannot do what was asked, and has done nothing.
pub(crate) fn unavailable(
    operation: &'static str,
    cause: impl Into<Box<dyn Error + Send + Sync>>,
) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unavailable,
        effect: Effect::DidNotHappen,
        operation,
        source: Some(cause.into()),
    }
}

/// The error code of the service, if it answered with one.
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// The HTTP status of the answer, if there was one.
pub(crate) fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

/// Whether throttling is what `code` means.
pub(crate) fn is_throttling(code: &str) -> bool {
    THROTTLING_CODES.contains(&code)
}

/// `unknown_effect` is what a call has done of which nobody knows whether it arrived.
fn store_error<E>(
    operation: &'static str,
    unknown_effect: Effect,
    error: SdkError<E, HttpResponse>,
) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let (kind, effect) = match &error {
        SdkError::ConstructionFailure(_) => (StoreErrorKind::Unavailable, Effect::DidNotHappen),
        SdkError::ServiceError(_) => {
            classify(code(&error).unwrap_or_default(), status(&error), unknown_effect)
        }
        _ => (StoreErrorKind::Unavailable, unknown_effect),
    };
    StoreError { kind, effect, operation, source: Some(Box::new(error)) }
}

/// What an answer means. S3 also reports failures with status 200, when they come after the head of the answer.
fn classify(code: &str, status: Option<u16>, unknown_effect: Effect) -> (StoreErrorKind, Effect) {
    match status {
        _ if is_throttling(code) => (StoreErrorKind::Throttled, Effect::DidNotHappen),
        _ if DENIED_CODES.contains(&code) => (StoreErrorKind::Denied, Effect::DidNotHappen),
        Some(429) => (StoreErrorKind::Throttled, Effect::DidNotHappen),
        Some(401 | 403) => (StoreErrorKind::Denied, Effect::DidNotHappen),
        Some(400..=499) => (StoreErrorKind::Unavailable, Effect::DidNotHappen),
        _ => (StoreErrorKind::Unavailable, unknown_effect),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::operation::put_object::PutObjectError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    type PutError = SdkError<PutObjectError, HttpResponse>;

    fn response(status: u16) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::empty())
    }

    fn answer(status: u16, code: &str) -> PutError {
        let error = PutObjectError::generic(ErrorMetadata::builder().code(code).build());
        SdkError::service_error(error, response(status))
    }

    #[test]
    fn failures_say_what_is_wrong_and_what_may_have_happened() {
        use Effect::{DidNotHappen, MayHaveHappened};
        use StoreErrorKind::{Denied, Throttled, Unavailable};
        let timeout = ConnectorError::timeout("late".into());
        let table: Vec<(PutError, StoreErrorKind, Effect)> = vec![
            (SdkError::construction_failure("no bucket"), Unavailable, DidNotHappen),
            (SdkError::timeout_error("late"), Unavailable, MayHaveHappened),
            (SdkError::dispatch_failure(timeout), Unavailable, MayHaveHappened),
            (SdkError::response_error("cut off", response(200)), Unavailable, MayHaveHappened),
            (answer(500, "InternalError"), Unavailable, MayHaveHappened),
            (answer(503, "ServiceUnavailable"), Unavailable, MayHaveHappened),
            (answer(200, "InternalError"), Unavailable, MayHaveHappened),
            (answer(503, "SlowDown"), Throttled, DidNotHappen),
            (answer(200, "SlowDown"), Throttled, DidNotHappen),
            (answer(400, "ProvisionedThroughputExceededException"), Throttled, DidNotHappen),
            (answer(400, "ThrottlingException"), Throttled, DidNotHappen),
            (answer(429, ""), Throttled, DidNotHappen),
            (answer(403, "AccessDenied"), Denied, DidNotHappen),
            (answer(403, ""), Denied, DidNotHappen),
            (answer(400, "AccessDeniedException"), Denied, DidNotHappen),
            (answer(400, "ExpiredTokenException"), Denied, DidNotHappen),
            (answer(404, "NoSuchBucket"), Unavailable, DidNotHappen),
            (answer(400, "ValidationException"), Unavailable, DidNotHappen),
        ];
        for (error, kind, effect) in table {
            let shown = format!("{error:?}");
            let error = writing("PutObject")(error);
            assert_eq!((error.kind, error.effect, error.operation), (kind, effect, "PutObject"), "{shown}");
            assert!(error.source.is_some(), "{shown}");
        }
    }

    #[test]
    fn a_failed_read_has_done_nothing() {
        let error: StoreError = reading("GetObject")(answer(500, "InternalError"));
        assert_eq!((error.kind, error.effect), (StoreErrorKind::Unavailable, Effect::DidNotHappen));
    }
}
