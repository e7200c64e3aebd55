//! The provider that is configured, if one is.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use berth_configuration::{AuthMode, Configuration, Configured};
use berth_registry::StoreError;
use serde_json::{Value, json};

use crate::{Settings, SettingsSource};

/// The provider of the configuration, which is read at each sign-in, so that a change counts at once. Cheap to clone.
#[derive(Clone)]
pub struct ConfiguredOidc {
    configuration: Configuration,
}

impl ConfiguredOidc {
    /// The provider that this configuration names.
    pub fn new(configuration: Configuration) -> Self {
        Self { configuration }
    }
}

#[async_trait]
impl SettingsSource for ConfiguredOidc {
    async fn oidc(&self) -> Result<Option<Settings>, StoreError> {
        let configured = self.configuration.get().await?;
        Ok((configured.auth_mode() == AuthMode::Oidc).then(|| Settings::configured(&configured)))
    }
}

impl Settings {
    /// What is configured, whether or not it is in use. Further parameters that mean nothing are none, and the
    /// certificate is always checked.
    pub fn configured(configured: &Configured) -> Self {
        let oidc = configured.oidc();
        Self {
            name: oidc.name,
            endpoint: oidc.endpoint,
            client_id: oidc.client_id,
            client_secret: oidc.client_secret,
            groups_claim: oidc.groups_claim,
            admin_group: oidc.admin_group,
            group_filter: oidc.group_filter,
            scope: oidc.scope,
            user_claim: oidc.user_claim,
            // Whatever is said: Terraform's provider says false unasked.
            verify_cert: true,
            auto_onboard: oidc.auto_onboard,
            extra_redirect_parms: serde_json::from_str(&oidc.extra_redirect_parms).unwrap_or_default(),
            logout: oidc.logout,
        }
    }

    /// The items of the configuration that lead to these settings, **with the secret**, and to their being in use.
    pub fn items(&self) -> impl Iterator<Item = (String, Value)> {
        let parameters = &self.extra_redirect_parms;
        let parameters = if parameters.is_empty() { String::new() } else { json!(parameters).to_string() };
        let items = json!({
            "auth_mode": AuthMode::Oidc.as_str(),
            "oidc_name": self.name,
            "oidc_endpoint": self.endpoint,
            "oidc_client_id": self.client_id,
            "oidc_client_secret": self.client_secret,
            "oidc_groups_claim": self.groups_claim,
            "oidc_admin_group": self.admin_group,
            "oidc_group_filter": self.group_filter,
            "oidc_scope": self.scope,
            "oidc_user_claim": self.user_claim,
            "oidc_verify_cert": self.verify_cert,
            "oidc_auto_onboard": self.auto_onboard,
            "oidc_extra_redirect_parms": parameters,
            "oidc_logout": self.logout,
        });
        let items: BTreeMap<String, Value> = serde_json::from_value(items).unwrap_or_default();
        items.into_iter()
    }
}

impl fmt::Debug for ConfiguredOidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfiguredOidc")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use berth_configuration::{Environment, Locks, Parts, Seals};
    use berth_testkit::{CountingIds, Memory};

    use super::*;

    fn configured(locks: Locks) -> (ConfiguredOidc, Configuration) {
        let memory = Arc::new(Memory::new());
        let configuration = Configuration::new(Parts {
            read: memory.clone(),
            write: memory,
            ids: Arc::new(CountingIds::default()),
            environment: Environment { seals: Seals::new("the text of a key", None), locks },
        });
        (ConfiguredOidc::new(configuration.clone()), configuration)
    }

    fn settings() -> Settings {
        Settings {
            endpoint: "https://id.example".to_owned(),
            client_id: "berth".to_owned(),
            client_secret: "Secret-1".to_owned(),
            groups_claim: "groups".to_owned(),
            auto_onboard: true,
            extra_redirect_parms: BTreeMap::from([("hd".to_owned(), "example.org".to_owned())]),
            ..Settings::default()
        }
    }

    async fn put(configuration: &Configuration, items: impl Iterator<Item = (String, Value)>) {
        let change = configuration.get().await.unwrap().change(&items.collect()).unwrap();
        assert!(configuration.update(&change).await.unwrap());
    }

    #[tokio::test]
    async fn settings_come_back_as_they_were_configured() {
        let (oidc, configuration) = configured(Locks::default());
        assert_eq!(oidc.oidc().await.unwrap(), None, "nothing is configured");
        put(&configuration, settings().items()).await;
        assert_eq!(oidc.oidc().await.unwrap(), Some(settings()));
        let mode = [("auth_mode".to_owned(), json!("db_auth"))];
        put(&configuration, mode.into_iter()).await;
        assert_eq!(oidc.oidc().await.unwrap(), None, "the provider is not in use any more");
    }

    #[tokio::test]
    async fn the_environment_can_decide_all_of_it() {
        let (oidc, _) = configured(Locks::default().and("--oidc", settings().items()).unwrap());
        assert_eq!(oidc.oidc().await.unwrap(), Some(settings()));
    }
}
