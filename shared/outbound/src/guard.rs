//! The client that keeps away from our own network.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderName, header};
use reqwest::{Client, Response};

use crate::names::Guarded;
use crate::{Answer, Call, Names, OutboundError, Policy, SystemNames, Url, UrlRefusal};

const USER_AGENT: &str = "berth";

/// Headers that frame the message or steer its way: a user who may name headers must not set them.
const OF_THE_CONNECTION: [HeaderName; 9] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
    HeaderName::from_static("proxy-connection"),
];

/// An HTTP client for hosts that a user chose. Cheap to clone; clones share the connection settings and nothing else.
#[derive(Clone)]
pub struct Outbound {
    policy: Policy,
    names: Arc<dyn Names>,
    // Made when it is first used: reading the root certificates takes time that a cold start should not pay.
    client: Arc<OnceLock<Result<Client, String>>>,
}

impl Outbound {
    /// A client that resolves names as the operating system does.
    pub fn new(policy: Policy) -> Self {
        Self::with_names(policy, Arc::new(SystemNames))
    }

    /// A client that resolves names with `names`. What they answer is checked all the same.
    pub fn with_names(policy: Policy, names: Arc<dyn Names>) -> Self {
        Self { policy, names, client: Arc::new(OnceLock::new()) }
    }

    /// Whether a URL may be asked, for a form in which somebody types one. Resolves nothing and sends nothing.
    pub fn check(&self, url: &str) -> Result<Url, UrlRefusal> {
        self.policy.check(url)
    }

    /// Sends one request, once, and reads the answer.
    ///
    /// # Errors
    /// Every status is an answer. An error says that there was none; see the variants for whether anything was sent.
    pub async fn send(&self, call: Call) -> Result<Answer, OutboundError> {
        let url = self.policy.check(&call.url)?;
        if let Some(name) = OF_THE_CONNECTION.iter().find(|name| call.headers.contains_key(*name)) {
            return Err(OutboundError::Header(name.to_string()));
        }
        let limit_bytes = call.max_answer_bytes.unwrap_or(self.policy.max_answer_bytes);
        let request = self.client()?.request(call.method, url).headers(call.headers).body(call.body);
        let response = request.send().await.map_err(|error| self.sort(error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.read(response, limit_bytes).await?;
        Ok(Answer { status, headers, body })
    }

    async fn read(&self, mut response: Response, limit_bytes: usize) -> Result<Bytes, OutboundError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.sort(error))? {
            if chunk.len() > limit_bytes - body.len() {
                return Err(OutboundError::TooLarge { limit_bytes });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn sort(&self, error: reqwest::Error) -> OutboundError {
        OutboundError::from_client(error, self.policy.total_timeout_ms)
    }

    fn client(&self) -> Result<&Client, OutboundError> {
        let client = self.client.get_or_init(|| self.build().map_err(|error| error.to_string()));
        client.as_ref().map_err(|error| OutboundError::Failed(error.clone().into()))
    }

    fn build(&self) -> reqwest::Result<Client> {
        let names = Guarded { names: Arc::clone(&self.names), policy: self.policy.clone() };
        Client::builder()
            .user_agent(USER_AGENT)
            .dns_resolver(Arc::new(names))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            // A kept connection would outlive the look-up that vetted it.
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_millis(self.policy.connect_timeout_ms))
            .timeout(Duration::from_millis(self.policy.total_timeout_ms))
            .build()
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("policy", &self.policy).finish_non_exhaustive()
    }
}
