//! What is sent and what comes back.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

/// A request. `GET` and `POST` are all there is.
#[derive(Clone)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) max_answer_bytes: Option<usize>,
}

/// An answer, read to its end. A redirect is an answer like any other.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, within the limit.
    pub body: Bytes,
}

impl Call {
    /// Asks for `url`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url.into(), Bytes::new())
    }

    /// Sends `body` to `url`.
    pub fn post(url: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, url.into(), body.into())
    }

    /// Adds a header. Those that belong to the connection, such as `Host` and `Content-Length`, are refused when the call is sent.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Takes an answer of at most `max_answer_bytes` in place of the policy's limit.
    #[must_use]
    pub fn max_answer_bytes(mut self, max_answer_bytes: usize) -> Self {
        self.max_answer_bytes = Some(max_answer_bytes);
        self
    }

    fn new(method: Method, url: String, body: Bytes) -> Self {
        Self { method, url, headers: HeaderMap::new(), body, max_answer_bytes: None }
    }
}

/// Shows neither headers nor URL: either may hold a secret.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}
