//! Where a request comes from, and where a browser may be sent.

use http::HeaderName;
use http::header::{HOST, ORIGIN};

use crate::failure::Failure;
use crate::request::Asked;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MAX_PATH_BYTES: usize = 2048;
/// Where a browser goes if nobody says where: the one page that there is.
pub(super) const HOME: &str = "/api/docs";

/// Refuses what a page of another site has a browser send: it could sign somebody in as somebody else, or out. Programs that are no
/// browsers say nothing about where they are.
pub(super) fn check_same_origin(asked: &Asked, external_url: &str) -> Result<(), Failure> {
    let text = |name: HeaderName| asked.headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    let is_own_site = text(SEC_FETCH_SITE).is_none_or(|site| site == "same-origin" || site == "none");
    let is_own_origin = text(ORIGIN).is_none_or(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        origin == external_url || host.is_some() && host == text(HOST)
    });
    if is_own_site && is_own_origin {
        return Ok(());
    }
    Err(Failure::forbidden_because("this must be asked for by a page of this registry"))
}

/// A path of our own, as it was given; [`HOME`] for none. Anything that a browser could take for another host is refused.
pub(super) fn own_path(given: Option<&str>) -> Result<&str, Failure> {
    let Some(path) = given else { return Ok(HOME) };
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if path.len() <= MAX_PATH_BYTES && is_plain && path.starts_with('/') && !path.starts_with("//") {
        return Ok(path);
    }
    Err(Failure::bad_request("redirect_url must be a path of this registry"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;
    use crate::caller::Way;

    #[test]
    fn browsers_are_sent_to_paths_of_our_own_alone() {
        assert_eq!(own_path(None).unwrap(), HOME);
        for good in ["/", "/api/docs", "/a?b=c&d=https://e.example/#f", "/a//b"] {
            assert_eq!(own_path(Some(good)).unwrap(), good);
        }
        for bad in [
            "",
            "a",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/a\\..\\b",
            "/\t/evil.example",
            "/\n/evil.example",
            " /a",
            "/a b",
            "https://evil.example/",
            "https:evil.example",
            "javascript:alert(1)",
            "/\u{e4}",
            &format!("/{}", "a".repeat(MAX_PATH_BYTES)),
        ] {
            assert!(own_path(Some(bad)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let check = |headers: &[(&'static str, &'static str)]| {
            let mut map = HeaderMap::new();
            map.extend(
                headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())),
            );
            let asked = Asked {
                path: "/c/login".to_owned(),
                parameters: Vec::new(),
                query: Vec::new(),
                headers: map,
                body: Bytes::new(),
                address: None,
                way: Way::Nobody,
            };
            check_same_origin(&asked, "https://registry.example").is_ok()
        };
        assert!(check(&[]), "a program");
        assert!(check(&[("origin", "https://registry.example"), ("sec-fetch-site", "same-origin")]));
        assert!(check(&[("origin", "http://localhost:5000"), ("host", "localhost:5000")]));
        assert!(check(&[("sec-fetch-site", "none")]));
        assert!(!check(&[("sec-fetch-site", "cross-site")]));
        assert!(!check(&[("sec-fetch-site", "same-site")]));
        for origin in ["https://evil.example", "null", "https://registry.example.evil.example", ""] {
            assert!(!check(&[("origin", origin), ("host", "registry.example")]), "{origin}");
        }
    }
}
