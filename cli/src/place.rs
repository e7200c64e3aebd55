//! Where an image goes: `host[:port]/name[:tag]`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use berth_protocol::{NameError, RepositoryName, Tag, TagError};

/// Host name or address of a registry, with its port if it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

/// `host[:port]/name[:tag]`; without a tag it is `latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// The registry.
    pub host: Host,
    /// The repository.
    pub name: RepositoryName,
    /// The tag to set.
    pub tag: Tag,
}

/// Why a text is no place to push to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// There is no host, or a first component that is none.
    #[error(
        "the registry's host is missing: write host[:port]/name[:tag], as in registry.example.com/team/app:1"
    )]
    NoHost,
    /// The host is malformed.
    #[error("{0:?} is no host: write a name or an address, with :port if needed, and no scheme or path")]
    Host(String),
    /// A digest, which follows from the image.
    #[error("push to a tag: the digest follows from the image and cannot be chosen")]
    Digest,
    /// The repository's name is malformed.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The tag is malformed.
    #[error(transparent)]
    Tag(#[from] TagError),
}

impl Host {
    /// Reads `host` or `host:port`.
    pub fn parse(text: &str) -> Result<Self, PlaceError> {
        let error = || PlaceError::Host(text.to_owned());
        let (host, port) = split_port(text).ok_or_else(error)?;
        let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        if is_port && is_host(host) { Ok(Self(text.to_owned())) } else { Err(error()) }
    }

    /// Host and port as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without its port.
    pub fn name(&self) -> &str {
        split_port(&self.0).map_or(self.as_str(), |(host, _)| host)
    }

    /// Whether what is sent there stays on this machine.
    pub fn is_loopback(&self) -> bool {
        let name = self.name();
        name.eq_ignore_ascii_case("localhost")
            || name.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

/// Host and port; the host may be an IPv6 address in brackets.
fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    if text.starts_with('[') {
        let (host, rest) = text.split_at(text.find(']')? + 1);
        return if rest.is_empty() {
            Some((host, None))
        } else {
            Some((host, Some(rest.strip_prefix(':')?)))
        };
    }
    Some(text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

impl FromStr for Host {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        Self::parse(text)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ImageReference {
    type Err = PlaceError;

    /// The first component is the host only if it could be no repository: with a dot or a port, or `localhost`. There is
    /// no registry that stands for an absent one.
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (host, rest) = text.split_once('/').ok_or(PlaceError::NoHost)?;
        if !host.contains(['.', ':']) && host != "localhost" {
            return Err(PlaceError::NoHost);
        }
        if rest.contains('@') {
            return Err(PlaceError::Digest);
        }
        let (name, tag) = rest.split_once(':').unwrap_or((rest, "latest"));
        Ok(Self { host: Host::parse(host)?, name: RepositoryName::parse(name)?, tag: Tag::parse(tag)? })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.host, self.name, self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_host_name_and_tag() {
        let table = [
            ("localhost/a", "localhost/a:latest"),
            ("localhost:5000/a/b:1", "localhost:5000/a/b:1"),
            ("registry.example.com/team/app:v1.2", "registry.example.com/team/app:v1.2"),
            ("[::1]:5000/a:1", "[::1]:5000/a:1"),
            ("10.0.0.1/a", "10.0.0.1/a:latest"),
        ];
        for (text, expected) in table {
            let reference: ImageReference = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(reference.to_string(), expected);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let refused = |text: &str| text.parse::<ImageReference>().expect_err(text);
        for text in ["", "app", "app:1", "team/app:1", "/app"] {
            assert_eq!(refused(text), PlaceError::NoHost, "{text}");
        }
        for text in
            ["a..b/app", "host:/app", "host:0/app", "host:99999/app", "ho st:1/app", "[::g]:1/app", "u@h.x/a"]
        {
            assert!(matches!(refused(text), PlaceError::Host(_)), "{text}");
        }
        assert!(matches!(refused("https://h.x/app"), PlaceError::Host(_)));
        assert_eq!(refused("h.x/app@sha256:00"), PlaceError::Digest);
        assert!(matches!(refused("h.x/App"), PlaceError::Name(_)));
        assert!(matches!(refused("h.x/app:a b"), PlaceError::Tag(_)));
    }

    #[test]
    fn loopback_is_known_by_name_and_address() {
        for (host, expected) in [
            ("localhost:5000", true),
            ("127.9.9.9", true),
            ("[::1]:80", true),
            ("localhost.example.com", false),
            ("10.0.0.1", false),
            ("127.0.0.1.example.com", false),
        ] {
            assert_eq!(Host::parse(host).map(|host| host.is_loopback()), Ok(expected), "{host}");
        }
    }
}
