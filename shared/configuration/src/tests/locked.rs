//! What the environment decides.

use std::sync::Arc;

use serde_json::json;

use super::{KEY, configuration, get, locks, set, shown};
use crate::{Kind, LockError, Locks, Plain, Refusal, Source, items};

/// A value as somebody would write it into the environment, which is not the default.
fn text(item: &crate::Item) -> String {
    match (item.kind, item.default) {
        (Kind::Flag, default) => (default != Plain::Flag(true)).to_string(),
        (Kind::Number { min, .. }, _) => min.to_string(),
        (Kind::Days { max }, _) => max.to_string(),
        (Kind::Word(words), _) => words[words.len() - 1].to_owned(),
        (Kind::Text { .. } | Kind::Secret, _) => "a text, with = and \"".to_owned(),
    }
}

#[tokio::test]
async fn every_item_with_a_variable_is_locked_by_it() {
    for item in items().filter(|item| item.is_lockable()) {
        let (variable, text) = (item.variable().unwrap(), text(item));
        let memory = Arc::default();
        let free = configuration(&memory, (KEY, None), &[]);
        if item.source == Source::Api {
            let other = item.default.value();
            set(&free, json!({ item.name: other })).await.unwrap();
        }
        let configuration = configuration(&memory, (KEY, None), &[(&variable, &text)]);
        let configured = configuration.get().await.unwrap();
        let expected = item.kind.of_text(&text).unwrap();
        assert_eq!(configured.value(item), expected, "{}", item.name);
        assert_ne!(expected, item.default.value(), "{}", item.name);
        let seen = (!item.is_secret()).then(|| (expected.clone(), false));
        assert_eq!(shown(&configuration, item.name).await, seen, "{}", item.name);
        let locked = Err(Refusal::Locked { name: item.name, variable: variable.clone() });
        assert_eq!(set(&configuration, json!({ item.name: item.default.value() })).await, locked);
        // Nobody learns whether he guessed a secret.
        let said_again = set(&configuration, json!({ item.name: expected })).await;
        assert_eq!(said_again, if item.is_secret() { locked } else { Ok(()) }, "{}", item.name);
        // What was configured is still there when the lock is gone.
        assert_eq!(free.get().await.unwrap().value(item), item.default.value());
    }
}

#[tokio::test]
async fn several_items_are_locked_at_once() {
    let all = json!({ "auth_mode": "ldap_auth", "ldap_timeout": 7, "ldap_verify_cert": false }).to_string();
    let variables = [("BERTH_SETTINGS", all.as_str()), ("BERTH_LDAP_TIMEOUT", "9")];
    let configuration = configuration(&Arc::default(), (KEY, None), &variables);
    assert_eq!(shown(&configuration, "auth_mode").await, Some((json!("ldap_auth"), false)));
    // A variable of its own comes first.
    assert_eq!(shown(&configuration, "ldap_timeout").await, Some((json!(9), false)));
    assert_eq!(shown(&configuration, "ldap_uid").await, Some((json!("cn"), true)));
    let refused = set(&configuration, json!({ "ldap_verify_cert": true })).await.unwrap_err();
    assert!(refused.to_string().contains("BERTH_SETTINGS"), "{refused}");
}

#[test]
fn an_environment_that_means_nothing_is_refused() {
    for (variable, value, expected) in [
        ("BERTH_AUTH_MODE", "ldap", "BERTH_AUTH_MODE: auth_mode must be db_auth, ldap_auth, oidc_auth"),
        ("BERTH_LDAP_TIMEOUT", "0", "BERTH_LDAP_TIMEOUT: ldap_timeout must be a number from 1 to 60"),
        ("BERTH_LDAP_VERIFY_CERT", "yes", "BERTH_LDAP_VERIFY_CERT: ldap_verify_cert must be true or false"),
        ("BERTH_SETTINGS", "auth_mode", "BERTH_SETTINGS must be a JSON object of items"),
        ("BERTH_SETTINGS", "[]", "BERTH_SETTINGS must be a JSON object of items"),
        (
            "BERTH_SETTINGS",
            "{\"ldap_ur\": \"x\"}",
            "BERTH_SETTINGS: there is no item ldap_ur that can be set",
        ),
        (
            "BERTH_SETTINGS",
            "{\"read_only\": true}",
            "BERTH_SETTINGS: there is no item read_only that can be set",
        ),
        (
            "BERTH_SETTINGS",
            "{\"token_expiration\": 5}",
            "BERTH_SETTINGS: there is no item token_expiration that can be set",
        ),
    ] {
        let error = Locks::read(get(&[(variable, value)])).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let secret = "x".repeat(2000);
    let error = Locks::read(get(&[("BERTH_OIDC_CLIENT_SECRET", &secret)])).unwrap_err();
    assert!(matches!(&error, LockError::Malformed { .. }) && !error.to_string().contains("xxx"), "{error}");
}

#[test]
fn what_is_empty_or_unknown_locks_nothing() {
    let variables =
        [("BERTH_LDAP_URL", ""), ("BERTH_SETTINGS", ""), ("BERTH_READ_ONLY", "true"), ("BERTH_X", "1")];
    assert_eq!(locks(&variables), Locks::default());
    assert_eq!(locks(&[("BERTH_SETTINGS", "{}")]), Locks::default());
}

#[tokio::test]
async fn the_lifetime_of_tokens_is_that_of_the_process() {
    let mut configuration = configuration(&Arc::default(), (KEY, None), &[]);
    configuration.locks = Arc::new(Locks::default().with_token_ttl(301));
    assert_eq!(shown(&configuration, "token_expiration").await, Some((json!(6), false)));
}
