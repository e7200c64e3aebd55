//! One request, from parse to answer.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use berth_protocol::{ErrorCode, Request as OciRequest, parse};
use berth_registry::{Authorizer, Caller, Forbidden, Ids, Permit, Registry, SignIn, Visit, Witness, chain};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{ALLOW, AUTHORIZATION, RANGE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, request};
use serde_json::json;

use crate::answer::{Body, allowed_methods, empty_body, error_answer, stamp};
use crate::challenge::{challenge, public_address};
use crate::failure::{Failure, Hint};
use crate::happening::{Attempt, Scene};
use crate::payload::Payload;
use crate::token::{self, Wanted};
use crate::{exchange, oci};

/// Names the build that answered, so that nobody mistakes another registry for this one.
pub const VERSION_HEADER: HeaderName = HeaderName::from_static("x-berth-version");

/// How long a client should wait before it repeats a request that failed for want of capacity.
const RETRY_AFTER_SECS: u64 = 1;

/// The OCI Distribution API as a tower service. Cheap to clone.
#[derive(Clone)]
pub struct Oci {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) registry: Registry,
    pub(crate) authorizer: Arc<dyn Authorizer>,
    pub(crate) settings: Settings,
    pub(crate) sign_in: Option<Arc<dyn SignIn>>,
    pub(crate) witness: Option<Arc<dyn Witness>>,
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

/// The caller's address, as an extension of the request. Whoever adds it must be sure of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer(pub IpAddr);

/// A parsed request on its way through a handler.
pub(crate) struct Call {
    pub(crate) caller: Caller,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// The caller's address, where the front tells it.
    pub(crate) viewer: Option<IpAddr>,
    project: Arc<OnceLock<u64>>,
}

impl Call {
    /// Remembers which project the permit is for.
    pub(crate) fn admitted<A>(&self, permit: &Permit<A>) {
        if let Some(project) = permit.project() {
            self.project.get_or_init(|| project);
        }
    }
}

impl Oci {
    /// The service on `registry`, where `authorizer` decides who may do what. Everybody is anonymous.
    pub fn new(
        registry: Registry,
        authorizer: Arc<dyn Authorizer>,
        ids: Arc<dyn Ids>,
        settings: Settings,
    ) -> Self {
        Self { inner: Arc::new(Inner { registry, authorizer, settings, sign_in: None, witness: None, ids }) }
    }

    /// The same, where callers are who `sign_in` says they are: with a token service, and with a challenge to whoever asks for
    /// the base endpoint without credentials, which is how clients find the token service.
    #[must_use]
    pub fn with_sign_in(mut self, sign_in: Arc<dyn SignIn>) -> Self {
        Arc::make_mut(&mut self.inner).sign_in = Some(sign_in);
        self
    }

    /// The same, where `witness` is told what happens.
    #[must_use]
    pub fn with_witness(mut self, witness: Arc<dyn Witness>) -> Self {
        Arc::make_mut(&mut self.inner).witness = Some(witness);
        self
    }

    /// Answers one request. Never fails and never panics on input.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let mut response = match &self.inner.sign_in {
            Some(sign_in) if request.uri().path() == token::KEY_SET_PATH => token::key_set(&**sign_in),
            Some(sign_in) if token::is_token_path(request.uri().path()) => {
                self.answer_token(&**sign_in, request).await
            }
            _ => self.answer_oci(request).await,
        };
        stamp(response.headers_mut());
        response
    }

    async fn answer_token(&self, sign_in: &dyn SignIn, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let id = self.inner.ids.next();
        let (attempt, outcome) = match token::read(&parts, body).await {
            Ok(Wanted::Token(wanted)) => {
                let attempt = Attempt::of_token(&wanted);
                (attempt, token::issue(sign_in, wanted, &visit(&parts)).await)
            }
            Ok(Wanted::Exchange(form)) => {
                let (name, outcome) = exchange::answer(sign_in, &form, &visit(&parts)).await;
                (Some(Attempt::of_exchange(name)), outcome)
            }
            Err(failure) => (None, Err(failure)),
        };
        let response = outcome.unwrap_or_else(|failure| render(failure, "token", &id));
        self.inner.tell(|| attempt?.ended(&parts, response.status(), &id));
        response
    }

    async fn answer_oci(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let id = self.inner.ids.next();
        let parsed = parse(&parts.method, parts.uri.path(), parts.uri.query());
        let scene = Scene::default();
        let outcome = match &parsed {
            Ok(request) => self.handle(request, &parts, body, &scene).await,
            Err(error) => Err(Failure::new(error.clone())),
        };
        let challenge_error = match outcome.as_ref().err().and_then(|failure| failure.hint) {
            Some(Hint::Challenge(error)) => Some(error),
            _ => None,
        };
        let operation = parsed.as_ref().map_or("unknown", OciRequest::operation);
        let mut response = outcome.unwrap_or_else(|failure| render(failure, operation, &id));
        if response.status() == StatusCode::UNAUTHORIZED && self.inner.sign_in.is_some() {
            let is_wrong = parts.headers.contains_key(AUTHORIZATION);
            let error = challenge_error.or(is_wrong.then_some("invalid_token"));
            let challenge = challenge(&parts, parsed.as_ref().ok(), error);
            response.headers_mut().extend(challenge.map(|value| (WWW_AUTHENTICATE, value)));
        }
        if let Ok(request) = &parsed {
            self.inner.tell(|| self.inner.happening(request, &parts, &scene, &response, &id));
        }
        if parts.method == Method::HEAD && response.status().is_client_error() {
            *response.body_mut() = empty_body();
        }
        response
    }

    async fn handle(
        &self,
        request: &OciRequest,
        parts: &request::Parts,
        body: Body,
        scene: &Scene,
    ) -> Result<Response<Body>, Failure> {
        let caller = self.caller(parts).await?;
        let caller = scene.caller.get_or_init(|| caller).clone();
        let must_sign_in = self.inner.sign_in.is_some() && caller == Caller::Anonymous;
        if must_sign_in && matches!(request, OciRequest::Base) {
            return Err(Forbidden::Unauthenticated.into());
        }
        let call = Call {
            caller,
            headers: parts.headers.clone(),
            payload: Payload::new(&parts.headers, body),
            viewer: parts.extensions.get::<Viewer>().map(|Viewer(address)| *address),
            project: Arc::clone(&scene.project),
        };
        oci::handle(&self.inner, request, call).await
    }

    async fn caller(&self, parts: &request::Parts) -> Result<Caller, Failure> {
        let Some(sign_in) = &self.inner.sign_in else { return Ok(Caller::Anonymous) };
        let authorization = match parts.headers.get(AUTHORIZATION) {
            Some(value) => Some(value.to_str().map_err(|_| Forbidden::Unauthenticated)?),
            None => None,
        };
        Ok(sign_in.caller(authorization, &visit(parts)).await?)
    }
}

/// Logs a failure once, and turns it into an answer without its cause.
fn render(failure: Failure, operation: &'static str, request_id: &str) -> Response<Body> {
    let Failure { error, cause, hint } = failure;
    let error = match &cause {
        Some(cause) if error.status().is_server_error() => {
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
        let wait_secs = match hint {
            Some(Hint::RetryAfterSecs(secs)) => secs,
            _ => RETRY_AFTER_SECS,
        };
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_secs));
    }
    if let Some(Hint::UploadOffsetBytes(offset_bytes)) = hint {
        let range = format!("0-{}", offset_bytes.saturating_sub(1));
        response.headers_mut().extend(HeaderValue::try_from(range).ok().map(|range| (RANGE, range)));
    }
    response
}

/// From where a request comes, and to where.
pub fn visit(parts: &request::Parts) -> Visit {
    let host = public_address(parts).map(|(_, authority)| authority).unwrap_or_default();
    let address = parts.extensions.get::<Viewer>().map(|Viewer(address)| *address);
    Visit { host, address }
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
