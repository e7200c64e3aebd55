//! The configuration in memory.

mod locked;
mod secrets;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_records::{Key, RecordRead};
use berth_testkit::{CountingIds, Memory};
use serde_json::{Value, json};

use crate::{Configuration, Environment, Locks, Parts, Refusal, Seals};

const KEY: &str = "the text of a key for tests, long enough";

/// The configuration in `memory`, with these keys and variables.
fn configuration(
    memory: &Arc<Memory>,
    keys: (&str, Option<&str>),
    variables: &[(&str, &str)],
) -> Configuration {
    let environment = Environment { seals: Seals::new(keys.0, keys.1), locks: locks(variables) };
    let (read, write) = (memory.clone(), memory.clone());
    Configuration::new(Parts { read, write, ids: Arc::new(CountingIds::default()), environment })
}

fn locks(variables: &[(&str, &str)]) -> Locks {
    Locks::read(get(variables)).unwrap()
}

fn get(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

fn document(value: Value) -> BTreeMap<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// Sets what a document says.
async fn set(configuration: &Configuration, asked: Value) -> Result<(), Refusal> {
    let change = configuration.get().await.unwrap().change(&document(asked))?;
    assert!(configuration.update(&change).await.unwrap());
    Ok(())
}

/// The value of an item as it is shown, and whether it can be changed.
async fn shown(configuration: &Configuration, name: &str) -> Option<(Value, bool)> {
    let shown = configuration.get().await.unwrap().shown();
    shown.into_iter().find(|item| item.name == name).map(|item| (item.value, item.editable))
}

/// What lies in the table.
async fn stored(memory: &Memory) -> String {
    let found = memory.get(&[Key::new("configuration", "system")]).await.unwrap();
    found[0].as_ref().map(|record| record.document.clone()).unwrap_or_default()
}

#[tokio::test]
async fn what_nobody_set_is_the_default() {
    let configuration = configuration(&Arc::default(), (KEY, None), &[]);
    let configured = configuration.get().await.unwrap();
    assert_eq!(configured.revision(), "");
    assert_eq!(configured.auth_mode(), crate::AuthMode::Database);
    assert_eq!(configured.project_creation(), crate::ProjectCreation::Everyone);
    assert_eq!((configured.robot_duration_days(), configured.session_timeout_mins()), (30, 60));
    let shown = configured.shown().into_iter().find(|shown| shown.name == "audit_retention_days");
    assert_eq!(shown.unwrap().value, 365);
    assert_eq!(configured.ldap()["ldap_group_membership_attribute"], "memberof");
    assert_eq!(configured.oidc()["oidc_verify_cert"], true);
}

#[tokio::test]
async fn a_change_is_seen_and_has_another_revision() {
    let memory = Arc::default();
    let configuration = configuration(&memory, (KEY, None), &[]);
    set(&configuration, json!({ "banner_message": "hi", "unknown": 1, "auth_mode": null })).await.unwrap();
    let first = configuration.get().await.unwrap();
    assert_eq!(first.banner_message(), "hi");
    let same = first.change(&document(json!({ "banner_message": "hi" }))).unwrap();
    assert!(same.is_empty());
    let other = first.change(&document(json!({ "banner_message": "ho", "session_timeout": 5 }))).unwrap();
    assert_eq!(other.names().collect::<Vec<_>>(), ["banner_message", "session_timeout"]);
    assert_eq!(first.after(&other).banner_message(), "ho");
    assert!(configuration.update(&other).await.unwrap());
    let second = configuration.get().await.unwrap();
    assert_ne!(first.revision(), second.revision());
    assert_eq!(second.session_timeout_mins(), 5);
}

/// A record from another version, or one that somebody wrote by hand, does no harm.
#[tokio::test]
async fn values_that_cannot_be_are_as_if_they_were_not_there() {
    use berth_records::{Expect, RecordWrite, put};
    let memory: Arc<Memory> = Arc::default();
    let odd = json!({ "values": { "session_timeout": "soon", "read_only": true, "banner_message": "hi", "gone": 1,
        "ldap_search_password": "plain" }, "sealed": { "oidc_client_secret": "1.AAAA", "ldap_search_password": "" } });
    memory.write(vec![put(Key::new("configuration", "system"), &odd, Expect::Absent)]).await.unwrap();
    let configured = configuration(&memory, (KEY, None), &[]).get().await.unwrap();
    assert_eq!((configured.session_timeout_mins(), configured.banner_message().as_str()), (60, "hi"));
    assert_eq!(
        (&configured.ldap()["ldap_search_password"], &configured.oidc()["oidc_client_secret"]),
        (&json!(""), &json!(""))
    );
}
