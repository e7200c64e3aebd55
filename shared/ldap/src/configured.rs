//! The directory that is configured, if one is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use berth_configuration::{AuthMode, Configuration, Configured};
use berth_identity::{DirectoryError, External, PasswordDirectory};
use serde_json::{Value, json};

use crate::{Ldap, Settings, SettingsError};

/// People whom the configured directory knows; nobody, as long as none is configured. Cheap to clone.
///
/// The configuration is read at each sign-in, so that a change counts at once. What it comes to is kept until it changes:
/// certificates are read from disk.
#[derive(Clone)]
pub struct ConfiguredLdap {
    configuration: Configuration,
    last: Arc<Mutex<Option<Made>>>,
}

/// A directory, and the revision of the configuration that it was made from.
struct Made {
    revision: String,
    ldap: Arc<Ldap>,
}

impl Settings {
    /// What is configured, whether or not it is in use. A value that means nothing is the default.
    pub fn configured(configured: &Configured) -> Self {
        serde_json::from_value(Value::Object(configured.ldap())).unwrap_or_default()
    }

    /// The items of the configuration that lead to these settings, **with the password**, and to their being in use.
    pub fn items(&self) -> impl Iterator<Item = (String, Value)> {
        let items = json!({
            "auth_mode": AuthMode::Ldap.as_str(),
            "ldap_url": self.url,
            "ldap_search_dn": self.search_dn,
            "ldap_search_password": self.search_password,
            "ldap_base_dn": self.base_dn,
            "ldap_filter": self.filter,
            "ldap_uid": self.uid,
            "ldap_scope": self.scope.number(),
            "ldap_timeout": self.timeout_secs,
            "ldap_verify_cert": self.verify_cert,
            "ldap_group_base_dn": self.group_base_dn,
            "ldap_group_search_filter": self.group_filter,
            "ldap_group_attribute_name": self.group_attribute_name,
            "ldap_group_search_scope": self.group_search_scope.number(),
            "ldap_group_membership_attribute": self.group_membership_attribute,
            "ldap_group_admin_dn": self.group_admin_dn,
            "ldap_nested_groups": self.nested_groups,
            "ldap_start_tls": self.start_tls,
            "ldap_ca_certificates": self.ca_certificates,
        });
        let items: BTreeMap<String, Value> = serde_json::from_value(items).unwrap_or_default();
        items.into_iter()
    }
}

impl ConfiguredLdap {
    /// The directory that this configuration names.
    pub fn new(configuration: Configuration) -> Self {
        Self { configuration, last: Arc::default() }
    }

    fn directory(&self, configured: &Configured) -> Result<Arc<Ldap>, SettingsError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(made) if made.revision == configured.revision() => Ok(Arc::clone(&made.ldap)),
            _ => {
                let ldap = Arc::new(Ldap::new(Settings::configured(configured))?);
                *last = Some(Made { revision: configured.revision().to_owned(), ldap: Arc::clone(&ldap) });
                Ok(ldap)
            }
        }
    }
}

#[async_trait]
impl PasswordDirectory for ConfiguredLdap {
    async fn person(&self, username: &str, password: &str) -> Result<Option<External>, DirectoryError> {
        let configured = self.configuration.get().await.map_err(|error| DirectoryError(error.into()))?;
        if configured.auth_mode() != AuthMode::Ldap {
            return Ok(None);
        }
        let directory = self.directory(&configured).map_err(|error| DirectoryError(error.into()))?;
        directory.person(username, password).await
    }
}

impl fmt::Debug for ConfiguredLdap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfiguredLdap")
    }
}

#[cfg(test)]
mod tests {
    use berth_configuration::{Environment, Locks, Parts, Seals};
    use berth_testkit::{CountingIds, Memory};

    use super::*;
    use crate::Scope;

    fn configuration(locks: Locks) -> Configuration {
        let memory: Arc<Memory> = Arc::default();
        let environment = Environment { seals: Seals::new("the text of a key", None), locks };
        let (read, write) = (memory.clone(), memory);
        Configuration::new(Parts { read, write, ids: Arc::new(CountingIds::default()), environment })
    }

    fn settings() -> Settings {
        let text = |text: &str| text.to_owned();
        Settings {
            url: text("ldaps://h"),
            search_dn: text("cn=r"),
            search_password: text("p"),
            base_dn: text("dc=x"),
            filter: text("(a=b)"),
            uid: text("uid"),
            scope: Scope::OneLevel,
            timeout_secs: 7,
            verify_cert: false,
            group_base_dn: text("ou=g"),
            group_filter: text("(c=d)"),
            group_attribute_name: text("name"),
            group_search_scope: Scope::Base,
            group_membership_attribute: text("isMemberOf"),
            group_admin_dn: text("cn=a"),
            nested_groups: true,
            start_tls: true,
            ca_certificates: text("pem"),
        }
    }

    /// Every setting has an item and every item of the directory but one a setting.
    #[tokio::test]
    async fn settings_are_items_and_items_are_settings() {
        let locks = Locks::default().and("--ldap", settings().items()).unwrap();
        let configured = configuration(locks).get().await.unwrap();
        assert!(Settings::configured(&configured) == settings());
        assert_eq!(configured.auth_mode(), AuthMode::Ldap);
        let named: Vec<String> = settings().items().map(|(name, _)| name).collect();
        let without: Vec<String> = configured
            .ldap()
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !named.contains(name))
            .collect();
        assert_eq!(without, ["ldap_group_attach_parallel"]);
        let defaults = configuration(Locks::default()).get().await.unwrap();
        assert!(Settings::configured(&defaults) == Settings::default());
    }

    #[tokio::test]
    async fn a_directory_is_kept_until_the_configuration_changes() {
        let configuration = configuration(Locks::default());
        let people = ConfiguredLdap::new(configuration.clone());
        let set = async |asked: Value| {
            let asked = serde_json::from_value(asked).unwrap();
            let change = configuration.get().await.unwrap().change(&asked).unwrap();
            assert!(configuration.update(&change).await.unwrap());
            configuration.get().await.unwrap()
        };
        assert_eq!(people.person("alice", "secret").await.unwrap(), None);
        let first = set(json!({ "ldap_url": "ldap://127.0.0.1:1", "ldap_base_dn": "dc=x" })).await;
        // Nobody is asked as long as the mode is another.
        assert_eq!(people.person("alice", "secret").await.unwrap(), None);
        let one = people.directory(&first).unwrap();
        assert!(Arc::ptr_eq(&one, &people.clone().directory(&first).unwrap()));
        let second = set(json!({ "auth_mode": "ldap_auth", "ldap_timeout": 1 })).await;
        assert!(!Arc::ptr_eq(&one, &people.directory(&second).unwrap()));
        people.person("alice", "secret").await.expect_err("nothing listens there");
        let wrong = set(json!({ "ldap_base_dn": "nowhere" })).await;
        assert_eq!(people.directory(&wrong).unwrap_err(), SettingsError::Dn("base_dn"));
        people.person("alice", "secret").await.expect_err("settings that mean nothing");
    }
}
