//! Whether settings can work, told to the person who typed them.

use super::Settings;
use crate::{Dn, filter, server, tls};

/// Longer timeouts would outlive the clients, which wait for the sign-in.
const MAX_TIMEOUT_SECS: u64 = 60;

/// What is wrong with settings, for the person who typed them. Names the setting, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The address is no LDAP address.
    #[error("url must be ldap://host[:port] or ldaps://host[:port]")]
    Url,
    /// TLS certificates cannot be compared with this kind of address.
    #[error("url must have a host name or an IPv4 address when TLS is used")]
    TlsHost,
    /// `StartTLS` inside TLS.
    #[error("start_tls is for ldap:// addresses: ldaps:// has TLS already")]
    TlsTwice,
    /// A DN without a password would be an unauthenticated bind (RFC 4513 section 5.1.2), which proves nothing.
    #[error("search_password must not be empty when there is a search_dn")]
    SearchPasswordMissing,
    /// A password for nobody.
    #[error("search_dn must not be empty when there is a search_password")]
    SearchDnMissing,
    /// Something must be a distinguished name (RFC 4514).
    #[error("not a distinguished name such as dc=example,dc=org: {0}")]
    Dn(&'static str),
    /// Something must be a filter (RFC 4515).
    #[error("not an LDAP filter such as (objectClass=person): {0}")]
    Filter(&'static str),
    /// Something must be the name of an attribute (RFC 4512 section 2.5).
    #[error("not the name of an attribute: {0}")]
    Attribute(&'static str),
    /// The timeout is zero or too long.
    #[error("timeout_secs must be from 1 to {MAX_TIMEOUT_SECS}")]
    Timeout,
    /// There are no certificates in the text.
    #[error("ca_certificates must be certificates in PEM")]
    Certificates,
}

impl Settings {
    /// Whether these settings can be used at all. Asks nobody.
    pub fn check(&self) -> Result<(), SettingsError> {
        let address = server::Address::parse(&self.url).ok_or(SettingsError::Url)?;
        if address.has_tls && self.start_tls {
            return Err(SettingsError::TlsTwice);
        }
        if (address.has_tls || self.start_tls) && address.is_ipv6 {
            return Err(SettingsError::TlsHost);
        }
        match (self.search_dn.trim().is_empty(), self.search_password.is_empty()) {
            (false, true) => return Err(SettingsError::SearchPasswordMissing),
            (true, false) => return Err(SettingsError::SearchDnMissing),
            _ => {}
        }
        let dns = [("group_base_dn", &self.group_base_dn), ("group_admin_dn", &self.group_admin_dn)];
        let dns = dns.into_iter().filter(|(_, dn)| !dn.trim().is_empty());
        for (name, dn) in dns.chain([("base_dn", &self.base_dn)]) {
            Dn::parse(dn).ok_or(SettingsError::Dn(name))?;
        }
        for (name, text) in [("filter", &self.filter), ("group_filter", &self.group_filter)] {
            filter::normalized(text).ok_or(SettingsError::Filter(name))?;
        }
        for (name, attribute) in [
            ("uid", self.uid()),
            ("group_attribute_name", self.group_attribute_name()),
            ("group_membership_attribute", self.group_membership_attribute()),
        ] {
            filter::is_attribute(attribute).then_some(()).ok_or(SettingsError::Attribute(name))?;
        }
        if !(1..=MAX_TIMEOUT_SECS).contains(&self.timeout_secs) {
            return Err(SettingsError::Timeout);
        }
        if !self.ca_certificates.trim().is_empty() {
            tls::certificates(&self.ca_certificates).ok_or(SettingsError::Certificates)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::good;

    type Change = fn(&mut Settings);

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let cases: [(Change, SettingsError); 22] = [
            (|it| it.url.clear(), SettingsError::Url),
            (|it| it.url = "https://ldap.example.org".to_owned(), SettingsError::Url),
            (
                |it| {
                    it.url = "ldaps://ldap.example.org".to_owned();
                    it.start_tls = true;
                },
                SettingsError::TlsTwice,
            ),
            (|it| it.url = "ldaps://[::1]".to_owned(), SettingsError::TlsHost),
            (|it| it.search_password.clear(), SettingsError::SearchPasswordMissing),
            (|it| it.search_dn = " ".to_owned(), SettingsError::SearchDnMissing),
            (|it| it.base_dn.clear(), SettingsError::Dn("base_dn")),
            (|it| it.base_dn = "example.org".to_owned(), SettingsError::Dn("base_dn")),
            (|it| it.group_base_dn = "groups".to_owned(), SettingsError::Dn("group_base_dn")),
            (|it| it.group_admin_dn = "admins".to_owned(), SettingsError::Dn("group_admin_dn")),
            (|it| it.filter = "(a=b".to_owned(), SettingsError::Filter("filter")),
            (|it| it.filter = "person".to_owned(), SettingsError::Filter("filter")),
            (|it| it.group_filter = "(a=b)(c=d)".to_owned(), SettingsError::Filter("group_filter")),
            (|it| it.uid = "uid=*)(a".to_owned(), SettingsError::Attribute("uid")),
            (
                |it| it.group_attribute_name = "c n".to_owned(),
                SettingsError::Attribute("group_attribute_name"),
            ),
            (
                |it| it.group_membership_attribute = "*".to_owned(),
                SettingsError::Attribute("group_membership_attribute"),
            ),
            (|it| it.timeout_secs = 0, SettingsError::Timeout),
            (|it| it.timeout_secs = 61, SettingsError::Timeout),
            (|it| it.ca_certificates = "nothing".to_owned(), SettingsError::Certificates),
            (
                |it| {
                    it.ca_certificates =
                        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned();
                },
                SettingsError::Certificates,
            ),
            (|it| it.url = "ldap://u:secret@h".to_owned(), SettingsError::Url),
            (
                |it| {
                    it.url = "[::1]".to_owned();
                    it.start_tls = true;
                },
                SettingsError::TlsHost,
            ),
        ];
        assert_eq!(good().check(), Ok(()));
        for (number, (change, expected)) in cases.into_iter().enumerate() {
            let mut settings = good();
            change(&mut settings);
            let error = settings.check().expect_err(&expected.to_string());
            assert_eq!(error, expected, "case {number}");
            assert!(!format!("{error} {error:?}").contains("secret"), "case {number}");
        }
    }

    #[test]
    fn nobody_may_search_where_the_directory_lets_him() {
        let settings = Settings { search_dn: String::new(), search_password: String::new(), ..good() };
        assert_eq!(settings.check(), Ok(()));
        let at_a_domain = Settings { search_dn: "reader@example.org".to_owned(), ..good() };
        assert_eq!(at_a_domain.check(), Ok(()));
    }
}
