//! What an administrator says about the directory, in Harbor's words.

use std::fmt;

use serde::Deserialize;

mod check;

pub use check::SettingsError;

const DEFAULT_NAME_ATTRIBUTE: &str = "cn";
const DEFAULT_MEMBERSHIP_ATTRIBUTE: &str = "memberof";

/// How far below its base a search looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "u8")]
pub enum Scope {
    /// The base itself: 0.
    Base,
    /// What is directly below the base: 1.
    OneLevel,
    /// The base and everything below it: 2.
    #[default]
    Subtree,
}

/// The settings of an LDAP directory. The names are Harbor's, with or without its prefix `ldap_`; what is left out or empty has
/// Harbor's default. Unknown names are ignored, so a whole Harbor configuration can be read.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `ldap://host[:port]` or `ldaps://host[:port]`. Without a scheme it is `ldap`; port 636 is always `ldaps`. The host may be
    /// in a private network, but not link-local: there clouds hand out credentials.
    #[serde(alias = "ldap_url")]
    pub url: String,
    /// Who searches: a DN, or what else the directory takes in a simple bind. Empty, with an empty password: nobody (anonymous).
    #[serde(alias = "ldap_search_dn")]
    pub search_dn: String,
    /// The password of the search DN.
    #[serde(alias = "ldap_search_password")]
    pub search_password: String,
    /// Where people are.
    #[serde(alias = "ldap_base_dn")]
    pub base_dn: String,
    /// Which entries are people. The outermost parentheses may be left out; empty is every entry.
    #[serde(alias = "ldap_filter")]
    pub filter: String,
    /// The attribute that holds the name a person signs in with, such as `uid` or `sAMAccountName`.
    #[serde(alias = "ldap_uid")]
    pub uid: String,
    /// How far below `base_dn` people are.
    #[serde(alias = "ldap_scope")]
    pub scope: Scope,
    /// How long one step (a connection with TLS, a bind, a search) may take: 1-60.
    #[serde(alias = "ldap_timeout", alias = "ldap_connection_timeout")]
    pub timeout_secs: u64,
    /// Whether the server's certificate must be good.
    #[serde(alias = "ldap_verify_cert")]
    pub verify_cert: bool,
    /// Where groups are. Empty is `base_dn`.
    #[serde(alias = "ldap_group_base_dn")]
    pub group_base_dn: String,
    /// Which entries are groups, like `filter`.
    #[serde(alias = "group_search_filter", alias = "ldap_group_search_filter")]
    pub group_filter: String,
    /// The attribute that holds the name of a group.
    #[serde(alias = "ldap_group_attribute_name")]
    pub group_attribute_name: String,
    /// How far below the group base groups are.
    #[serde(alias = "ldap_group_search_scope")]
    pub group_search_scope: Scope,
    /// The attribute of a person that holds the DNs of his groups.
    #[serde(alias = "ldap_group_membership_attribute")]
    pub group_membership_attribute: String,
    /// The group whose members are system administrators. Empty is none.
    #[serde(alias = "ldap_group_admin_dn")]
    pub group_admin_dn: String,
    /// Ours: whether the groups that a person's groups are in count too.
    #[serde(alias = "ldap_nested_groups")]
    pub nested_groups: bool,
    /// Ours: whether an `ldap` connection is turned into TLS before anything else is said.
    #[serde(alias = "ldap_start_tls")]
    pub start_tls: bool,
    /// Ours: PEM certificates that the server's must lead to, in place of the system's. Empty is the system's.
    #[serde(alias = "ldap_ca_certificates")]
    pub ca_certificates: String,
}

impl Scope {
    /// Whether a search meets what is so many levels below its base.
    pub(crate) fn reaches(self, depth: usize) -> bool {
        match self {
            Self::Base => depth == 0,
            Self::OneLevel => depth == 1,
            Self::Subtree => true,
        }
    }

    /// The number in the protocol (RFC 4511 section 4.5.1.2), which is Harbor's too.
    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Base => 0,
            Self::OneLevel => 1,
            Self::Subtree => 2,
        }
    }
}

impl Settings {
    pub(crate) fn uid(&self) -> &str {
        or(&self.uid, DEFAULT_NAME_ATTRIBUTE)
    }

    pub(crate) fn group_attribute_name(&self) -> &str {
        or(&self.group_attribute_name, DEFAULT_NAME_ATTRIBUTE)
    }

    pub(crate) fn group_membership_attribute(&self) -> &str {
        or(&self.group_membership_attribute, DEFAULT_MEMBERSHIP_ATTRIBUTE)
    }

    pub(crate) fn group_base_dn(&self) -> &str {
        or(&self.group_base_dn, &self.base_dn)
    }
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    let text = text.trim();
    if text.is_empty() { default.trim() } else { text }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: String::new(),
            search_dn: String::new(),
            search_password: String::new(),
            base_dn: String::new(),
            filter: String::new(),
            uid: DEFAULT_NAME_ATTRIBUTE.to_owned(),
            scope: Scope::Subtree,
            timeout_secs: 5,
            verify_cert: true,
            group_base_dn: String::new(),
            group_filter: String::new(),
            group_attribute_name: DEFAULT_NAME_ATTRIBUTE.to_owned(),
            group_search_scope: Scope::Subtree,
            group_membership_attribute: DEFAULT_MEMBERSHIP_ATTRIBUTE.to_owned(),
            group_admin_dn: String::new(),
            nested_groups: false,
            start_tls: false,
            ca_certificates: String::new(),
        }
    }
}

impl fmt::Debug for Settings {
    /// Where and whom, never the password. The address is left out too: somebody may have typed a password into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("search_dn", &self.search_dn)
            .field("base_dn", &self.base_dn)
            .field("uid", &self.uid)
            .finish_non_exhaustive()
    }
}

impl TryFrom<u8> for Scope {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Base),
            1 => Ok(Self::OneLevel),
            2 => Ok(Self::Subtree),
            _ => Err("a scope is 0 (base), 1 (one level) or 2 (subtree)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(super) fn good() -> Settings {
        Settings {
            url: "ldap://ldap.example.org".to_owned(),
            search_dn: "cn=reader,dc=example,dc=org".to_owned(),
            search_password: "very secret".to_owned(),
            base_dn: "dc=example,dc=org".to_owned(),
            ..Settings::default()
        }
    }

    #[test]
    fn harbors_names_are_read_with_and_without_the_prefix() {
        let short: Settings = serde_json::from_value(json!({
            "url": "ldaps://h", "search_dn": "cn=r", "search_password": "p", "base_dn": "dc=x", "filter": "a=b", "uid": "uid",
            "scope": 1, "timeout_secs": 7, "verify_cert": false, "group_base_dn": "ou=g", "group_filter": "c=d",
            "group_attribute_name": "name", "group_search_scope": 0, "group_membership_attribute": "isMemberOf",
            "group_admin_dn": "cn=a", "nested_groups": true, "start_tls": true, "ca_certificates": "pem",
        }))
        .unwrap();
        let long: Settings = serde_json::from_value(json!({
            "ldap_url": "ldaps://h", "ldap_search_dn": "cn=r", "ldap_search_password": "p", "ldap_base_dn": "dc=x",
            "ldap_filter": "a=b", "ldap_uid": "uid", "ldap_scope": 1, "ldap_timeout": 7, "ldap_verify_cert": false,
            "ldap_group_base_dn": "ou=g", "ldap_group_search_filter": "c=d", "ldap_group_attribute_name": "name",
            "ldap_group_search_scope": 0, "ldap_group_membership_attribute": "isMemberOf", "ldap_group_admin_dn": "cn=a",
            "ldap_nested_groups": true, "ldap_start_tls": true, "ldap_ca_certificates": "pem",
            "ldap_group_attach_parallel": true, "auth_mode": "ldap_auth",
        }))
        .unwrap();
        assert!(short == long);
        assert_eq!((short.scope, short.group_search_scope), (Scope::OneLevel, Scope::Base));
        let ping: Settings = serde_json::from_value(json!({ "ldap_connection_timeout": 9 })).unwrap();
        assert_eq!(ping.timeout_secs, 9);
    }

    #[test]
    fn what_is_left_out_or_empty_is_harbors_default() {
        let settings: Settings = serde_json::from_value(json!({})).unwrap();
        assert!(settings == Settings::default());
        assert_eq!((settings.timeout_secs, settings.verify_cert, settings.scope), (5, true, Scope::Subtree));
        let empty = Settings {
            uid: String::new(),
            group_attribute_name: " ".to_owned(),
            group_membership_attribute: String::new(),
            ..good()
        };
        assert_eq!(empty.check(), Ok(()));
        assert_eq!((empty.uid(), empty.group_attribute_name()), ("cn", "cn"));
        assert_eq!(empty.group_membership_attribute(), "memberof");
        assert_eq!(empty.group_base_dn(), "dc=example,dc=org");
    }

    #[test]
    fn a_scope_says_how_far_below_the_base() {
        for (scope, reached) in [
            (Scope::Base, [true, false, false]),
            (Scope::OneLevel, [false, true, false]),
            (Scope::Subtree, [true; 3]),
        ] {
            assert_eq!([0, 1, 2].map(|depth| scope.reaches(depth)), reached, "{scope:?}");
        }
    }

    #[test]
    fn a_scope_is_one_of_three() {
        for value in [json!(3), json!(-1), json!("2"), json!(null)] {
            assert!(serde_json::from_value::<Settings>(json!({ "scope": value })).is_err(), "{value}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let settings = Settings { url: "ldap://u:secret@h".to_owned(), ..good() };
        assert!(!format!("{settings:?}").contains("secret"), "{settings:?}");
        assert!(!format!("{:?}", crate::Ldap::new(good()).unwrap()).contains("secret"));
    }
}
