//! The provider that is configured, if one is.

use std::iter;

use berth_configuration::{AuthMode, Configured};
use serde_json::Value;

use crate::Settings;

/// The one setting that may be no JSON: a text that somebody typed.
const PARAMETERS: &str = "oidc_extra_redirect_parms";

impl Settings {
    /// What is configured and in use. `None` if nobody signs in with `OpenID` Connect.
    pub fn in_use(configured: &Configured) -> Option<Self> {
        (configured.auth_mode() == AuthMode::Oidc).then(|| Self::configured(configured))
    }

    /// What is configured, whether or not it is in use. Further parameters that mean nothing are none, and the certificate is
    /// always checked.
    pub fn configured(configured: &Configured) -> Self {
        let mut items = configured.oidc();
        // Whatever is said: Terraform's provider says false unasked.
        items.insert("oidc_verify_cert".to_owned(), Value::Bool(true));
        let read = |items| serde_json::from_value(Value::Object(items)).ok();
        read(items.clone())
            .or_else(|| {
                items.remove(PARAMETERS);
                read(items)
            })
            .unwrap_or_default()
    }

    /// The items of the configuration that lead to these settings, **with the secret**, and to their being in use.
    pub fn items(&self) -> impl Iterator<Item = (String, Value)> {
        let items = match serde_json::to_value(self) {
            Ok(Value::Object(items)) => items,
            _ => serde_json::Map::new(),
        };
        iter::once(("auth_mode".to_owned(), Value::from(AuthMode::Oidc.as_str()))).chain(items)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use berth_configuration::{Configuration, Environment, Locks, Parts, Seals};
    use berth_testkit::{CountingIds, Memory};
    use serde_json::json;

    use super::*;

    fn configuration(locks: Locks) -> Configuration {
        let memory = Arc::new(Memory::new());
        Configuration::new(Parts {
            read: memory.clone(),
            write: memory,
            ids: Arc::new(CountingIds::default()),
            environment: Environment { seals: Seals::new("the text of a key", None), locks },
        })
    }

    async fn in_use(configuration: &Configuration) -> Option<Settings> {
        Settings::in_use(&configuration.get().await.unwrap())
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
        let configuration = configuration(Locks::default());
        assert_eq!(in_use(&configuration).await, None, "nothing is configured");
        put(&configuration, settings().items()).await;
        assert_eq!(in_use(&configuration).await, Some(settings()));
        let mode = [("auth_mode".to_owned(), json!("db_auth"))];
        put(&configuration, mode.into_iter()).await;
        assert_eq!(in_use(&configuration).await, None, "the provider is not in use any more");
    }

    #[tokio::test]
    async fn what_cannot_be_meant_changes_nothing_else() {
        let configuration = configuration(Locks::default());
        put(&configuration, settings().items()).await;
        let odd = [("oidc_extra_redirect_parms", json!("{")), ("oidc_verify_cert", json!(false))];
        put(&configuration, odd.map(|(name, value)| (name.to_owned(), value)).into_iter()).await;
        let without = Settings { extra_redirect_parms: BTreeMap::new(), ..settings() };
        assert_eq!(in_use(&configuration).await, Some(without));
    }

    #[tokio::test]
    async fn the_environment_can_decide_all_of_it() {
        let configuration = configuration(Locks::default().and("--oidc", settings().items()).unwrap());
        assert_eq!(in_use(&configuration).await, Some(settings()));
    }
}
