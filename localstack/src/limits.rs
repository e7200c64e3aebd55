//! What Lambda refuses, refused here too, so that nothing works on one machine that would fail in production.

use berth_function_registry::MAX_EVENT_BODY_BYTES;
use berth_http::{Body, LARGE_BLOB_REMEDY, error_answer, whole_body};
use berth_protocol::{ApiError, ErrorCode};
use berth_registry::BodyError;
use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;

/// The request as a Lambda event would hold it: whole, and not too large. `Err` is what the client is told instead.
pub(crate) async fn as_event(request: Request<Body>) -> Result<Request<Body>, Response<Body>> {
    let (parts, body) = request.into_parts();
    match collect(body).await {
        Ok(Some(body)) => Ok(Request::from_parts(parts, whole_body(body))),
        Ok(None) => Err(refusal()),
        Err(_) => Err(broken()),
    }
}

/// The answer as Lambda would return it: whole, and not larger than an answer may be.
pub(crate) async fn as_result(response: Response<Body>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    match collect(body).await {
        Ok(Some(body)) => Response::from_parts(parts, whole_body(body)),
        outcome => {
            tracing::error!(
                ?outcome,
                "the function's answer broke off or is larger than Lambda lets through"
            );
            let mut response = error_answer(&ApiError::new(ErrorCode::Unknown));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }
    }
}

/// The whole body; `Ok(None)` if an event cannot hold it.
async fn collect(mut body: Body) -> Result<Option<Bytes>, BodyError> {
    if body.size_hint().lower() > MAX_EVENT_BODY_BYTES as u64 {
        return Ok(None);
    }
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame?.into_data() else { continue };
        if collected.len() + chunk.len() > MAX_EVENT_BODY_BYTES {
            return Ok(None);
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(Some(collected.freeze()))
}

fn refusal() -> Response<Body> {
    let message =
        format!("this registry takes at most {MAX_EVENT_BODY_BYTES} bytes here: {LARGE_BLOB_REMEDY}");
    error_answer(&ApiError::with_message(ErrorCode::BodyTooLarge, message))
}

fn broken() -> Response<Body> {
    error_answer(&ApiError::with_message(ErrorCode::SizeInvalid, "the request body broke off; send it again"))
}
