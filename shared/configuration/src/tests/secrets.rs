//! Secrets: sealed in the table, shown nowhere, and what becomes of them when the key changes.

use std::sync::Arc;

use berth_testkit::{CountingIds, Memory};
use serde_json::json;

use super::{KEY, configuration, document, set, stored};
use crate::{Seals, items};

const SECRET: &str = "Very-Secret-1";

async fn with_secrets(memory: &Arc<Memory>) {
    let configuration = configuration(memory, (KEY, None), &[]);
    let both = json!({ "ldap_search_password": SECRET, "oidc_client_secret": SECRET });
    set(&configuration, both).await.unwrap();
}

async fn password(memory: &Arc<Memory>, keys: (&str, Option<&str>)) -> String {
    let configured = configuration(memory, keys, &[]).get().await.unwrap();
    let secret = configured.oidc()["oidc_client_secret"].clone();
    assert_eq!(configured.ldap()["ldap_search_password"], secret);
    secret.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_secret_is_readable_in_the_table_or_shown() {
    let memory = Arc::default();
    with_secrets(&memory).await;
    let table = stored(&memory).await;
    assert!(table.contains("oidc_client_secret") && !table.contains(SECRET), "{table}");
    let configuration = configuration(&memory, (KEY, None), &[("BERTH_LDAP_SEARCH_PASSWORD", SECRET)]);
    let configured = configuration.get().await.unwrap();
    let change = configured.change(&document(json!({ "oidc_client_secret": format!("{SECRET}2") }))).unwrap();
    let refused = configured.change(&document(json!({ "ldap_search_password": SECRET }))).unwrap_err();
    let wrong = configured.change(&document(json!({ "oidc_client_secret": [SECRET] }))).unwrap_err();
    let everything = format!(
        "{configured:?} {:?} {change:?} {refused:?} {refused} {wrong:?} {wrong} {:?} {:?}",
        configured.shown(),
        configured.locks,
        Seals::new(KEY, None),
    );
    assert!(!everything.contains(SECRET) && !everything.contains(KEY), "{everything}");
    for item in items().filter(|item| item.is_secret()) {
        assert!(configured.shown().iter().all(|shown| shown.name != item.name), "{}", item.name);
    }
}

#[tokio::test]
async fn the_same_secret_looks_different_each_time() {
    let memory = Arc::default();
    with_secrets(&memory).await;
    let table: serde_json::Value = serde_json::from_str(&stored(&memory).await).unwrap();
    assert_ne!(table["sealed"]["ldap_search_password"], table["sealed"]["oidc_client_secret"]);
}

#[tokio::test]
async fn an_empty_secret_is_none() {
    let memory = Arc::default();
    with_secrets(&memory).await;
    let emptied = configuration(&memory, (KEY, None), &[]);
    set(&emptied, json!({ "ldap_search_password": "", "oidc_client_secret": "" })).await.unwrap();
    assert_eq!(password(&memory, (KEY, None)).await, "");
    assert!(!stored(&memory).await.contains("1."));
}

#[tokio::test]
async fn secrets_survive_rotations_as_long_as_somebody_reads_between_them() {
    let memory = Arc::default();
    with_secrets(&memory).await;
    let first = stored(&memory).await;
    assert_eq!(password(&memory, ("second", Some(KEY))).await, SECRET);
    // That read has sealed them anew; the next one leaves them as they are.
    let second = stored(&memory).await;
    assert_ne!(first, second);
    assert_eq!(password(&memory, ("second", Some(KEY))).await, SECRET);
    assert_eq!(stored(&memory).await, second);
    assert_eq!(password(&memory, ("third", Some("second"))).await, SECRET);
    // Two rotations without a read between them.
    assert_eq!(password(&memory, ("fifth", Some("fourth"))).await, "");
    let again = configuration(&memory, ("fifth", Some("fourth")), &[]);
    set(&again, json!({ "ldap_search_password": "new", "oidc_client_secret": "new" })).await.unwrap();
    assert_eq!(password(&memory, ("fifth", None)).await, "new");
}

#[test]
fn a_seal_is_of_one_key_one_item_and_one_text() {
    let (seals, ids) = (Seals::new(KEY, None), CountingIds::default());
    let sealed = seals.seal("oidc_client_secret", SECRET, &ids).unwrap();
    assert_eq!(seals.open("oidc_client_secret", &sealed).unwrap().secret, SECRET);
    assert!(seals.open("ldap_search_password", &sealed).is_none());
    assert!(Seals::new("other", None).open("oidc_client_secret", &sealed).is_none());
    for index in 0..sealed.len() {
        let mut broken = sealed.clone().into_bytes();
        broken[index] = if broken[index] == b'A' { b'B' } else { b'A' };
        let broken = String::from_utf8(broken).unwrap();
        let opened = seals.open("oidc_client_secret", &broken);
        // The last character of base64 may have bits that mean nothing; those are refused too.
        assert!(opened.is_none(), "{index}");
    }
    for odd in ["", "1.", "2.AAAA", "1.AAAA", "1.****", SECRET] {
        assert!(seals.open("oidc_client_secret", odd).is_none(), "{odd}");
    }
}
