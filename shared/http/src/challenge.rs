//! What a client without the right credentials is told: where to get a token, and for what (Docker token authentication,
//! RFC 6750).

use berth_protocol::Request;
use http::header::HOST;
use http::{HeaderValue, request};

/// The `WWW-Authenticate` header for `request`. `error` tells a client what is wrong with the credentials that it sent.
pub(crate) fn challenge(
    parts: &request::Parts,
    request: Option<&Request>,
    error: Option<&str>,
) -> Option<HeaderValue> {
    let (scheme, authority) = public_address(parts)?;
    let mut text = format!(r#"Bearer realm="{scheme}://{authority}/token",service="{authority}""#);
    if let Some(scope) = request.and_then(scope) {
        text.extend([",scope=\"", &scope, "\""]);
    }
    if let Some(error) = error {
        text.extend([",error=\"", error, "\""]);
    }
    HeaderValue::try_from(text).ok()
}

/// How the client addressed this registry: the request's own URL where a front has put it there, else the Host header.
pub(crate) fn public_address(parts: &request::Parts) -> Option<(String, String)> {
    let scheme = parts.uri.scheme_str().unwrap_or("http").to_owned();
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = parts.uri.authority().map(http::uri::Authority::as_str).or(host)?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    authority.bytes().all(is_plain).then(|| (scheme, authority.to_owned()))
}

/// What the request needs, in the words of Docker's token service; `None` where no repository is named.
fn scope(request: &Request) -> Option<String> {
    let (name, actions) = match request {
        Request::Base | Request::ExtDiscover => return None,
        Request::Catalog { .. } => return Some("registry:catalog:*".to_owned()),
        Request::GetBlob { name, .. }
        | Request::HeadBlob { name, .. }
        | Request::GetManifest { name, .. }
        | Request::HeadManifest { name, .. }
        | Request::ListTags { name, .. }
        | Request::ListReferrers { name, .. } => (name, "pull"),
        Request::StartUpload { name, mount: Some(_), from: Some(from), .. } => {
            return Some(format!("repository:{name}:pull,push repository:{from}:pull"));
        }
        Request::PutManifest { name, .. }
        | Request::StartUpload { name, .. }
        | Request::PatchUpload { name, .. }
        | Request::PutUpload { name, .. }
        | Request::GetUpload { name, .. }
        | Request::CancelUpload { name, .. } => (name, "pull,push"),
        Request::DeleteBlob { name, .. } | Request::DeleteManifest { name, .. } => (name, "delete"),
    };
    Some(format!("repository:{name}:{actions}"))
}

#[cfg(test)]
mod tests {
    use berth_protocol::parse;
    use http::Method;

    use super::*;

    fn of(uri: &str, host: Option<&str>, error: Option<&str>) -> Option<String> {
        asked(&Method::GET, uri, host, error)
    }

    fn asked(method: &Method, uri: &str, host: Option<&str>, error: Option<&str>) -> Option<String> {
        let mut request = http::Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let parsed = parse(method, parts.uri.path(), parts.uri.query()).ok();
        let header = challenge(&parts, parsed.as_ref(), error)?;
        Some(header.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_challenge_names_the_token_service_at_the_host_that_the_client_used() {
        assert_eq!(
            of("/v2/team/app/tags/list", Some("127.0.0.1:5000"), None).unwrap(),
            r#"Bearer realm="http://127.0.0.1:5000/token",service="127.0.0.1:5000",scope="repository:team/app:pull""#
        );
        assert_eq!(
            of("https://registry.example/v2/", None, Some("invalid_token")).unwrap(),
            r#"Bearer realm="https://registry.example/token",service="registry.example",error="invalid_token""#
        );
    }

    #[test]
    fn a_host_that_would_break_the_header_gives_no_challenge() {
        assert_eq!(of("/v2/", Some(r#"x",realm="http://evil"#), None), None);
        assert_eq!(of("/v2/", None, None), None);
    }

    #[test]
    fn a_mount_needs_the_source_too() {
        let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let uri = format!("/v2/a/b/blobs/uploads/?mount={digest}&from=c/d");
        let header = asked(&Method::POST, &uri, Some("h"), None).unwrap();
        assert!(header.ends_with(r#"scope="repository:a/b:pull,push repository:c/d:pull""#), "{header}");
    }
}
