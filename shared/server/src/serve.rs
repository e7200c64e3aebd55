//! Sockets: accept, serve, stop.

use std::convert::Infallible;
use std::time::Duration;

use berth_http::{Body, Viewer, boxed, error_answer};
use berth_protocol::{ApiError, ErrorCode};
use http::header::CONNECTION;
use http::{HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use crate::drain::Drained;

/// A client that does not finish its request head within this time is dropped.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests under way may take to finish once the server is told to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// Request heads beyond this are refused with 431.
const MAX_HEADERS: usize = 100;

/// What answers requests. Cheap to clone; never fails.
pub trait Handler: Clone + Send + 'static {
    /// Answers one request.
    fn answer(&self, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send + 'static;
}

/// Serves `handler` on `listener` until `stop` resolves, then lets requests under way finish. Each request carries the address at the
/// other end of its connection as [`Viewer`].
pub async fn serve(
    listener: TcpListener,
    handler: impl Handler,
    access_log: bool,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => {
                    spawn_connection(socket, Viewer(peer.ip()), handler.clone(), access_log, &graceful);
                }
                Err(error) => {
                    // Out of file descriptors, most likely: give connections time to end.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were cut off at the end of the shutdown time");
    }
}

fn spawn_connection(
    socket: TcpStream,
    viewer: Viewer,
    handler: impl Handler,
    access_log: bool,
    graceful: &GracefulShutdown,
) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let (head, body) = request.into_parts();
        let (body, rest) = Drained::new(body);
        let mut request = Request::from_parts(head, boxed(body));
        request.extensions_mut().insert(viewer);
        let handler = handler.clone();
        async move {
            let mut response = answer(handler, request, access_log).await;
            if rest.halted().await {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(socket), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

async fn answer(handler: impl Handler, request: Request<Body>, access_log: bool) -> Response<Body> {
    let line = access_log.then(|| (request.method().clone(), request.uri().path().to_owned()));
    let response = if [Method::GET, Method::HEAD].contains(request.method()) {
        handler.answer(request).await
    } else {
        detached(handler, request).await
    };
    if let Some((method, path)) = line {
        tracing::info!(%method, path, status = response.status().as_u16(), "request");
    }
    response
}

/// Answers in a task of its own, so that a write is finished, or its progress kept, although the client hangs up.
async fn detached(handler: impl Handler, request: Request<Body>) -> Response<Body> {
    match tokio::spawn(async move { handler.answer(request).await }).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a request ended in a panic");
            error_answer(&ApiError::new(ErrorCode::Unknown))
        }
    }
}
