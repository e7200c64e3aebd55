//! The transport of the embedded DynamoDB: an SDK request becomes a call on the database.

use std::fmt;

use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use dynoxide::Database;

use super::operations::{self, Answer};

/// An `HttpClient` that answers from a [`Database`] and opens no socket. Signatures are not checked.
///
/// A call runs on a blocking thread, since the database waits for its lock and for the disk: measured against a call
/// on the runtime's own threads, that is equal for one caller and twice as fast for 32. Once started it runs to
/// its end, also when the caller stops waiting: then its outcome is unknown to the caller, as with the real service.
#[derive(Clone)]
pub struct Connector {
    database: Database,
}

impl Connector {
    /// A transport to `database`.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = self.database.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
            let body = request.body().bytes().map(Bytes::copy_from_slice).unwrap_or_default();
            let answer = tokio::task::spawn_blocking(move || operations::call(&database, &target, &body))
                .await
                .map_err(|error| ConnectorError::other(error.into(), None))?;
            respond(answer)
        })
    }
}

fn respond(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let status = answer.status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
