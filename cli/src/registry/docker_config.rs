//! What `docker login` has stored: `config.json` and the credential helpers that it names.

use std::collections::BTreeMap;
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::{Credentials, Failure, Helper};
use crate::place::Host;

/// What matters here of `config.json`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Config {
    auths: BTreeMap<String, Entry>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase", default)]
struct Entry {
    auth: Option<String>,
    identitytoken: Option<String>,
}

/// The credentials for `host`; none if there is no file or it does not know the host.
pub(super) async fn find(host: &Host) -> Result<Option<Credentials>, Failure> {
    let Some(path) = config_path() else { return Ok(None) };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad(&path, &error)),
    };
    let config: Config = serde_json::from_slice(&text).map_err(|error| bad(&path, &error))?;
    if let Some(helper) = config.helper(host)
        && let Some(found) = Helper::named(helper)?.get(host).await?
    {
        return Ok(Some(found));
    }
    config.stored(host).map_err(|reason| bad(&path, &reason))
}

/// Where the file is, or would be.
pub(crate) fn config_path() -> Option<PathBuf> {
    let of = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = of("DOCKER_CONFIG").or_else(|| Some(of("HOME")?.join(".docker")))?;
    Some(folder.join("config.json"))
}

fn bad(path: &Path, reason: &dyn std::fmt::Display) -> Failure {
    Failure::Credentials(format!("{}: {reason}", path.display()))
}

impl Config {
    /// The program to ask: that of the host, else that of all hosts.
    pub(crate) fn helper(&self, host: &Host) -> Option<&str> {
        let own = of_host(&self.cred_helpers, host).map(|(_, helper)| helper);
        own.or(self.creds_store.as_ref()).map(String::as_str).filter(|helper| !helper.is_empty())
    }

    fn stored(&self, host: &Host) -> Result<Option<Credentials>, String> {
        let Some((key, entry)) = of_host(&self.auths, host) else { return Ok(None) };
        if let Some(token) = entry.identitytoken.as_ref().filter(|token| !token.is_empty()) {
            return Ok(Some(Credentials::of_identity_token(token.clone())));
        }
        let Some(auth) = entry.auth.as_ref().filter(|auth| !auth.is_empty()) else { return Ok(None) };
        let decoded = STANDARD.decode(auth).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
        let (username, password) =
            pair.ok_or_else(|| format!("the auth of {key} is not base64 of name:password; log in again"))?;
        Ok(Some(Credentials::of(username.to_owned(), password.to_owned())))
    }
}

/// The entry under the host as we write it, else under another form of it.
fn of_host<'a, T>(entries: &'a BTreeMap<String, T>, host: &Host) -> Option<(&'a String, &'a T)> {
    let other = || entries.iter().find(|(key, _)| is_key_of(key, host));
    entries.get_key_value(host.as_str()).or_else(other)
}

/// Whether an entry is for `host`. Old versions of docker wrote URLs.
pub(crate) fn is_key_of(key: &str, host: &Host) -> bool {
    let key = key.split_once("://").map_or(key, |(_, rest)| rest);
    key.split_once('/').map_or(key, |(key, _)| key).eq_ignore_ascii_case(host.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        serde_json::from_str(text).expect("JSON")
    }

    fn host(text: &str) -> Host {
        Host::parse(text).expect("a host")
    }

    #[test]
    fn stored_credentials_are_found_by_host() {
        let config = config(
            r#"{"auths":{"https://r.test/v1/":{"auth":"YW5uOmE6Yg=="},"localhost:5000":{"auth":"!"},
                "token.test":{"auth":"","identitytoken":"t"},"empty.test":{},"https://empty.test":{"auth":"!"}},
                "HttpHeaders":{"x":"y"}}"#,
        );
        let expected = Credentials::of("ann".to_owned(), "a:b".to_owned());
        assert_eq!(config.stored(&host("r.test")), Ok(Some(expected)));
        assert_eq!(config.stored(&host("empty.test")), Ok(None));
        assert_eq!(config.stored(&host("r.test:443")), Ok(None));
        assert_eq!(
            config.stored(&host("token.test")),
            Ok(Some(Credentials::of_identity_token("t".to_owned())))
        );
        assert!(config.stored(&host("localhost:5000")).is_err());
    }

    #[test]
    fn the_helper_of_a_host_comes_before_the_store() {
        let config = config(r#"{"credsStore":"store","credHelpers":{"r.test":"own"}}"#);
        assert_eq!(config.helper(&host("r.test")), Some("own"));
        assert_eq!(config.helper(&host("other.test")), Some("store"));
        assert_eq!(Config::default().helper(&host("r.test")), None);
    }
}
