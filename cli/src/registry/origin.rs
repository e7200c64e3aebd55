//! Scheme, host and port.

use std::fmt;

use reqwest::Url;

use super::Failure;
use crate::place::Host;

/// Where a registry is.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    host: Host,
    scheme: &'static str,
}

impl Origin {
    pub(crate) fn new(host: &Host, plain_http: bool) -> Self {
        let scheme = if plain_http || host.is_loopback() { "http" } else { "https" };
        Self { host: host.clone(), scheme }
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.host.is_loopback()
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.scheme == "http"
    }

    /// The URL of a path with its query.
    pub(crate) fn url(&self, path: &str) -> Result<Url, Failure> {
        let url = Url::parse(&format!("{}://{}", self.scheme, self.host));
        url.and_then(|url| url.join(path)).map_err(|_| Failure::BadUrl { host: self.to_string() })
    }

    /// Whether scheme, host and port of a URL are this registry's: only there do credentials go.
    pub(crate) fn is_of(&self, url: &Url) -> bool {
        self.url("/").is_ok_and(|own| own.origin() == url.origin())
    }

    /// The URL that a `Location` leads to, seen from `base`. Never from HTTPS to plain HTTP.
    pub(crate) fn follow(&self, base: &Url, location: &str) -> Result<Url, Failure> {
        let bad = || Failure::BadUrl { host: self.to_string() };
        let url = base.join(location).map_err(|_| bad())?;
        let is_allowed = url.scheme() == "https" || (url.scheme() == "http" && base.scheme() == "http");
        if is_allowed { Ok(url) } else { Err(bad()) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(host: &str, plain_http: bool) -> Origin {
        Origin::new(&Host::parse(host).unwrap(), plain_http)
    }

    #[test]
    fn plain_http_is_for_loopback_and_by_request() {
        assert_eq!(origin("localhost:5000", false).to_string(), "http://localhost:5000");
        assert_eq!(origin("registry.test", false).to_string(), "https://registry.test");
        assert_eq!(origin("registry.test", true).to_string(), "http://registry.test");
    }

    #[test]
    fn another_host_port_or_scheme_is_another_origin() {
        let origin = origin("registry.test", false);
        let is_of = |url: &str| origin.is_of(&Url::parse(url).unwrap());
        assert!(is_of("https://registry.test/v2/") && is_of("https://registry.test:443/x?y"));
        for url in [
            "http://registry.test/",
            "https://registry.test:444/",
            "https://a.registry.test/",
            "https://x@e.test/",
        ] {
            assert!(!is_of(url), "{url}");
        }
    }

    #[test]
    fn locations_may_be_paths_and_not_leave_https() {
        let origin = origin("registry.test", false);
        let base = origin.url("/v2/a/blobs/uploads/").unwrap();
        let follow = |location: &str| origin.follow(&base, location).map(|url| url.to_string()).ok();
        assert_eq!(follow("/v2/x?y=1").as_deref(), Some("https://registry.test/v2/x?y=1"));
        assert_eq!(follow("https://s3.test/x").as_deref(), Some("https://s3.test/x"));
        assert_eq!(follow("http://registry.test/x"), None);
        assert_eq!(follow("file:///etc/passwd"), None);
    }
}
