//! Where the directory is and how to get there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use url::{Host, Url};

use crate::address::is_allowed;
use crate::connection::{Connection, unreachable};
use crate::session::{Session, within};
use crate::{LdapError, Settings, SettingsError, tls};

const PORT: u16 = 389;
const TLS_PORT: u16 = 636;

/// An address from the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    host: String,
    port: u16,
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
        let port = url.port().unwrap_or(if has_tls { TLS_PORT } else { PORT });
        let is_ipv6 = matches!(host, Host::Ipv6(_));
        // Without the brackets that an IPv6 address has in a URL.
        let host = host.to_string().trim_matches(['[', ']']).to_owned();
        is_plain.then_some(Self { host, port, has_tls, is_ipv6 })
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
        let connection = within(self.timeout, Box::pin(self.connect())).await?;
        Ok(Session::new(connection, self.timeout))
    }

    async fn connect(&self) -> Result<Connection, LdapError> {
        let stream = self.reach().await?;
        let Some(tls) = self.tls.clone() else { return Ok(Connection::plain(stream)) };
        let host = ServerName::try_from(self.address.host.clone())
            .map_err(|error| LdapError::Unreachable(error.into()))?;
        if self.start_tls {
            Connection::start_tls(stream, tls, host).await
        } else {
            Connection::encrypted(stream, tls, host).await
        }
    }

    /// The first of the host's addresses that answers. All of them are looked at before one is asked, and nobody looks again.
    async fn reach(&self) -> Result<TcpStream, LdapError> {
        let found =
            lookup_host((self.address.host.as_str(), self.address.port)).await.map_err(unreachable)?;
        let addresses: Vec<SocketAddr> = found.collect();
        if !addresses.iter().all(|address| is_allowed(address.ip())) {
            return Err(LdapError::Forbidden);
        }
        TcpStream::connect(addresses.as_slice()).await.map_err(unreachable)
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("host", &self.address.host).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_harbor_takes() {
        for (given, host, port, has_tls) in [
            ("ldap://ldap.example.org", "ldap.example.org", 389, false),
            ("ldap.example.org", "ldap.example.org", 389, false),
            ("ldap.example.org:3890", "ldap.example.org", 3890, false),
            (" ldap://10.0.0.1:389/ ", "10.0.0.1", 389, false),
            ("ldaps://ldap.example.org", "ldap.example.org", 636, true),
            ("ldaps://ldap.example.org:1636", "ldap.example.org", 1636, true),
            ("ldap://ldap.example.org:636", "ldap.example.org", 636, true),
            ("ldap.example.org:636", "ldap.example.org", 636, true),
            ("ldap://[::1]:389", "::1", 389, false),
        ] {
            let address = Address::parse(given).unwrap_or_else(|| panic!("{given}"));
            assert_eq!(
                (address.host.as_str(), address.port, address.has_tls),
                (host, port, has_tls),
                "{given}"
            );
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
