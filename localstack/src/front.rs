//! The one host name: what arrives, and where it goes.

use std::sync::Arc;

use berth_http::{Body, Oci, boxed, error_answer, whole_body};
use berth_management::{Management, is_management_path};
use berth_protocol::{ApiError, ErrorCode};
use berth_server::Handler;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header, request};
use s3s::service::S3Service;
use tower::Service;

use crate::edge::{Decision, Edge, Origin, applies};
use crate::limits;
use crate::options::Mode;

/// Routes requests as the distribution of the production stack does. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    inner: Arc<Inner>,
}

struct Inner {
    edge: Edge,
    /// S3 as the edge reaches it: the distribution's own identity, no signature asked for.
    s3: S3Service,
    bucket: String,
    services: Services,
    mode: Mode,
}

/// What answers behind the front.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) oci: Oci,
    /// The REST API; `None` with open access, where there is nothing to administer.
    pub(crate) management: Option<Management>,
}

impl Front {
    pub(crate) fn new(edge: Edge, s3: S3Service, bucket: String, services: Services, mode: Mode) -> Self {
        Self { inner: Arc::new(Inner { edge, s3, bucket, services, mode }) }
    }
}

impl Handler for Front {
    fn answer(&self, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send + 'static {
        let inner = Arc::clone(&self.inner);
        async move {
            if applies(request.uri().path()) {
                inner.through_edge(request).boxed().await
            } else {
                inner.to_registry(request).boxed().await
            }
        }
    }
}

impl Inner {
    async fn through_edge(self: Arc<Self>, request: Request<Body>) -> Response<Body> {
        let (viewer, body) = request.into_parts();
        let (origin, parts) = match self.edge.request(&viewer) {
            Ok(Decision::Respond(response)) => return response.map(whole_body),
            Ok(Decision::Forward { origin, parts }) => (origin, parts),
            Err(error) => return bad_gateway(&error),
        };
        let response = match origin {
            Origin::S3 => Arc::clone(&self).to_s3(parts, body).await,
            Origin::Registry | Origin::Gateway => {
                Arc::clone(&self).to_registry(Request::from_parts(parts, body)).await
            }
        };
        let (mut answer, body) = response.into_parts();
        match self.edge.response(&viewer, &mut answer) {
            Ok(()) => Response::from_parts(answer, body),
            Err(error) => bad_gateway(&error),
        }
    }

    /// To a function, or to the gateway, which is the same service without Lambda's limits.
    async fn to_registry(self: Arc<Self>, request: Request<Body>) -> Response<Body> {
        match self.mode {
            Mode::Gateway => call(&self.services, request).await,
            Mode::LambdaLimits => match limits::as_event(request).await {
                Ok(event) => limits::as_result(call(&self.services, event).await).await,
                Err(refusal) => refusal,
            },
        }
    }

    async fn to_s3(self: Arc<Self>, parts: request::Parts, body: Body) -> Response<Body> {
        let mut request = Request::new(s3s::Body::http_body_unsync(body));
        *request.method_mut() = parts.method;
        *request.headers_mut() = parts.headers;
        request.headers_mut().insert(header::HOST, HeaderValue::from_static("s3.internal"));
        match Uri::try_from(format!("/{}{}", self.bucket, parts.uri.path())) {
            Ok(uri) => *request.uri_mut() = uri,
            Err(error) => return bad_gateway(&error),
        }
        let s3 = self.s3.clone();
        let called = async move { s3.call(request).await }.boxed();
        match called.await {
            Ok(response) => response.map(boxed),
            Err(error) => bad_gateway(&error),
        }
    }
}

/// Calls the service that the path belongs to, through its own boxed future.
fn call(services: &Services, request: Request<Body>) -> BoxFuture<'static, Response<Body>> {
    match &services.management {
        Some(management) if is_management_path(request.uri().path()) => {
            let management = management.clone();
            async move { management.answer(request).await }.boxed()
        }
        _ => services.oci.clone().call(request).map(|Ok(response)| response).boxed(),
    }
}

fn bad_gateway(error: &dyn std::fmt::Debug) -> Response<Body> {
    tracing::error!(?error, "the edge or S3 failed");
    let mut response = error_answer(&ApiError::new(ErrorCode::Unknown));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}
