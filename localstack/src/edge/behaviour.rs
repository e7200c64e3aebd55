//! The distribution's behaviours: what goes through the edge functions, and where it goes from there.

use super::engine::{EdgeFunction, KeyValues, Outcome};
use super::error::EdgeError;
use super::event::{self, Event};
use super::headers::{READ_ONLY_IN_REQUEST, READ_ONLY_IN_RESPONSE};
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, StatusCode, Uri, header, request, response};
use std::sync::Arc;

/// The time in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The sources of the two edge functions.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The function for the event viewer-request.
    pub viewer_request: &'a str,
    /// The function for the event viewer-response.
    pub viewer_response: &'a str,
}

/// The very files that the production stack deploys.
pub const SOURCES: Sources<'static> = Sources {
    viewer_request: include_str!("../../../infra/edge/viewer-request.js"),
    viewer_response: include_str!("../../../infra/edge/viewer-response.js"),
};

/// The edge of the local stack: does to a request and its response what `CloudFront` does in production.
///
/// A call blocks its thread for some microseconds and does no I/O. It may be made from any thread.
pub struct Edge {
    viewer_request: EdgeFunction,
    viewer_response: EdgeFunction,
    clock: Clock,
}

/// What is to be done with a viewer's request.
#[derive(Debug)]
pub enum Decision {
    /// Send it on, with these parts and the viewer's body.
    Forward {
        /// Where to.
        origin: Origin,
        /// The request as the origin shall see it.
        parts: request::Parts,
    },
    /// Answer it; no origin hears of it and its body may be left unread.
    Respond(http::Response<Bytes>),
}

/// The origins of the distribution.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// The bucket, `s3`.
    S3,
    /// The server that takes bodies of any size, `gateway`.
    Gateway,
    /// The registry function, `registry`; the origin of a request for which none was selected.
    Registry,
}

/// Whether a request with this path goes through the edge functions: `/v2/*/blobs/uploads/*` and `/blobs/*`.
///
/// `path` is as the viewer encoded it.
pub fn applies(path: &str) -> bool {
    let is_upload = path.strip_prefix("/v2/").is_some_and(|rest| rest.contains("/blobs/uploads/"));
    is_upload || path.starts_with("/blobs/")
}

impl Edge {
    /// Loads both functions, which read their configuration from `values` and the time from `clock`.
    ///
    /// # Errors
    /// [`EdgeError::Load`] when a source does not load.
    pub fn new(sources: Sources<'_>, values: KeyValues, clock: Clock) -> Result<Self, EdgeError> {
        let values = Arc::new(values);
        Ok(Self {
            viewer_request: EdgeFunction::load(sources.viewer_request, Arc::clone(&values))?,
            viewer_response: EdgeFunction::load(sources.viewer_response, values)?,
            clock,
        })
    }

    /// Asks the viewer-request function what to do with a request.
    ///
    /// What the function leaves alone stays byte for byte, query order included.
    ///
    /// # Errors
    /// Any [`EdgeError`] but `Load`; the viewer then gets 502 and nothing is forwarded.
    pub fn request(&self, parts: &request::Parts) -> Result<Decision, EdgeError> {
        let before = event::Request::from_parts(parts);
        let event = Event::viewer_request(&before).to_json();
        let outcome = self.viewer_request.call(&event, (self.clock)())?;
        if outcome.result.get("statusCode").is_some() {
            return respond(parse(outcome.result)?).map(Decision::Respond);
        }
        let origin = selected_origin(&outcome)?;
        let parts = rewrite(parts, &before, &parse(outcome.result)?)?;
        Ok(Decision::Forward { origin, parts })
    }

    /// Lets the viewer-response function change the response to `request`, the viewer's or the rewritten one.
    ///
    /// Does nothing when the status is 400 or more: `CloudFront` does not call the function then. The body is not
    /// touched.
    ///
    /// # Errors
    /// Any [`EdgeError`] but `Load`; the viewer then gets 502; `response` is as it was.
    pub fn response(
        &self,
        request: &request::Parts,
        response: &mut response::Parts,
    ) -> Result<(), EdgeError> {
        if response.status.as_u16() >= 400 {
            return Ok(());
        }
        let (request, before) = (event::Request::from_parts(request), event::Response::from_parts(response));
        let event = Event::viewer_response(&request, &before).to_json();
        let after: event::Response = parse(self.viewer_response.call(&event, (self.clock)())?.result)?;
        if after.body.is_some() {
            return Err(EdgeError::Malformed("a body in viewer-response".to_owned()));
        }
        let status = status(after.status_code)?;
        let mut headers = response.headers.clone();
        event::apply_headers(&mut headers, &before.headers, &after.headers, READ_ONLY_IN_RESPONSE)?;
        (response.status, response.headers) = (status, headers);
        Ok(())
    }
}

fn parse<T: serde::de::DeserializeOwned>(result: serde_json::Value) -> Result<T, EdgeError> {
    serde_json::from_value(result).map_err(|error| EdgeError::Malformed(error.to_string()))
}

fn selected_origin(outcome: &Outcome) -> Result<Origin, EdgeError> {
    match outcome.origin.as_deref() {
        None | Some("registry") => Ok(Origin::Registry),
        Some("s3") => Ok(Origin::S3),
        Some("gateway") => Ok(Origin::Gateway),
        Some(other) => Err(EdgeError::UnknownOrigin(other.to_owned())),
    }
}

fn rewrite(
    parts: &request::Parts,
    before: &event::Request,
    after: &event::Request,
) -> Result<request::Parts, EdgeError> {
    if after.method != before.method {
        return Err(EdgeError::ReadOnly("method".to_owned()));
    }
    let mut parts = parts.clone();
    event::apply_headers(&mut parts.headers, &before.headers, &after.headers, READ_ONLY_IN_REQUEST)?;
    if after.cookies != before.cookies {
        parts.headers.remove(header::COOKIE);
        parts.headers.extend(after.cookie_header()?.map(|value| (header::COOKIE, value)));
    }
    if (&after.uri, &after.querystring) != (&before.uri, &before.querystring) {
        parts.uri = rewrite_uri(&parts.uri, &after.uri, &after.query())?;
    }
    Ok(parts)
}

fn rewrite_uri(uri: &Uri, path: &str, query: &str) -> Result<Uri, EdgeError> {
    let malformed = || EdgeError::Malformed(format!("uri {path}"));
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    if !path.starts_with('/') {
        return Err(malformed());
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).map_err(|_| malformed())?);
    Uri::from_parts(parts).map_err(|_| malformed())
}

fn respond(response: event::Response) -> Result<http::Response<Bytes>, EdgeError> {
    let mut headers = HeaderMap::new();
    event::apply_headers(&mut headers, &event::Fields::new(), &response.headers, READ_ONLY_IN_RESPONSE)?;
    let body = response.body.map_or_else(|| Ok(Bytes::new()), event::Body::into_bytes)?;
    let mut answer = http::Response::new(body);
    *answer.status_mut() = status(response.status_code)?;
    *answer.headers_mut() = headers;
    Ok(answer)
}

fn status(code: u16) -> Result<StatusCode, EdgeError> {
    StatusCode::from_u16(code).map_err(|_| EdgeError::Malformed(format!("status {code}")))
}
