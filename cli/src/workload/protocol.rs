//! Docker's side: what it asks and what it reads.

use serde_json::json;

use super::exchange::Credentials;
use super::failure::Failure;
use crate::place::Host;

/// What docker asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Get,
    Store,
    Erase,
    List,
    Version,
}

impl Action {
    pub(super) fn parse(argument: Option<&str>) -> Result<Self, Failure> {
        match argument {
            Some("get") => Ok(Self::Get),
            Some("store") => Ok(Self::Store),
            Some("erase") => Ok(Self::Erase),
            Some("list") => Ok(Self::List),
            Some("version" | "--version") => Ok(Self::Version),
            Some(_) | None => Err(Failure::Usage),
        }
    }
}

/// The registry that docker asks about: a host, or a URL of which the host counts.
pub(super) fn host(input: &str) -> Result<Host, Failure> {
    let text = input.trim();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let host = rest.split('/').next().unwrap_or_default();
    // What is no host is nothing that we know credentials for.
    Host::parse(&host.to_ascii_lowercase()).map_err(|_| Failure::NotFound)
}

/// What docker reads. The secret is a password: the name must not be `<token>`, which would make it something else.
pub(super) fn credentials(host: &Host, found: &Credentials) -> String {
    json!({ "ServerURL": host.as_str(), "Username": found.username, "Secret": found.secret }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_names_registries_in_several_ways() {
        for (input, expected) in [
            ("registry.example\n", Some("registry.example")),
            ("https://registry.example", Some("registry.example")),
            ("https://Registry.example/v1/", Some("registry.example")),
            ("http://127.0.0.1:5000/v2/\n", Some("127.0.0.1:5000")),
            ("registry.example:8443/team", Some("registry.example:8443")),
            ("", None),
            ("https://", None),
            ("user@registry.example", None),
            ("registry example", None),
        ] {
            assert_eq!(host(input).ok().as_ref().map(Host::as_str), expected, "{input}");
        }
    }

    #[test]
    fn an_answer_is_what_docker_reads() {
        let host = Host::parse("registry.example").unwrap();
        let found = Credentials { username: "robot$ci".to_owned(), secret: "s".to_owned() };
        let answer: serde_json::Value = serde_json::from_str(&credentials(&host, &found)).unwrap();
        let expected = json!({ "ServerURL": "registry.example", "Username": "robot$ci", "Secret": "s" });
        assert_eq!(answer, expected);
        assert_eq!(Failure::NotFound.to_string(), "credentials not found in native keychain");
    }

    #[test]
    fn other_actions_are_no_actions() {
        for argument in [None, Some(""), Some("GET"), Some("help")] {
            assert_eq!(Action::parse(argument), Err(Failure::Usage));
        }
    }
}
