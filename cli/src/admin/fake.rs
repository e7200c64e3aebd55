//! A registry for tests that answers as it is told.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::api::Api;
use crate::place::Host;
use crate::registry::{Credentials, Origin, Registry};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// `GET /api/v2.0/projects?page=1`
    pub(super) line: String,
    pub(super) authorization: Option<String>,
    pub(super) body: Value,
}

/// Status, total count, body.
pub(super) type Reply = (u16, Option<usize>, String);

type Rule = dyn Fn(&Seen) -> Reply + Send + Sync;

/// The registry, on a free loopback port until the test ends.
pub(super) struct Fake {
    host: Host,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    pub(super) async fn start(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_so(rule, false).await
    }

    /// The same, where the number of a reply is where the next part begins.
    pub(super) async fn start_linking(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_so(rule, true).await
    }

    async fn start_so(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static, is_linking: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = Host::parse(&listener.local_addr().unwrap().to_string()).unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (rule, recorded): (Arc<Rule>, _) = (Arc::new(rule), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&rule), Arc::clone(&recorded), is_linking));
            }
        });
        Self { host, seen }
    }

    /// The API of this registry for `ann`, who knows her password, or for nobody.
    pub(super) fn api(&self, is_ann: bool) -> Api {
        let credentials = is_ann.then(|| Credentials::of("ann".to_owned(), "Secret1".to_owned()));
        let origin = Origin::new(&self.host, false);
        let registry = Registry::new(origin, credentials.clone(), 0, 0, Box::new(|_| ())).unwrap();
        Api::new(registry, credentials)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(socket: TcpStream, rule: Arc<Rule>, recorded: Arc<Mutex<Vec<Seen>>>, is_linking: bool) {
    let service = service_fn(|request: Request<Incoming>| async {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
        let seen = Seen {
            line: format!("{} {}", parts.method, parts.uri),
            authorization: authorization.map(str::to_owned),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        recorded.lock().unwrap().push(seen.clone());
        let (status, total, body) = rule(&seen);
        let mut answer = Response::new(Full::new(Bytes::from(body)));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        if let Some(total) = total {
            let link = format!("</x?a=b&before={total}>; rel=\"next\"");
            let (name, value) =
                if is_linking { ("link", link.parse().unwrap()) } else { ("x-total-count", total.into()) };
            answer.headers_mut().insert(name, value);
        }
        Ok::<_, Infallible>(answer)
    });
    // A client that hangs up is the test's business.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
}
