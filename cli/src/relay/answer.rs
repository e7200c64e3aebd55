//! Answers to the client.

use std::error::Error as StdError;

use berth_protocol::{ApiError, ErrorCode};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde_json::json;

use crate::registry::{Answer, Failure};

pub(super) type Body = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

pub(super) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode, headers: &[(http::HeaderName, String)]) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::new()));
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name.clone(), value);
        }
    }
    response
}

/// An error of the relay's own.
pub(super) fn error(error: &ApiError) -> Response<Body> {
    document(error.status(), error.to_json())
}

/// The disk of the relay is full: another try may find room.
pub(super) fn no_room(folder: &std::path::Path) -> Response<Body> {
    let message = format!(
        "the relay has no room left in {}: wait for other pushes, or start it with --spool on a larger disk",
        folder.display()
    );
    let error = ApiError::with_message(ErrorCode::Unavailable, message);
    document(StatusCode::INSUFFICIENT_STORAGE, error.to_json())
}

/// What the registry or the way to it said, in the client's terms.
pub(super) fn failure(failure: &Failure) -> Response<Body> {
    match failure {
        Failure::Answer(answer) => passed_on(answer),
        failure if failure.is_transient() => {
            error(&ApiError::with_message(ErrorCode::Unavailable, format!("relay: {failure}")))
        }
        failure if failure.is_of_content() => {
            error(&ApiError::with_message(ErrorCode::Unknown, format!("relay: {failure}")))
        }
        failure => error(&ApiError::with_message(ErrorCode::Denied, format!("relay: {failure}"))),
    }
}

/// The registry's refusal with its own code. A 401 is about the relay's credentials, not the client's, who must not be
/// asked for any.
fn passed_on(answer: &Answer) -> Response<Body> {
    if answer.status == StatusCode::UNAUTHORIZED {
        return error(&ApiError::with_message(ErrorCode::Denied, format!("relay: {answer}")));
    }
    let by_status =
        if answer.status.is_server_error() { ErrorCode::Unavailable } else { ErrorCode::Unsupported };
    let code = answer.code.as_deref().unwrap_or(by_status.as_str());
    let message = answer.message.clone().unwrap_or_else(|| answer.to_string());
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    let mut response = document(answer.status, body.to_string().into_bytes());
    if let Some(pause) = answer.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(pause.as_secs()));
    }
    response
}

fn document(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
