//! What an administrator says about the provider, in Harbor's words.

use std::collections::BTreeMap;
use std::fmt;

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

mod parameters;

const DEFAULT_SCOPE: &str = "openid,profile,email";
/// The largest program that a filter of groups may become.
const MAX_FILTER_BYTES: usize = 64 * 1024;

/// What is ours in a request to the authorization endpoint: nobody may set it to something else.
const RESERVED: [&str; 9] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// The settings of a provider. The names are Harbor's; what is left out has Harbor's default. Unknown names are ignored, so a whole
/// Harbor configuration can be read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What the provider is called on pages for people.
    #[serde(rename = "oidc_name")]
    pub name: String,
    /// The issuer, character by character as it names itself.
    #[serde(rename = "oidc_endpoint")]
    pub endpoint: String,
    /// What the provider calls us.
    #[serde(rename = "oidc_client_id")]
    pub client_id: String,
    /// What we prove ourselves with. Empty for a public client.
    #[serde(rename = "oidc_client_secret")]
    pub client_secret: String,
    /// The claim with the groups. Empty is no groups.
    #[serde(rename = "oidc_groups_claim")]
    pub groups_claim: String,
    /// The group whose members are system administrators. Empty is none.
    #[serde(rename = "oidc_admin_group")]
    pub admin_group: String,
    /// A regular expression: only groups in which it is found are taken over. Empty is all.
    #[serde(rename = "oidc_group_filter")]
    pub group_filter: String,
    /// What is asked for, with commas or spaces between. `openid` must be in it.
    #[serde(rename = "oidc_scope")]
    pub scope: String,
    /// The claim with the name that somebody has here. Empty is the first that there is of `preferred_username`, `email` and `name`.
    #[serde(rename = "oidc_user_claim")]
    pub user_claim: String,
    /// Whether the provider's certificate must be good. It must.
    #[serde(rename = "oidc_verify_cert")]
    pub verify_cert: bool,
    /// Whether people become users without being asked for a name.
    #[serde(rename = "oidc_auto_onboard")]
    pub auto_onboard: bool,
    /// More parameters for the authorization endpoint: an object of texts, or one in a text.
    #[serde(rename = "oidc_extra_redirect_parms", with = "parameters")]
    pub extra_redirect_parms: BTreeMap<String, String>,
    /// Whether signing out here signs out at the provider too.
    #[serde(rename = "oidc_logout")]
    pub logout: bool,
}

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A setting that must be there.
    #[error("{0} must not be empty")]
    Missing(&'static str),
    /// TLS without its point.
    #[error("oidc_verify_cert must be true: a provider whose certificate is not checked proves nothing")]
    UnverifiedCertificate,
    /// The scope.
    #[error("oidc_scope must name openid")]
    Scope,
    /// The filter.
    #[error("oidc_group_filter is no regular expression")]
    GroupFilter,
    /// A parameter that is ours.
    #[error("oidc_extra_redirect_parms must not set {0}")]
    Reserved(String),
}

impl Settings {
    /// Whether anybody can sign in with these settings. Asks nobody.
    pub fn check(&self) -> Result<(), SettingsError> {
        for (name, value) in [("oidc_endpoint", &self.endpoint), ("oidc_client_id", &self.client_id)] {
            if value.trim().is_empty() {
                return Err(SettingsError::Missing(name));
            }
        }
        if !self.verify_cert {
            return Err(SettingsError::UnverifiedCertificate);
        }
        if !self.scopes().any(|scope| scope == "openid") {
            return Err(SettingsError::Scope);
        }
        self.filter()?;
        let reserved = self.extra_redirect_parms.keys().find(|name| RESERVED.contains(&name.as_str()));
        reserved.map_or(Ok(()), |name| Err(SettingsError::Reserved(name.clone())))
    }

    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        let scope = if self.scope.trim().is_empty() { DEFAULT_SCOPE } else { &self.scope };
        scope.split([',', ' ']).map(str::trim).filter(|scope| !scope.is_empty())
    }

    pub(crate) fn filter(&self) -> Result<Option<Regex>, SettingsError> {
        if self.group_filter.is_empty() {
            return Ok(None);
        }
        let filter = regex_lite::RegexBuilder::new(&self.group_filter).size_limit(MAX_FILTER_BYTES).build();
        filter.map(Some).map_err(|_| SettingsError::GroupFilter)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: String::new(),
            endpoint: String::new(),
            client_id: String::new(),
            client_secret: String::new(),
            groups_claim: String::new(),
            admin_group: String::new(),
            group_filter: String::new(),
            scope: DEFAULT_SCOPE.to_owned(),
            user_claim: String::new(),
            verify_cert: true,
            auto_onboard: false,
            extra_redirect_parms: BTreeMap::new(),
            logout: false,
        }
    }
}

impl fmt::Debug for Settings {
    /// Where and as whom, never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Settings {
        Settings {
            endpoint: "https://id.example".to_owned(),
            client_id: "berth".to_owned(),
            client_secret: "very secret".to_owned(),
            ..Settings::default()
        }
    }

    #[test]
    fn harbors_names_are_read_and_written() {
        let given = json!({
            "oidc_name": "id", "oidc_endpoint": "https://id.example", "oidc_client_id": "berth", "oidc_client_secret": "s",
            "oidc_groups_claim": "groups", "oidc_admin_group": "admins", "oidc_group_filter": "^team-", "oidc_scope": "openid",
            "oidc_user_claim": "nick", "oidc_verify_cert": true, "oidc_auto_onboard": true,
            "oidc_extra_redirect_parms": "{\"prompt\":\"login\"}", "oidc_logout": true, "auth_mode": "oidc_auth",
        });
        let settings: Settings = serde_json::from_value(given.clone()).unwrap();
        assert_eq!(settings.check(), Ok(()));
        assert_eq!(settings.extra_redirect_parms["prompt"], "login");
        let mut written = serde_json::to_value(&settings).unwrap();
        written["auth_mode"] = json!("oidc_auth");
        assert_eq!(written, given);
        let object = json!({ "oidc_extra_redirect_parms": { "a": "b" } });
        let object: Settings = serde_json::from_value(object).unwrap();
        assert_eq!(object.extra_redirect_parms["a"], "b");
        let empty: Settings = serde_json::from_value(json!({ "oidc_extra_redirect_parms": "" })).unwrap();
        assert!(empty == Settings::default());
    }

    #[test]
    fn settings_that_nobody_can_sign_in_with() {
        assert_eq!(good().check(), Ok(()));
        let reserved = BTreeMap::from([("state".to_owned(), "x".to_owned())]);
        for (settings, error) in [
            (Settings { endpoint: String::new(), ..good() }, SettingsError::Missing("oidc_endpoint")),
            (Settings { client_id: " ".to_owned(), ..good() }, SettingsError::Missing("oidc_client_id")),
            (Settings { verify_cert: false, ..good() }, SettingsError::UnverifiedCertificate),
            (Settings { scope: "email".to_owned(), ..good() }, SettingsError::Scope),
            (Settings { group_filter: "(".to_owned(), ..good() }, SettingsError::GroupFilter),
            (Settings { group_filter: "a{1000}{1000}".to_owned(), ..good() }, SettingsError::GroupFilter),
            (
                Settings { extra_redirect_parms: reserved, ..good() },
                SettingsError::Reserved("state".to_owned()),
            ),
        ] {
            assert_eq!(settings.check(), Err(error));
        }
    }

    #[test]
    fn the_secret_is_not_shown() {
        assert!(!format!("{:?}", good()).contains("very secret"));
    }
}
