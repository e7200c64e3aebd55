//! Which URLs may be asked at all, before any name is resolved.

use std::net::IpAddr;

use url::{Host, Url};

use crate::{Reach, reach};

/// Longest URL, in bytes.
const MAX_URL_BYTES: usize = 8192;

/// What an [`Outbound`](crate::Outbound) may do. The default is what a registry in production needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// For development and tests: loopback addresses are let through, and on `localhost` and loopback literals also plain `http` and
    /// every port. Off by default.
    pub allow_loopback: bool,
    /// The ports for `https`.
    pub https_ports: Vec<u16>,
    /// The ports for plain `http`. None by default.
    pub http_ports: Vec<u16>,
    /// The longest that a connection may take to come about, TLS included.
    pub connect_timeout_ms: u64,
    /// The longest that a call may take, from the look-up of the name to the last byte of the answer.
    pub total_timeout_ms: u64,
    /// The largest answer, unless a call sets its own limit.
    pub max_answer_bytes: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow_loopback: false,
            https_ports: vec![443],
            http_ports: Vec::new(),
            connect_timeout_ms: 3_000,
            total_timeout_ms: 10_000,
            max_answer_bytes: 256 * 1024,
        }
    }
}

/// Why a URL is not asked. The text may be shown to whoever typed the URL: it says nothing that he does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// It is not a URL with a host, or it is too long.
    #[error("it is not a valid URL")]
    Malformed,
    /// Not `https`, or `http` where it is not allowed.
    #[error("the scheme must be https")]
    Scheme,
    /// A port that is not allowed.
    #[error("the port is not allowed")]
    Port,
    /// A user or password stands before the host.
    #[error("it must not contain a user name or password")]
    Credentials,
    /// A literal address that is not public, or `localhost`.
    #[error("the host is not a public address")]
    Host,
}

impl Policy {
    /// Reads a URL and says whether it may be asked. Names are not resolved here: their addresses are checked when they are used.
    pub fn check(&self, text: &str) -> Result<Url, UrlRefusal> {
        if text.len() > MAX_URL_BYTES {
            return Err(UrlRefusal::Malformed);
        }
        let url = Url::parse(text).map_err(|_| UrlRefusal::Malformed)?;
        let host = url.host().ok_or(UrlRefusal::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlRefusal::Credentials);
        }
        let distance = distance(&host);
        let ports = match url.scheme() {
            "https" => &self.https_ports,
            "http" => &self.http_ports,
            _ => return Err(UrlRefusal::Scheme),
        };
        match distance {
            Reach::Loopback if self.allow_loopback => return Ok(url),
            Reach::Loopback | Reach::Inside(_) => return Err(UrlRefusal::Host),
            Reach::Public => {}
        }
        if url.scheme() == "http" && ports.is_empty() {
            return Err(UrlRefusal::Scheme);
        }
        let port = url.port_or_known_default().ok_or(UrlRefusal::Port)?;
        if ports.contains(&port) { Ok(url) } else { Err(UrlRefusal::Port) }
    }

    /// Whether a connection to `address` is allowed; otherwise the name of the range that it is in.
    pub(crate) fn admits(&self, address: IpAddr) -> Result<(), &'static str> {
        match reach(address) {
            Reach::Public => Ok(()),
            Reach::Loopback if self.allow_loopback => Ok(()),
            Reach::Loopback => Err("loopback"),
            Reach::Inside(range) => Err(range),
        }
    }
}

/// Whether `name` means this machine without asking anybody (RFC 6761).
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// What the host tells about itself; a name counts as public until it is resolved.
fn distance(host: &Host<&str>) -> Reach {
    match host {
        Host::Ipv4(address) => reach(IpAddr::V4(*address)),
        Host::Ipv6(address) => reach(IpAddr::V6(*address)),
        Host::Domain(name) if is_localhost(name) => Reach::Loopback,
        Host::Domain(_) => Reach::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_under_the_default_policy() {
        use UrlRefusal::{Credentials, Host, Malformed, Port, Scheme};
        let table = [
            ("https://example.com/", Ok(())),
            ("https://example.com:443/a?b=c", Ok(())),
            ("https://1.1.1.1/", Ok(())),
            ("https://[2606:4700:4700::1111]/", Ok(())),
            ("http://example.com/", Err(Scheme)),
            ("http://example.com:443/", Err(Scheme)),
            ("ftp://example.com/", Err(Scheme)),
            ("file:///etc/passwd", Err(Malformed)),
            ("data:,x", Err(Malformed)),
            ("//example.com/", Err(Malformed)),
            ("", Err(Malformed)),
            ("https://", Err(Malformed)),
            ("https://example.com:80/", Err(Port)),
            ("https://example.com:8443/", Err(Port)),
            ("https://example.com:22/", Err(Port)),
            ("https://user@example.com/", Err(Credentials)),
            ("https://:secret@example.com/", Err(Credentials)),
            ("https://example.com@10.0.0.1/", Err(Credentials)),
            ("https://localhost/", Err(Host)),
            ("https://LOCALHOST./", Err(Host)),
            ("https://app.localhost/", Err(Host)),
            ("https://127.0.0.1/", Err(Host)),
            ("https://127.0.0.1./", Err(Host)),
            ("https://127.1/", Err(Host)),
            ("https://2130706433/", Err(Host)),
            ("https://0x7f000001/", Err(Host)),
            ("https://0x7f.1/", Err(Host)),
            ("https://017700000001/", Err(Host)),
            ("https://0177.0.0.01/", Err(Host)),
            ("https://0/", Err(Host)),
            ("https://\u{ff11}27.0.0.1/", Err(Host)),
            ("https://127\u{3002}0\u{3002}0\u{3002}1/", Err(Host)),
            ("https://%31%32%37.0.0.1/", Err(Host)),
            ("https:\\\\127.0.0.1\\", Err(Host)),
            ("https://169.254.169.254/latest/meta-data", Err(Host)),
            ("https://2852039166/", Err(Host)),
            ("https://0xa9fea9fe/", Err(Host)),
            ("https://[::1]/", Err(Host)),
            ("https://[::]/", Err(Host)),
            ("https://[::ffff:127.0.0.1]/", Err(Host)),
            ("https://[::ffff:a9fe:a9fe]/", Err(Host)),
            ("https://[64:ff9b::a00:1]/", Err(Host)),
            ("https://[2002:7f00:1::]/", Err(Host)),
            ("https://[fe80::1%25eth0]/", Err(Malformed)),
            ("https://[fd00:ec2::254]/", Err(Host)),
            ("https://999.1.1.1/", Err(Malformed)),
        ];
        for (text, expected) in table {
            assert_eq!(Policy::default().check(text).map(|_| ()), expected, "{text}");
        }
        let long = format!("https://example.com/{}", "a".repeat(MAX_URL_BYTES));
        assert_eq!(Policy::default().check(&long), Err(Malformed));
    }

    #[test]
    fn loopback_when_it_is_allowed() {
        let policy = Policy { allow_loopback: true, ..Policy::default() };
        for text in
            ["http://127.0.0.1:4566/", "http://localhost:1/", "http://[::1]:80/", "https://a.localhost:9/"]
        {
            assert!(policy.check(text).is_ok(), "{text}");
        }
        for text in [
            "http://10.0.0.1/",
            "http://example.com/",
            "https://169.254.169.254/",
            "https://[::ffff:127.0.0.1]/",
        ] {
            assert!(policy.check(text).is_err(), "{text}");
        }
    }

    #[test]
    fn more_ports_when_they_are_named() {
        let policy = Policy { https_ports: vec![443, 8443], http_ports: vec![80], ..Policy::default() };
        assert!(policy.check("https://example.com:8443/").is_ok());
        assert!(policy.check("http://example.com/").is_ok());
        assert_eq!(policy.check("http://example.com:8443/"), Err(UrlRefusal::Port));
        assert_eq!(policy.check("https://example.com:80/"), Err(UrlRefusal::Port));
    }
}
