//! The transport of the embedded S3: an SDK request becomes a call on the service.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::body::SdkBody;
use http::{HeaderValue, Method, header};
use s3s::{Body, HttpError, service::S3Service};

/// An `HttpClient` that calls an [`S3Service`] and opens no socket. Bodies stream both ways; signatures are checked
/// as on the wire. The host of the URL is signed and otherwise ignored.
#[derive(Clone, Debug)]
pub struct Connector {
    service: S3Service,
}

impl Connector {
    /// A transport to `service`.
    pub fn new(service: S3Service) -> Self {
        Self { service }
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.service.clone();
        HttpConnectorFuture::new(async move {
            let request = receive(request).map_err(ConnectorError::user)?;
            let is_head = request.method() == Method::HEAD;
            let response = service.call(request).await.map_err(|error| failed(&error))?;
            // As on the wire, where the SDK tells what is missing from the status alone.
            let response = if is_head {
                response.map(|_| SdkBody::empty())
            } else {
                response.map(SdkBody::from_body_1_x)
            };
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Turns the SDK's request into what a server would read from the wire: with a `Host`.
fn receive(request: HttpRequest) -> Result<http::Request<Body>, BoxError> {
    let mut request = request.try_into_http1x()?;
    if !request.headers().contains_key(header::HOST) {
        let authority = request.uri().authority().ok_or("the request names no host")?;
        let host = HeaderValue::try_from(authority.as_str())?;
        request.headers_mut().insert(header::HOST, host);
    }
    Ok(request.map(Body::http_body_unsync))
}

fn failed(error: &HttpError) -> ConnectorError {
    ConnectorError::other(format!("the embedded S3 broke off: {error:?}").into(), None)
}
