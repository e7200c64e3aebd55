//! Building answers.

use berth_protocol::{ApiError, Digest, headers};
use berth_registry::{BodyError, ByteStream};
use bytes::Bytes;
use futures::TryStreamExt;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LINK, LOCATION, WARNING};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody};

use crate::service::VERSION_HEADER;

/// The body of a request or an answer: nothing, a buffer or a stream.
pub type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, BodyError>;

/// Any body as the service takes and gives it.
pub fn boxed<B>(body: B) -> Body
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyError>,
{
    body.map_err(Into::into).boxed_unsync()
}

/// A body of these bytes.
pub fn whole_body(bytes: impl Into<Bytes>) -> Body {
    boxed(Full::new(bytes.into()))
}

pub(crate) fn empty_body() -> Body {
    boxed(Empty::new())
}

/// An answer in the making.
pub(crate) struct Answer(Response<Body>);

impl Answer {
    /// An answer without a body.
    pub(crate) fn new(status: StatusCode) -> Self {
        let mut response = Response::new(empty_body());
        *response.status_mut() = status;
        Self(response)
    }

    /// Sets a header; `value` is built from checked names and digests, or refused by the caller before.
    pub(crate) fn header(mut self, name: HeaderName, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.0.headers_mut().append(name, value);
        }
        self
    }

    pub(crate) fn digest(self, digest: &Digest) -> Self {
        self.header(headers::DOCKER_CONTENT_DIGEST, digest.to_string())
    }

    pub(crate) fn location(self, path: impl AsRef<str>) -> Self {
        self.header(LOCATION, path)
    }

    /// The next page of a listing (RFC 5988).
    pub(crate) fn next_page(self, path: &str) -> Self {
        self.header(LINK, format!("<{path}>; rel=\"next\""))
    }

    /// Something that the client's user should know (distribution-spec, "Warnings").
    pub(crate) fn warning(self, text: &str) -> Self {
        self.header(WARNING, format!("299 - \"{text}\""))
    }

    /// Declares a length without a body, for HEAD.
    pub(crate) fn length(mut self, bytes: u64) -> Self {
        self.0.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes));
        self
    }

    pub(crate) fn content_type(self, media_type: &str) -> Self {
        self.header(CONTENT_TYPE, media_type)
    }

    pub(crate) fn bytes(self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let answer = self.length(body.len() as u64);
        answer.body(whole_body(body))
    }

    pub(crate) fn json(self, value: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        let typed = if self.0.headers().contains_key(CONTENT_TYPE) {
            self
        } else {
            self.content_type("application/json")
        };
        typed.bytes(body)
    }

    pub(crate) fn stream(self, content: ByteStream) -> Self {
        self.body(StreamBody::new(content.map_ok(Frame::data)).boxed_unsync())
    }

    pub(crate) fn build(self) -> Response<Body> {
        self.0
    }

    fn body(mut self, body: Body) -> Self {
        *self.0.body_mut() = body;
        self
    }
}

/// An error as every surface of the registry renders it.
pub fn error_answer(error: &ApiError) -> Response<Body> {
    Answer::new(error.status()).content_type("application/json").bytes(error.to_json()).build()
}

/// What every answer says. Without a word on caching a distribution may give one answer to several callers who ask for the same
/// path at once, whatever their credentials.
pub(crate) fn stamp(response: &mut HeaderMap) {
    response.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response.insert(headers::DOCKER_DISTRIBUTION_API_VERSION, HeaderValue::from_static("registry/2.0"));
    response.insert(VERSION_HEADER, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
}

/// The `Allow` header that a 405 must have (RFC 9110, section 15.5.6).
pub(crate) fn allowed_methods(error: &ApiError) -> Option<HeaderValue> {
    let methods = error.detail.as_ref()?.get("allow")?.as_array()?;
    let methods: Vec<&str> = methods.iter().filter_map(|method| method.as_str()).collect();
    HeaderValue::from_str(&methods.join(", ")).ok()
}
