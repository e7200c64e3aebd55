//! The event object of `CloudFront` Functions ("CloudFront Functions event structure", version 1.0).

use super::error::EdgeError;
use super::headers::{is_cookie, is_hidden};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a handler is called with.
#[derive(Serialize)]
pub(super) struct Event<'a> {
    version: &'static str,
    context: EventContext,
    viewer: Viewer,
    request: &'a Request,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a Response>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventContext {
    event_type: &'static str,
}

/// The local stack listens on loopback only, so there is one viewer address.
#[derive(Serialize)]
struct Viewer {
    ip: &'static str,
}

/// The request of an event. The path and the query are as the viewer encoded them; the body is never part of it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) uri: String,
    #[serde(default)]
    pub(super) querystring: Fields,
    #[serde(default)]
    pub(super) headers: Fields,
    #[serde(default)]
    pub(super) cookies: Fields,
}

/// The response of an event. Response cookies pass a function by.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    pub(super) status_code: u16,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) status_description: String,
    #[serde(default)]
    pub(super) headers: Fields,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Body>,
}

/// A body that a function wrote.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Body {
    Text(String),
    Encoded { encoding: String, data: String },
}

/// Query parameters, headers or cookies by name.
pub(super) type Fields = BTreeMap<String, Field>;

/// One name with its first value and, when it occurs more than once, with all.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Field {
    value: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    multi_value: Vec<Value>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Value {
    value: String,
}

impl<'a> Event<'a> {
    pub(super) fn viewer_request(request: &'a Request) -> Self {
        Self::new("viewer-request", request, None)
    }

    pub(super) fn viewer_response(request: &'a Request, response: &'a Response) -> Self {
        Self::new("viewer-response", request, Some(response))
    }

    fn new(event_type: &'static str, request: &'a Request, response: Option<&'a Response>) -> Self {
        let context = EventContext { event_type };
        Self { version: "1.0", context, viewer: Viewer { ip: "127.0.0.1" }, request, response }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an event has string keys only")
    }
}

impl Request {
    pub(super) fn from_parts(parts: &http::request::Parts) -> Self {
        Self {
            method: parts.method.to_string(),
            uri: parts.uri.path().to_owned(),
            querystring: to_fields(pairs(parts.uri.query().unwrap_or_default(), '&')),
            headers: header_fields(&parts.headers),
            cookies: to_fields(cookies(&parts.headers)),
        }
    }

    /// The query in the order of the names.
    pub(super) fn query(&self) -> String {
        join(&self.querystring, "&")
    }

    /// The value of the `Cookie` header, or none.
    pub(super) fn cookie_header(&self) -> Result<Option<HeaderValue>, EdgeError> {
        let text = join(&self.cookies, "; ");
        if text.is_empty() { Ok(None) } else { header_value("cookie", &text).map(Some) }
    }
}

impl Response {
    pub(super) fn from_parts(parts: &http::response::Parts) -> Self {
        Self {
            status_code: parts.status.as_u16(),
            status_description: parts.status.canonical_reason().unwrap_or_default().to_owned(),
            headers: header_fields(&parts.headers),
            body: None,
        }
    }
}

impl Body {
    pub(super) fn into_bytes(self) -> Result<Bytes, EdgeError> {
        match self {
            Self::Text(data) => Ok(data.into()),
            Self::Encoded { encoding, data } if encoding == "text" => Ok(data.into()),
            Self::Encoded { encoding, data } if encoding == "base64" => match STANDARD.decode(data) {
                Ok(bytes) => Ok(bytes.into()),
                Err(error) => Err(EdgeError::Malformed(format!("body: {error}"))),
            },
            Self::Encoded { encoding, .. } => Err(EdgeError::Malformed(format!("body encoding {encoding}"))),
        }
    }
}

impl Field {
    fn values(&self) -> Vec<&str> {
        if self.multi_value.is_empty() {
            vec![&self.value]
        } else {
            self.multi_value.iter().map(|item| item.value.as_str()).collect()
        }
    }
}

/// Carries the difference between two states of an event's headers over to `headers`.
///
/// Headers that the function did not touch keep their bytes, also where the event showed them as text.
pub(super) fn apply_headers(
    headers: &mut HeaderMap,
    before: &Fields,
    after: &Fields,
    read_only: &[&str],
) -> Result<(), EdgeError> {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for name in names.into_iter().filter(|name| before.get(*name) != after.get(*name)) {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| EdgeError::Malformed(format!("header name {name}")))?;
        if read_only.contains(&header.as_str()) {
            return Err(EdgeError::ReadOnly(name.clone()));
        }
        if is_hidden(header.as_str()) || is_cookie(header.as_str()) {
            return Err(EdgeError::Disallowed(name.clone()));
        }
        headers.remove(&header);
        for value in after.get(name).iter().flat_map(|field| field.values()) {
            headers.append(&header, header_value(name, value)?);
        }
    }
    Ok(())
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, EdgeError> {
    HeaderValue::from_str(value).map_err(|_| EdgeError::Malformed(format!("value of header {name}")))
}

fn header_fields(headers: &HeaderMap) -> Fields {
    let visible = headers.iter().filter(|(name, _)| !is_hidden(name.as_str()) && !is_cookie(name.as_str()));
    to_fields(visible.map(|(name, value)| (name.to_string(), text(value))))
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    let values = headers.get_all(http::header::COOKIE);
    values.iter().flat_map(|value| pairs(&text(value), ';').collect::<Vec<_>>())
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

fn pairs(text: &str, separator: char) -> impl Iterator<Item = (String, String)> {
    let items = text.split(separator).map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        (name.to_owned(), value.to_owned())
    })
}

fn to_fields(pairs: impl Iterator<Item = (String, String)>) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in pairs {
        match fields.get_mut(&name) {
            None => {
                fields.insert(name, Field { value, multi_value: Vec::new() });
            }
            Some(field) => {
                if field.multi_value.is_empty() {
                    field.multi_value.push(Value { value: field.value.clone() });
                }
                field.multi_value.push(Value { value });
            }
        }
    }
    fields
}

fn join(fields: &Fields, separator: &str) -> String {
    let pairs =
        fields.iter().flat_map(|(name, field)| field.values().into_iter().map(move |value| (name, value)));
    pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(separator)
}
