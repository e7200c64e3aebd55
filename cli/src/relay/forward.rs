//! Requests that go to the registry as they are, with the relay's credentials.

use berth_protocol::limits::MAX_MANIFEST_BYTES;
use berth_protocol::{ApiError, ErrorCode, RepositoryName};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

use super::answer::{self, Body};
use crate::registry::{Call, Failure, Payload, Registry};

/// What the registry hears of the client's headers. Its credentials are none of them.
const REQUEST_HEADERS: [HeaderName; 5] =
    [header::ACCEPT, header::CONTENT_TYPE, header::RANGE, header::IF_NONE_MATCH, header::IF_MATCH];
/// What belongs to the connection or to the relay's own dealings with the registry.
const HIDDEN_HEADERS: [HeaderName; 6] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::WWW_AUTHENTICATE,
    header::SET_COOKIE,
    header::ALT_SVC,
    header::STRICT_TRANSPORT_SECURITY,
];
const MAX_REDIRECTS: usize = 5;

/// Forwards a request and streams the answer. A download that is redirected is followed here, for the client may know no
/// way to another host. `Err` is an answer too, given before the body was read.
pub(super) async fn forward(
    registry: &Registry,
    parts: &request::Parts,
    name: Option<&RepositoryName>,
    body: &mut Incoming,
) -> Result<Response<Body>, Response<Body>> {
    let payload =
        if parts.method == Method::PUT { Payload::Bytes(manifest(body).await?) } else { Payload::Empty };
    let refused = |failure: Failure| answer::failure(&failure);
    let mut call = call(registry, parts, name, payload).map_err(refused)?;
    let mut answer = registry.send(&call).await.map_err(refused)?;
    let mut redirects = 0;
    while is_followed(&parts.method, answer.status()) && redirects < MAX_REDIRECTS {
        redirects += 1;
        call.url = registry.location(&call, &answer).map_err(refused)?;
        answer = registry.send(&call).await.map_err(refused)?;
    }
    if answer.status() == StatusCode::UNAUTHORIZED {
        let what = format!("{} {}", parts.method, parts.uri.path());
        return Ok(answer::failure(&registry.refusal(what, answer).await));
    }
    Ok(passed_on(registry, answer))
}

/// A mount that the registry makes; `None` if the blob must be uploaded.
pub(super) async fn mount(
    registry: &Registry,
    parts: &request::Parts,
    name: &RepositoryName,
) -> Result<Option<Response<Body>>, Response<Body>> {
    let refused = |failure: Failure| answer::failure(&failure);
    let call = call(registry, parts, Some(name), Payload::Empty).map_err(refused)?;
    let answer = registry.send(&call).await.map_err(refused)?;
    Ok((answer.status() == StatusCode::CREATED).then(|| passed_on(registry, answer)))
}

fn call(
    registry: &Registry,
    parts: &request::Parts,
    name: Option<&RepositoryName>,
    payload: Payload,
) -> Result<Call, Failure> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut call = registry.call(parts.method.clone(), path, name)?;
    call.payload = payload;
    for header in REQUEST_HEADERS {
        for value in parts.headers.get_all(&header) {
            call.headers.append(header.clone(), value.clone());
        }
    }
    Ok(call)
}

fn is_followed(method: &Method, status: StatusCode) -> bool {
    let is_redirect = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    is_redirect && [Method::GET, Method::HEAD].contains(method)
}

/// The body of a manifest push, whole, so that it can be sent again.
async fn manifest(body: &mut Incoming) -> Result<bytes::Bytes, Response<Body>> {
    let collected = Limited::new(body, MAX_MANIFEST_BYTES).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|error| {
        let is_large = error.downcast_ref::<http_body_util::LengthLimitError>().is_some();
        let code = if is_large { ErrorCode::ManifestTooLarge } else { ErrorCode::SizeInvalid };
        answer::error(&ApiError::new(code))
    })
}

fn passed_on(registry: &Registry, answer: reqwest::Response) -> Response<Body> {
    let (mut parts, body) = http::Response::from(answer).into_parts();
    for header in HIDDEN_HEADERS {
        parts.headers.remove(header);
    }
    let own = registry.origin().to_string();
    for header in [header::LOCATION, header::LINK] {
        make_relative(&mut parts.headers, &header, &own);
    }
    parts.version = http::Version::HTTP_11;
    parts.extensions.clear();
    Response::from_parts(parts, body.map_err(Into::into).boxed_unsync())
}

/// The registry's own URLs become paths, which lead to the relay.
fn make_relative(headers: &mut HeaderMap, header: &HeaderName, own: &str) {
    let value = headers.get(header).and_then(|value| value.to_str().ok());
    if let Some(value) =
        value.and_then(|value| HeaderValue::from_str(&value.replace(&format!("{own}/"), "/")).ok())
    {
        headers.insert(header, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_the_registry_become_paths() {
        let link = r#"<https://r.test/v2/a/tags/list?last=x>; rel="next""#;
        let mut headers = HeaderMap::from_iter([(header::LINK, HeaderValue::from_static(link))]);
        make_relative(&mut headers, &header::LINK, "https://r.test");
        assert_eq!(headers[header::LINK], r#"</v2/a/tags/list?last=x>; rel="next""#);
        make_relative(&mut headers, &header::LOCATION, "https://r.test");
        assert!(!headers.contains_key(header::LOCATION));
    }

    #[test]
    fn only_downloads_are_followed() {
        assert!(is_followed(&Method::GET, StatusCode::TEMPORARY_REDIRECT));
        assert!(!is_followed(&Method::PUT, StatusCode::TEMPORARY_REDIRECT));
        assert!(!is_followed(&Method::GET, StatusCode::NOT_MODIFIED));
    }
}
