//! Between Lambda's events and a service behind the distribution.
//!
//! A Function URL renames `WWW-Authenticate` and gives a HEAD the length of the body that it lacks; CloudFront runs no
//! response function when its origin answers 400 or more. So a 401 and a HEAD leave here as a success with the truth in
//! headers of our own, and the viewer-response function puts it back (infra/edge/viewer-response.js, `restore`).

use berth_http::{Body, boxed, error_answer};
use http::header::{CONTENT_LENGTH, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use lambda_http::{Body as EventBody, Error, service_fn};

use crate::origin::OriginSecret;

const STATUS: HeaderName = HeaderName::from_static("x-berth-status");
const CHALLENGE: HeaderName = HeaderName::from_static("x-berth-www-authenticate");
const LENGTH: HeaderName = HeaderName::from_static("x-berth-content-length");

/// Answers Lambda's events for as long as this process lives.
pub async fn serve<S, F>(origin: OriginSecret, service: S) -> Result<(), Error>
where
    S: Fn(Request<Body>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    lambda_http::run(service_fn(move |event: Request<EventBody>| {
        let (origin, service) = (origin.clone(), service.clone());
        async move { Ok::<_, Error>(answer(&origin, event, service).await) }
    }))
    .await
}

/// Answers one event with what `service` says, if it came through the distribution.
pub async fn answer<F>(
    origin: &OriginSecret,
    event: Request<EventBody>,
    service: impl FnOnce(Request<Body>) -> F,
) -> Response<EventBody>
where
    F: Future<Output = Response<Body>>,
{
    let is_head = event.method() == Method::HEAD;
    let response = match origin.admit(event.map(boxed)) {
        Ok(request) => service(request).await,
        Err(refusal) => error_answer(&refusal),
    };
    disguised(is_head, whole(response).await)
}

/// The answer with its body in one piece. Always as bytes: base64 grows by a third, JSON in JSON by as much as it likes.
async fn whole(response: Response<Body>) -> Response<EventBody> {
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => {
            let body = body.to_bytes();
            let body = if body.is_empty() { EventBody::Empty } else { EventBody::Binary(body.to_vec()) };
            Response::from_parts(parts, body)
        }
        Err(error) => {
            tracing::error!(%error, "an answer broke off");
            let mut response = Response::new(EventBody::Empty);
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }
    }
}

fn disguised(is_head: bool, mut response: Response<EventBody>) -> Response<EventBody> {
    let status = response.status();
    let must_hide = status == StatusCode::UNAUTHORIZED || (is_head && status.is_success());
    if must_hide {
        let headers = response.headers_mut();
        headers.insert(STATUS, HeaderValue::from(status.as_u16()));
        rename(headers, &WWW_AUTHENTICATE, CHALLENGE);
        if is_head {
            rename(headers, &CONTENT_LENGTH, LENGTH);
        }
        *response.status_mut() = StatusCode::OK;
    }
    // Lambda's front counts for itself.
    response.headers_mut().remove(CONTENT_LENGTH);
    join_repeated(response.headers_mut());
    response
}

/// One line for each name: a result for a Function URL is a map of names to one value (RFC 9110, section 5.3, allows it). Cookies have
/// a list of their own there.
fn join_repeated(headers: &mut HeaderMap) {
    let is_repeated = |name: &&HeaderName| headers.get_all(*name).iter().count() > 1 && **name != SET_COOKIE;
    let repeated: Vec<HeaderName> = headers.keys().filter(is_repeated).cloned().collect();
    for name in repeated {
        let values: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(&b", "[..])) {
            headers.insert(name, joined);
        }
    }
}

fn rename(headers: &mut HeaderMap, from: &HeaderName, to: HeaderName) {
    if let Some(value) = headers.remove(from) {
        headers.insert(to, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)]) -> Response<EventBody> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(EventBody::Empty).unwrap()
    }

    #[test]
    fn a_challenge_leaves_as_a_success() {
        let answer =
            disguised(false, response(401, &[("www-authenticate", "Bearer x"), ("content-length", "9")]));
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["x-berth-status"], "401");
        assert_eq!(answer.headers()["x-berth-www-authenticate"], "Bearer x");
        assert_eq!(answer.headers().len(), 2);
    }

    #[test]
    fn a_head_keeps_its_length_under_another_name() {
        let answer = disguised(true, response(200, &[("content-length", "1234")]));
        assert_eq!(answer.headers()["x-berth-status"], "200");
        assert_eq!(answer.headers()["x-berth-content-length"], "1234");
        assert!(!answer.headers().contains_key("content-length"));
    }

    #[test]
    fn a_repeated_header_becomes_one_line() {
        let answer = disguised(false, response(201, &[("oci-tag", "a"), ("etag", "x"), ("oci-tag", "b")]));
        assert_eq!(answer.headers()["oci-tag"], "a, b");
        assert_eq!(answer.headers().len(), 2);
    }

    #[test]
    fn cookies_stay_apart() {
        let answer = disguised(false, response(302, &[("set-cookie", "a=1"), ("set-cookie", "b=2")]));
        assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 2);
    }

    #[test]
    fn everything_else_leaves_as_it_is() {
        for (is_head, status) in [(false, 200), (false, 404), (true, 404), (false, 307)] {
            let answer = disguised(is_head, response(status, &[("etag", "x")]));
            assert_eq!(answer.status(), status);
            assert!(!answer.headers().contains_key("x-berth-status"));
        }
    }
}
