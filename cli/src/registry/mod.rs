//! One registry: every request to it goes through [`Registry::send`].

mod auth;
mod challenge;
mod chunks;
mod credentials;
mod docker_config;
mod failure;
mod helper;
mod manifests;
mod origin;
mod patience;
mod receive;
mod uploads;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use reqwest::{Body, Client, Response, Url};

use crate::content::Content;
use auth::Auth;
use berth_protocol::{Digest, RepositoryName};
use patience::Patience;

pub(crate) use credentials::Credentials;
pub(crate) use docker_config::{Config, config_path, is_key_of};
pub(crate) use failure::{Answer, Failure};
pub(crate) use helper::Helper;
pub(crate) use origin::Origin;
pub(crate) use uploads::{Blob, Outcome};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the head of an answer may take; a manifest that brings many new blobs takes longest.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(5);
/// A body that has not moved for so long is given up.
const STALL_TIMEOUT: Duration = Duration::from_mins(2);
const KEEPALIVE: Duration = Duration::from_mins(1);

/// Told things worth a line, such as that a request is tried again.
pub(crate) type Note = Box<dyn Fn(&str) + Send + Sync>;

/// A registry and what is known about talking to it.
pub(crate) struct Registry {
    client: Client,
    origin: Origin,
    auth: Auth,
    retries: u32,
    max_put_bytes: u64,
    note: Note,
}

/// One request, which can be made again as often as needed.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// The repository that a token must be good for.
    pub(crate) name: Option<RepositoryName>,
}

/// The body of a request. Debug output hides it: there are passwords among them.
#[derive(Clone)]
pub(crate) enum Payload {
    Empty,
    Bytes(Bytes),
    /// Read while it is sent, compared with the digest if there is one; `sent` is told how far it is.
    Content {
        content: Content,
        digest: Option<Digest>,
        sent: Progress,
    },
}

/// The number of bytes sent so far, shown while they are.
#[derive(Clone, Default)]
pub(crate) struct Progress {
    bytes: Arc<AtomicU64>,
    bar: Option<indicatif::ProgressBar>,
}

impl Progress {
    pub(crate) fn shown_by(bar: indicatif::ProgressBar) -> Self {
        Self { bytes: Arc::default(), bar: Some(bar) }
    }

    fn add(&self, count: u64) {
        self.bytes.fetch_add(count, Ordering::Relaxed);
        self.bar.iter().for_each(|bar| bar.inc(count));
    }

    /// An attempt begins, at this position.
    fn begin_at(&self, position: u64) {
        self.bar.iter().for_each(|bar| bar.set_position(position));
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({} hidden)", bytes.len()),
            Self::Content { content, digest, .. } => {
                f.debug_tuple("Content").field(content).field(digest).finish()
            }
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.bytes()).finish()
    }
}

impl Registry {
    pub(crate) fn new(
        origin: Origin,
        credentials: Option<Credentials>,
        retries: u32,
        max_put_bytes: u64,
        note: Note,
    ) -> Result<Self, Failure> {
        let builder = || {
            let builder = Client::builder()
                .user_agent(concat!("berth/", env!("CARGO_PKG_VERSION")))
                // A redirect is followed where it is expected, and never with credentials.
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .tcp_keepalive(KEEPALIVE);
            if origin.is_loopback() { builder.no_proxy() } else { builder }
        };
        let client = match builder().build() {
            // A system without certificates can do without them here.
            Err(_) if origin.is_plain() => builder().tls_certs_only([]).build(),
            built => built,
        };
        let client = client.map_err(|error| Failure::Client { reason: failure::root_cause(&error) })?;
        Ok(Self { client, auth: Auth::new(credentials), origin, retries, max_put_bytes, note })
    }

    /// The same, with Basic in the first request already: for what challenges nobody, such as Harbor's API.
    pub(crate) fn with_basic(mut self) -> Self {
        self.auth = self.auth.with_basic();
        self
    }

    /// Whether anything has asked for credentials.
    pub(crate) async fn has_asked(&self) -> bool {
        self.auth.known(None).await.is_some()
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The request to a path of this registry, with query.
    pub(crate) fn call(
        &self,
        method: Method,
        path: &str,
        name: Option<&RepositoryName>,
    ) -> Result<Call, Failure> {
        let url = self.origin.url(path)?;
        Ok(Call { method, url, headers: HeaderMap::new(), payload: Payload::Empty, name: name.cloned() })
    }

    /// The refusal that an answer is.
    pub(crate) async fn refusal(&self, what: impl Into<String>, answer: Response) -> Failure {
        Failure::of_answer(what, &self.origin, answer).await
    }

    /// Sends a request that may be sent more than once, again after a transient failure, and gives whatever answer comes.
    pub(crate) async fn send(&self, call: &Call) -> Result<Response, Failure> {
        let mut patience = Patience::new(self.retries);
        loop {
            let outcome = self.send_once(call).await;
            let (asked, reason) = match &outcome {
                Ok(answer) if failure::is_transient(answer.status()) => (
                    patience::retry_after(answer.headers()),
                    format!("{} answered {}", self.origin, answer.status()),
                ),
                Err(failure) if failure.is_transient() => (None, failure.to_string()),
                _ => return outcome,
            };
            if !self.pause(&mut patience, asked, &reason).await {
                return outcome;
            }
        }
    }

    /// Waits before the next attempt; false if there is none left.
    async fn pause(&self, patience: &mut Patience, asked: Option<Duration>, reason: &str) -> bool {
        let Some(pause) = patience.next(asked) else { return false };
        (self.note)(&format!("{reason}; next try in {:.1} s", pause.as_secs_f32()));
        tokio::time::sleep(pause).await;
        true
    }

    /// Sends a request, a second time if only the answer tells what credentials it needs.
    pub(crate) async fn send_once(&self, call: &Call) -> Result<Response, Failure> {
        let known = self.authorization(call).await;
        let answer = self.transmit(call, known.clone()).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !self.origin.is_of(&call.url) {
            return Ok(answer);
        }
        let fresh =
            self.auth.renew(&self.client, &self.origin, answer.headers(), call.name.as_ref(), known).await?;
        match fresh {
            Some(fresh) => self.transmit(call, Some(fresh)).await,
            None => Ok(answer),
        }
    }

    /// What is known to be needed; nothing for another host.
    async fn authorization(&self, call: &Call) -> Option<HeaderValue> {
        if self.origin.is_of(&call.url) { self.auth.known(call.name.as_ref()).await } else { None }
    }

    async fn transmit(&self, call: &Call, authorization: Option<HeaderValue>) -> Result<Response, Failure> {
        let mut request =
            self.client.request(call.method.clone(), call.url.clone()).headers(call.headers.clone());
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let (request, sent) = match &call.payload {
            Payload::Empty if [Method::POST, Method::PUT].contains(&call.method) => {
                (request.header(header::CONTENT_LENGTH, 0), None)
            }
            Payload::Empty => (request, None),
            Payload::Bytes(bytes) => (request.body(bytes.clone()), None),
            Payload::Content { content, digest, sent } => {
                let counted = sent.clone();
                let pieces = content.clone().pieces(digest.clone());
                let body = Body::wrap_stream(pieces.inspect_ok(move |piece| counted.add(piece.len() as u64)));
                // The length is said, so that the body is no chunked one, which S3 does not take.
                (request.header(header::CONTENT_LENGTH, content.len()).body(body), Some(sent))
            }
        };
        self.await_answer(request.send(), sent).await
    }

    async fn await_answer(
        &self,
        answer: impl Future<Output = Result<Response, reqwest::Error>>,
        sent: Option<&Progress>,
    ) -> Result<Response, Failure> {
        tokio::pin!(answer);
        let patience = if sent.is_some() { STALL_TIMEOUT } else { ANSWER_TIMEOUT };
        let mut before = None;
        loop {
            if let Ok(outcome) = tokio::time::timeout(patience, &mut answer).await {
                return outcome.map_err(|error| Failure::of_request(&self.origin, error));
            }
            let now = sent.map(Progress::bytes);
            if now == before {
                return Err(Failure::Stalled { host: self.origin.to_string() });
            }
            before = now;
        }
    }
}
