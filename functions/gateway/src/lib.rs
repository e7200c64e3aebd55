#![doc = include_str!("../README.md")]

use std::sync::Arc;

use berth_function_registry::OriginSecret;
use berth_http::{Body, Oci, error_answer};
use berth_server::Handler;
use http::{Method, Request, Response};
use tokio::sync::Semaphore;

/// Answers what the distribution sends to the gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    oci: Oci,
    origin: Arc<OriginSecret>,
    uploads: Arc<Semaphore>,
}

impl Gateway {
    /// At most `max_uploads` bodies are read at a time; each holds about 24 MiB, twice that above 8 GiB.
    pub fn new(oci: Oci, origin: OriginSecret, max_uploads: usize) -> Self {
        Self { oci, origin: Arc::new(origin), uploads: Arc::new(Semaphore::new(max_uploads)) }
    }
}

impl Handler for Gateway {
    fn answer(&self, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send + 'static {
        let gateway = self.clone();
        async move {
            let request = match gateway.origin.admit(request) {
                Ok(request) => request,
                Err(refusal) => return error_answer(&refusal),
            };
            // A waiting upload is not read, so TCP holds its client back. Its turn always comes: the semaphore is never closed.
            let has_body = [Method::PATCH, Method::PUT, Method::POST].contains(request.method());
            let turn = if has_body { gateway.uploads.acquire().await.ok() } else { None };
            let response = gateway.oci.answer(request).await;
            drop(turn);
            response
        }
    }
}
