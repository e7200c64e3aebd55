//! Where the directory is and how to get there.

use std::sync::Arc;
use std::time::Duration;

use ldap3::{LdapConnAsync, LdapConnSettings};
use rustls::ClientConfig;
use url::{Host, Url};

use crate::session::{Session, guarded};
use crate::{LdapError, Settings, SettingsError, tls};

const TLS_PORT: u16 = 636;

/// An address from the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    url: String,
    pub(crate) has_tls: bool,
    pub(crate) is_ipv6: bool,
}

impl Address {
    /// Reads what Harbor reads: the scheme may be left out, and port 636 means TLS.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let url = if text.contains("://") { text.to_owned() } else { format!("ldap://{text}") };
        let url = Url::parse(&url).ok()?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && ["", "/"].contains(&url.path())
            && url.query().is_none()
            && url.fragment().is_none();
        let has_tls = match url.scheme() {
            "ldap" => url.port() == Some(TLS_PORT),
            "ldaps" => true,
            _ => return None,
        };
        let host = url.host().filter(|host| !host.to_string().is_empty())?;
        let scheme = if has_tls { "ldaps" } else { "ldap" };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        is_plain.then(|| Self {
            url: format!("{scheme}://{host}{port}"),
            has_tls,
            is_ipv6: matches!(host, Host::Ipv6(_)),
        })
    }
}

/// A directory server to which connections can be opened.
pub(crate) struct Server {
    address: Address,
    start_tls: bool,
    tls: Option<Arc<ClientConfig>>,
    timeout: Duration,
}

impl Server {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let address = Address::parse(&settings.url).ok_or(SettingsError::Url)?;
        let needs_tls = address.has_tls || settings.start_tls;
        let tls = needs_tls.then(|| tls::config(settings)).transpose()?;
        let timeout = Duration::from_secs(settings.timeout_secs);
        Ok(Self { address, start_tls: settings.start_tls, tls, timeout })
    }

    /// A new connection, encrypted if the settings say so, on which nobody has signed in.
    pub(crate) async fn open(&self) -> Result<Session, LdapError> {
        let mut connection = LdapConnSettings::new().set_starttls(self.start_tls);
        if let Some(tls) = &self.tls {
            connection = connection.set_config(Arc::clone(tls));
        }
        // Boxed: with TLS it is large.
        let opening = Box::pin(LdapConnAsync::with_settings(connection, &self.address.url));
        let (driver, handle) = guarded(self.timeout, opening).await?.map_err(|error| match error {
            ldap3::LdapError::LdapResult { result } => LdapError::Unreachable(result.into()),
            error => error.into(),
        })?;
        Ok(Session::new(driver, handle, self.timeout))
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("url", &self.address.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_harbor_takes() {
        for (given, url, has_tls) in [
            ("ldap://ldap.example.org", "ldap://ldap.example.org", false),
            ("ldap.example.org", "ldap://ldap.example.org", false),
            ("ldap.example.org:3890", "ldap://ldap.example.org:3890", false),
            (" ldap://10.0.0.1:389/ ", "ldap://10.0.0.1:389", false),
            ("ldaps://ldap.example.org", "ldaps://ldap.example.org", true),
            ("ldaps://ldap.example.org:1636", "ldaps://ldap.example.org:1636", true),
            ("ldap://ldap.example.org:636", "ldaps://ldap.example.org:636", true),
            ("ldap.example.org:636", "ldaps://ldap.example.org:636", true),
            ("ldap://[::1]:389", "ldap://[::1]:389", false),
        ] {
            let address = Address::parse(given).unwrap_or_else(|| panic!("{given}"));
            assert_eq!((address.url.as_str(), address.has_tls), (url, has_tls), "{given}");
        }
    }

    #[test]
    fn nothing_else_is_an_address() {
        for given in [
            "",
            "ldap://",
            "ldap:///",
            "ldapi:///run/slapd",
            "http://ldap.example.org",
            "ldap://user:secret@ldap.example.org",
            "ldap://user@ldap.example.org",
            "ldap://ldap.example.org/dc=example",
            "ldap://ldap.example.org?cn",
            "ldap://ldap.example.org#x",
            "ldap://ldap.example.org:port",
            "ldap://a b",
        ] {
            assert_eq!(Address::parse(given), None, "{given}");
        }
    }
}
