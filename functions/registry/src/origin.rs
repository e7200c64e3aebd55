//! Requests that came through the distribution, and what it says about the viewer.
//!
//! The distribution adds a secret header on the way to its origins. Without it a request is refused: nobody goes round the
//! edge, and nobody else can say under which host the registry is known.

use berth_http::{Body, Viewer};
use berth_identity::same_secret;
use berth_protocol::{ApiError, ErrorCode};
use http::{HeaderName, Request, Uri};

/// The secret, as the distribution sends it.
pub const ORIGIN_HEADER: HeaderName = HeaderName::from_static("x-berth-origin");
/// Scheme and host as the viewer named them, passed on by the edge function.
pub const URL_HEADER: HeaderName = HeaderName::from_static("x-berth-url");

/// The viewer's address, passed on by the edge function where the delivery of blobs depends on it.
pub const VIEWER_HEADER: HeaderName = HeaderName::from_static("x-berth-viewer");

/// What the distribution must send. Two secrets are valid while one replaces the other; without any, every request passes.
#[derive(Clone, Default)]
pub struct OriginSecret {
    valid: Vec<String>,
}

impl OriginSecret {
    /// Accepts either of the two.
    pub fn new(current: Option<String>, previous: Option<String>) -> Self {
        Self { valid: current.into_iter().chain(previous).collect() }
    }

    /// The request as the service takes it: under the viewer's URL, without the distribution's own headers. `Err` is the
    /// refusal of a request that did not come through the distribution.
    pub fn admit(&self, mut request: Request<Body>) -> Result<Request<Body>, ApiError> {
        let proof = request.headers_mut().remove(ORIGIN_HEADER);
        let url = request.headers_mut().remove(URL_HEADER);
        let viewer = request.headers_mut().remove(VIEWER_HEADER);
        if self.valid.is_empty() {
            return Ok(request);
        }
        if !proof.is_some_and(|proof| self.accepts(proof.as_bytes())) {
            return Err(refusal());
        }
        let url =
            url.as_ref().and_then(|url| url.to_str().ok()?.split_once("://")).and_then(|(scheme, host)| {
                let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
                Uri::builder().scheme(scheme).authority(host).path_and_query(path).build().ok()
            });
        if let Some(url) = url {
            *request.uri_mut() = url;
        }
        // Whoever is at the other end of the connection is the distribution.
        request.extensions_mut().remove::<Viewer>();
        let address = viewer.as_ref().and_then(|address| address.to_str().ok()?.parse().ok());
        if let Some(address) = address {
            request.extensions_mut().insert(Viewer(address));
        }
        Ok(request)
    }

    fn accepts(&self, proof: &[u8]) -> bool {
        // Not `any`, which would tell which of the two it was.
        self.valid.iter().filter(|valid| same_secret(valid.as_bytes(), proof)).count() > 0
    }
}

impl std::fmt::Debug for OriginSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OriginSecret")
    }
}

fn refusal() -> ApiError {
    let message = "this address answers the registry's distribution alone: use the registry's own host name";
    ApiError::with_message(ErrorCode::Denied, message)
}

#[cfg(test)]
mod tests {
    use berth_http::whole_body;

    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<Body> {
        let mut request = Request::builder().uri("https://abc.lambda-url.example/v2/a/tags/list?n=1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(whole_body("")).unwrap()
    }

    #[test]
    fn only_the_distribution_passes_and_its_word_on_the_host_counts() {
        let secret = OriginSecret::new(Some("new".to_owned()), Some("old".to_owned()));
        for proof in ["new", "old"] {
            let admitted = secret
                .admit(request(&[("x-berth-origin", proof), ("x-berth-url", "https://registry.example")]))
                .unwrap();
            assert_eq!(admitted.uri(), "https://registry.example/v2/a/tags/list?n=1");
            assert!(admitted.headers().is_empty());
        }
        for headers in [vec![], vec![("x-berth-origin", "other")], vec![("x-berth-origin", "")]] {
            assert_eq!(secret.admit(request(&headers)).unwrap_err().status(), 403, "{headers:?}");
        }
    }

    #[test]
    fn without_a_secret_nobody_is_believed_about_the_host() {
        let admitted =
            OriginSecret::default().admit(request(&[("x-berth-url", "https://evil.example")])).unwrap();
        assert_eq!(admitted.uri().host(), Some("abc.lambda-url.example"));
    }

    #[test]
    fn only_the_distribution_is_believed_about_the_viewer() {
        let viewer = |secret: &OriginSecret, headers: &[(&str, &str)]| {
            secret.admit(request(headers)).unwrap().extensions().get::<Viewer>().copied()
        };
        let secret = OriginSecret::new(Some("new".to_owned()), None);
        let address = Viewer("192.0.2.1".parse().unwrap());
        assert_eq!(
            viewer(&secret, &[("x-berth-origin", "new"), ("x-berth-viewer", "192.0.2.1")]),
            Some(address)
        );
        assert_eq!(viewer(&secret, &[("x-berth-origin", "new"), ("x-berth-viewer", "nowhere")]), None);
        assert_eq!(viewer(&OriginSecret::default(), &[("x-berth-viewer", "192.0.2.1")]), None);
    }

    #[test]
    fn a_host_that_is_none_is_not_used() {
        let secret = OriginSecret::new(Some("new".to_owned()), None);
        let headers = [("x-berth-origin", "new"), ("x-berth-url", "https://a b/c")];
        assert_eq!(secret.admit(request(&headers)).unwrap().uri().host(), Some("abc.lambda-url.example"));
    }
}
