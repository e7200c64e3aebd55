//! One request, from parse to answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use berth_protocol::{ApiError, ErrorCode, Request as OciRequest, headers, parse};
use berth_registry::{Authorizer, Caller, Ids, Registry};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{ALLOW, RANGE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use serde_json::json;

use crate::answer::{Body, empty_body, error_answer};
use crate::failure::Failure;
use crate::oci;
use crate::payload::Payload;

/// Names the build that answered, so that nobody mistakes another registry for this one.
pub const VERSION_HEADER: HeaderName = HeaderName::from_static("x-berth-version");

/// How long a client should wait before it repeats a request that failed for want of capacity.
const RETRY_AFTER_SECS: u64 = 1;

/// The OCI Distribution API as a tower service. Cheap to clone.
#[derive(Clone)]
pub struct Oci {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) registry: Registry,
    pub(crate) authorizer: Arc<dyn Authorizer>,
    pub(crate) settings: Settings,
    ids: Arc<dyn Ids>,
}

/// What the surroundings of the service can do.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The smallest chunk to recommend to clients that upload in chunks (`OCI-Chunk-Min-Length`).
    pub min_chunk_bytes: u64,
    /// The largest request body that reaches this service, if there is a limit: a Lambda event holds no more.
    pub max_body_bytes: Option<u64>,
}

/// A parsed request on its way through a handler.
pub(crate) struct Call {
    pub(crate) caller: Caller,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
}

impl Oci {
    /// The service on `registry`, where `authorizer` decides who may do what.
    pub fn new(
        registry: Registry,
        authorizer: Arc<dyn Authorizer>,
        ids: Arc<dyn Ids>,
        settings: Settings,
    ) -> Self {
        Self { inner: Arc::new(Inner { registry, authorizer, settings, ids }) }
    }

    /// Answers one request. Never fails and never panics on input.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let parsed = parse(&parts.method, parts.uri.path(), parts.uri.query());
        let payload = Payload::new(&parts.headers, body);
        let call = Call { caller: Caller::Anonymous, headers: parts.headers, payload };
        let outcome = match &parsed {
            Ok(request) => oci::handle(&self.inner, request, call).await,
            Err(error) => Err(Failure::new(error.clone())),
        };
        let operation = parsed.as_ref().map_or("unknown", OciRequest::operation);
        let mut response = outcome.unwrap_or_else(|failure| self.render(failure, operation));
        if parts.method == Method::HEAD && response.status().is_client_error() {
            *response.body_mut() = empty_body();
        }
        stamp(response.headers_mut());
        response
    }

    /// Logs a failure once, and turns it into an answer without its cause.
    fn render(&self, failure: Failure, operation: &'static str) -> Response<Body> {
        let Failure { error, cause, upload_offset_bytes } = failure;
        let error = match &cause {
            Some(cause) if error.status().is_server_error() => {
                let request_id = self.inner.ids.next();
                tracing::error!(operation, request_id, cause = chain(cause.as_ref()), "request failed");
                error.with_detail(json!({ "request_id": request_id }))
            }
            Some(cause) => {
                tracing::info!(
                    operation,
                    code = error.code.as_str(),
                    cause = chain(cause.as_ref()),
                    "request refused"
                );
                error
            }
            None => error,
        };
        let mut response = error_answer(&error);
        if error.code == ErrorCode::MethodNotAllowed {
            response.headers_mut().extend(allowed_methods(&error).map(|methods| (ALLOW, methods)));
        }
        if error.code.is_retryable() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
        }
        if let Some(offset_bytes) = upload_offset_bytes {
            let range = format!("0-{}", offset_bytes.saturating_sub(1));
            response.headers_mut().extend(HeaderValue::try_from(range).ok().map(|range| (RANGE, range)));
        }
        response
    }
}

impl tower::Service<Request<Body>> for Oci {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let service = self.clone();
        async move { Ok(service.answer(request).await) }.boxed()
    }
}

fn stamp(response: &mut HeaderMap) {
    response.insert(headers::DOCKER_DISTRIBUTION_API_VERSION, HeaderValue::from_static("registry/2.0"));
    response.insert(VERSION_HEADER, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
}

/// The `Allow` header that a 405 must have (RFC 9110, section 15.5.6).
fn allowed_methods(error: &ApiError) -> Option<HeaderValue> {
    let methods = error.detail.as_ref()?.get("allow")?.as_array()?;
    let methods: Vec<&str> = methods.iter().filter_map(|method| method.as_str()).collect();
    HeaderValue::from_str(&methods.join(", ")).ok()
}

/// An error with all its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::new(ApiError::from(code))
    }
}
