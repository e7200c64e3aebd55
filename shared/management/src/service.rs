//! One request, from path to answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use berth_http::{Body, VERSION_HEADER, visit};
use berth_projects::Principal;
use berth_registry::chain;
use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, request};
use http_body_util::BodyExt;

use crate::access::Gate;
use crate::answer::{Answer, Outcome};
use crate::audit::Attempt;
use crate::caller::{CSRF_TOKEN, Caller};
use crate::failure::Failure;
use crate::request::{Asked, MAX_BODY_BYTES, REQUEST_ID};
use crate::route::Route;
use crate::router::{Match, find};
use crate::settings::Settings;
use crate::world::{Parts, World};

const MAX_REQUEST_ID_BYTES: usize = 128;

/// Harbor's REST API as a tower service. Cheap to clone.
#[derive(Clone)]
pub struct Management {
    world: Arc<World>,
}

/// Whether a request to `path` is for [`Management`].
pub fn is_management_path(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/c/")
}

impl Management {
    /// The API on these parts.
    pub fn new(parts: Parts, settings: Settings) -> Self {
        Self { world: Arc::new(World::new(parts, settings)) }
    }

    /// Answers one request. Never fails and never panics on input.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let request_id = self.request_id(&parts.headers);
        // From here on it has one, for the audit log.
        parts.headers.insert(REQUEST_ID, request_id.clone());
        let mut csrf_token = None;
        let outcome = self.routed(&parts, body, &mut csrf_token).await;
        let mut answer = outcome.unwrap_or_else(|failure| render(&failure, &request_id));
        if let Some(token) = csrf_token {
            answer = answer.header(CSRF_TOKEN, &token);
        }
        if parts.method == Method::HEAD {
            answer.body = Bytes::new();
            answer.headers.remove(CONTENT_TYPE);
        }
        stamp(&mut answer, &request_id);
        answer.build()
    }

    /// `csrf_token` becomes what the pages of the session are told, whatever becomes of the request.
    async fn routed(&self, parts: &request::Parts, body: Body, csrf_token: &mut Option<String>) -> Outcome {
        let (route, parameters) = match find(&parts.method, parts.uri.path()) {
            Match::Route(route, parameters) => (route, parameters),
            Match::OtherMethods(methods) => return Err(Failure::method_not_allowed(methods.join(", "))),
            Match::Nothing => {
                return Err(Failure::not_found(format!("path {} was not found", parts.uri.path())));
            }
        };
        let caller = Caller::of(&self.world, parts).await?;
        *csrf_token = caller.csrf_token();
        caller.check_csrf(route, &parts.headers)?;
        let body = if route.verb.is_safe() { Bytes::new() } else { read(&parts.headers, body).await? };
        let query = parts.uri.query().unwrap_or_default();
        let asked = Asked {
            path: parts.uri.path().to_owned(),
            parameters,
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.clone(),
            body,
            address: visit(parts).address,
            way: caller.way,
        };
        self.run(route, caller.principal, asked).await
    }

    /// Lets the request in, runs it, and writes down what became of it.
    async fn run(&self, route: &Route, principal: Principal, asked: Asked) -> Outcome {
        let attempt = Attempt::of(route, &principal, &asked);
        let gate = Gate { world: Arc::clone(&self.world), principal, asked };
        let admitted = match route.admit(gate).await {
            Ok(admitted) => admitted,
            Err(failure) => {
                if let Some(attempt) = attempt {
                    attempt.refused(&self.world, failure.status).await;
                }
                return Err(failure);
            }
        };
        let outcome = admitted.run.await;
        if let Some(attempt) = attempt {
            attempt.ended(&self.world, admitted.project, &outcome).await;
        }
        outcome
    }

    /// The client's own name for the request, if it is a plain one.
    fn request_id(&self, headers: &HeaderMap) -> HeaderValue {
        let is_plain = |value: &&HeaderValue| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
            (1..=MAX_REQUEST_ID_BYTES).contains(&value.len()) && value.as_bytes().iter().all(plain)
        };
        let given = headers.get(REQUEST_ID).filter(is_plain).cloned();
        given
            .or_else(|| HeaderValue::try_from(self.world.ids.next()).ok())
            .unwrap_or(HeaderValue::from_static("-"))
    }
}

impl std::fmt::Debug for Management {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Management")
    }
}

impl tower::Service<Request<Body>> for Management {
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

/// The whole body. No more than the limit is ever held.
async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Failure> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > MAX_BODY_BYTES) {
        return Err(Failure::too_large(MAX_BODY_BYTES));
    }
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(Failure::broken_body)?;
        let Ok(chunk) = frame.into_data() else { continue };
        if collected.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Failure::too_large(MAX_BODY_BYTES));
        }
        collected.extend_from_slice(&chunk);
    }
    if declared.is_some_and(|bytes| collected.len() < bytes) {
        return Err(Failure::broken_body("the body is shorter than its Content-Length".into()));
    }
    Ok(collected.freeze())
}

/// Logs a failure once, and turns it into an answer without its cause.
fn render(failure: &Failure, request_id: &HeaderValue) -> Answer {
    let request_id = request_id.to_str().unwrap_or_default();
    match &failure.cause {
        Some(cause) if failure.status.is_server_error() => {
            tracing::error!(request_id, cause = chain(cause.as_ref()), "request failed");
        }
        Some(cause) => {
            tracing::info!(request_id, code = failure.code, cause = chain(cause.as_ref()), "request refused");
        }
        None => {}
    }
    let mut answer = Answer::new(failure.status).text("application/json; charset=utf-8", failure.body());
    if let Some(secs) = failure.retry_after_secs {
        answer.headers.insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    if let Some(allow) = &failure.allow {
        answer = answer.header(ALLOW, allow);
    }
    answer
}

/// What every answer says.
fn stamp(answer: &mut Answer, request_id: &HeaderValue) {
    let length = answer.body.len();
    let headers = &mut answer.headers;
    if answer.status != StatusCode::NO_CONTENT {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    // Without a word on caching a distribution may give one answer to several callers.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REQUEST_ID, request_id.clone());
    headers.insert(VERSION_HEADER, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
}
