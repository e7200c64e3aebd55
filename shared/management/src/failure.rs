//! What a client is told when it does not get what it wants, in Harbor's words: one code for each status.

use std::fmt::Display;

use berth_registry::{BodyError, Forbidden, StoreError, StoreErrorKind};
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

/// When it makes sense to repeat what failed for want of capacity.
const RETRY_AFTER_SECS: u64 = 1;
/// What is wrong, and yet not with this server: the words are for everybody.
const TOLD: [&str; 3] = ["BAD_GATEWAY", "NOT_IMPLEMENTED", UNAVAILABLE];
/// Somebody else is needed and cannot be asked; storage that cannot be asked has another code.
const UNAVAILABLE: &str = "UNAVAILABLE";

/// A request that failed: what the client is told, and what only the log is told.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) cause: Option<BodyError>,
    pub(crate) retry_after_secs: Option<u64>,
    /// The methods that the path has, for a 405.
    pub(crate) allow: Option<String>,
}

impl Failure {
    fn new(status: StatusCode, code: &'static str, message: impl Display) -> Self {
        Self { status, code, message: message.to_string(), cause: None, retry_after_secs: None, allow: None }
    }

    /// What was sent means nothing.
    pub(crate) fn bad_request(message: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    /// A parameter has not the type or range that it must have.
    pub(crate) fn unprocessable(message: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "UNPROCESSABLE_ENTITY", message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::unauthorized_because("unauthorized")
    }

    pub(crate) fn unauthorized_because(message: impl Display) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
    }

    pub(crate) fn forbidden() -> Self {
        Self::forbidden_because("forbidden")
    }

    pub(crate) fn forbidden_because(message: impl Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
    }

    /// Somebody wants to hand on what he does not have.
    pub(crate) fn denied(message: impl Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, "DENIED", message)
    }

    pub(crate) fn not_found(message: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    pub(crate) fn method_not_allowed(allow: String) -> Self {
        let message = format!("this path has {allow}");
        let failure = Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message);
        Self { allow: Some(allow), ..failure }
    }

    pub(crate) fn conflict(message: impl Display) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    pub(crate) fn precondition(message: impl Display) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "PRECONDITION", message)
    }

    pub(crate) fn too_large(max_bytes: usize) -> Self {
        let message = format!("the body has more than {max_bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "REQUEST_ENTITY_TOO_LARGE", message)
    }

    pub(crate) fn not_json() -> Self {
        let message = "the body must have the Content-Type application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    pub(crate) fn not_a_form() -> Self {
        let message = "the body must have the Content-Type application/x-www-form-urlencoded";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    /// Somebody else is needed and cannot be asked. What is said about it is for everybody.
    pub(crate) fn unavailable(message: impl Display, cause: BodyError) -> Self {
        let failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE, message);
        Self { cause: Some(cause), retry_after_secs: Some(RETRY_AFTER_SECS), ..failure }
    }

    /// Another system that is needed does not do what it should; told to whoever may set that right.
    pub(crate) fn bad_gateway(message: impl Display) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "BAD_GATEWAY", message)
    }

    /// Harbor has it; this registry does not have it yet.
    pub(crate) fn not_yet(what: impl Display) -> Self {
        let message = format!("{what}: this registry does not have it yet");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NOT_IMPLEMENTED", message)
    }

    pub(crate) fn broken_body(cause: BodyError) -> Self {
        let failure = Self::bad_request("the request body broke off before its end; send it again");
        Self { cause: Some(cause), ..failure }
    }

    /// The body of the answer. What is wrong with the server stays with the server.
    pub(crate) fn body(&self) -> Bytes {
        let is_hidden = self.status.is_server_error() && !TOLD.contains(&self.code);
        let (code, message) =
            if is_hidden { ("UNKNOWN", "internal server error") } else { (self.code, self.message.as_str()) };
        let body = json!({ "errors": [{ "code": code, "message": message }] });
        Bytes::from(format!("{body}\n"))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (status, retry_after_secs) = match error.kind {
            StoreErrorKind::Unavailable | StoreErrorKind::Throttled => {
                (StatusCode::SERVICE_UNAVAILABLE, Some(RETRY_AFTER_SECS))
            }
            StoreErrorKind::Denied | StoreErrorKind::Corrupt => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        let failure = Self::new(status, "UNKNOWN", "storage failed");
        Self { cause: Some(Box::new(error)), retry_after_secs, ..failure }
    }
}

impl From<Forbidden> for Failure {
    fn from(error: Forbidden) -> Self {
        match error {
            Forbidden::Unauthenticated | Forbidden::InsufficientScope => Self::unauthorized(),
            Forbidden::Denied(reason) => Self::denied(reason),
            Forbidden::TooManyFailures { retry_after_secs } => {
                let message = format!("too many wrong passwords; try again in {retry_after_secs} seconds");
                let failure = Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUEST", message);
                Self { retry_after_secs: Some(retry_after_secs), ..failure }
            }
            Forbidden::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use berth_registry::Effect;

    use super::*;

    #[test]
    fn every_error_has_harbors_shape() {
        let failure = Failure::not_found("project 7 not found");
        assert_eq!(
            failure.body(),
            "{\"errors\":[{\"code\":\"NOT_FOUND\",\"message\":\"project 7 not found\"}]}\n"
        );
    }

    #[test]
    fn what_is_wrong_with_the_server_stays_with_the_server() {
        let error = StoreError {
            kind: StoreErrorKind::Unavailable,
            effect: Effect::DidNotHappen,
            operation: "GetItem",
            source: Some("at 10.0.0.1".into()),
        };
        let failure = Failure::from(error);
        assert_eq!(failure.status, StatusCode::SERVICE_UNAVAILABLE);
        let body = String::from_utf8(failure.body().to_vec()).unwrap();
        assert!(body.contains("internal server error") && !body.contains("10.0.0.1"), "{body}");
        let later = String::from_utf8(Failure::not_yet("replication").body().to_vec()).unwrap();
        assert!(later.contains("NOT_IMPLEMENTED") && later.contains("replication"), "{later}");
    }
}
