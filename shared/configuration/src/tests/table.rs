//! Every item of the table.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{KEY, configuration, document, set, shown, stored};
use crate::items::item;
use crate::{Configured, Item, Kind, Plain, Refusal, Source, items};

/// Values that an item can have, the first of them not the default; and values that it cannot.
fn examples(item: &Item) -> (Vec<Value>, Vec<Value>) {
    let wrong = |more: &[Value]| more.iter().cloned().chain([json!([]), json!({}), json!(1.5)]).collect();
    match item.kind {
        Kind::Flag => {
            let default = item.default == Plain::Flag(true);
            (vec![json!(!default), json!(default)], wrong(&[json!("true"), json!(1)]))
        }
        Kind::Number { min, max } => {
            (vec![json!(min), json!(max)], wrong(&[json!(min - 1), json!(max + 1), json!("1"), json!(true)]))
        }
        Kind::Days { max } => {
            (vec![json!(1), json!(-1), json!(max)], wrong(&[json!(0), json!(-2), json!(max + 1), json!("1")]))
        }
        Kind::Word(words) => {
            let good = words.iter().rev().map(|word| json!(word)).collect();
            (good, wrong(&[json!(""), json!("other"), json!(0), json!(words[0].to_uppercase())]))
        }
        Kind::Text { max_bytes } => {
            let good = vec![json!("a: ü\n\"'"), json!("a".repeat(max_bytes)), json!("")];
            (good, wrong(&[json!("a".repeat(max_bytes + 1)), json!("\0"), json!("\u{1b}[1m"), json!(1)]))
        }
        Kind::Secret => {
            let good = vec![json!("s3cret ü"), json!("s".repeat(1024))];
            (good, wrong(&[json!("s".repeat(1025)), json!("a\0b"), json!(1)]))
        }
    }
}

#[tokio::test]
async fn every_item_that_can_be_set_is_kept_as_it_was_set_and_nothing_else_is_taken() {
    for item in items().filter(|item| item.source == Source::Api) {
        let memory = Arc::default();
        let configuration = configuration(&memory, (KEY, None), &[]);
        let (good, wrong) = examples(item);
        for value in good {
            set(&configuration, json!({ item.name: value })).await.unwrap();
            let configured = configuration.get().await.unwrap();
            assert_eq!(configured.value(item), value, "{}", item.name);
            let expected = (!item.is_secret()).then(|| (value.clone(), true));
            assert_eq!(shown(&configuration, item.name).await, expected, "{}", item.name);
            // What is there can be said again.
            assert!(configured.change(&document(json!({ item.name: value }))).unwrap().is_empty());
        }
        let before = stored(&memory).await;
        for value in wrong {
            let refused = set(&configuration, json!({ item.name: value, "banner_message": "new" })).await;
            let is_malformed = matches!(&refused, Err(Refusal::Malformed { name, .. }) if *name == item.name);
            // The last of two values for one name counts, so one that is for the banner itself is not there.
            assert!(is_malformed || item.name == "banner_message", "{} {value}: {refused:?}", item.name);
        }
        if item.name != "banner_message" {
            assert_eq!(stored(&memory).await, before, "{}", item.name);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_set_can_be_said_as_it_is() {
    let configuration = configuration(&Arc::default(), (KEY, None), &[]);
    for item in items().filter(|item| item.source != Source::Api) {
        let (value, editable) = shown(&configuration, item.name).await.unwrap();
        assert_eq!((&value, editable), (&item.default.value(), false), "{}", item.name);
        assert_eq!(set(&configuration, json!({ item.name: value })).await, Ok(()));
        for other in [json!("other"), json!(7), json!(true)] {
            let refused = set(&configuration, json!({ item.name: other })).await;
            assert_eq!(refused, Err(Refusal::Fixed(item.name)), "{} {other}", item.name);
        }
    }
    for name in crate::items::UNSUPPORTED {
        assert_eq!(set(&configuration, json!({ name: "x" })).await, Err(Refusal::Unsupported(name)));
        assert!(item(name).is_none());
    }
}

#[test]
fn the_table_is_sound() {
    let mut names = BTreeSet::new();
    let mut variables = BTreeSet::new();
    for item in items() {
        assert!(names.insert(item.name), "{} is there twice", item.name);
        assert!(item.kind.of_document(&item.default.value()).is_some(), "{}", item.name);
        assert!(item.meaning.ends_with('.') && !item.meaning.contains('|'), "{}", item.name);
        if let Some(variable) = item.variable() {
            assert!(variables.insert(variable), "{}", item.name);
        }
    }
    assert!(names.len() > 45);
}

/// What is read by name is in the table, and is of that kind: a value that is not the default comes back.
#[test]
fn every_reader_reads_its_item() {
    let mut configured = Configured::default();
    for item in items().filter(|item| item.source == Source::Api) {
        configured.values.insert(item.name.to_owned(), examples(item).0.swap_remove(0));
    }
    assert_eq!(configured.auth_mode(), crate::AuthMode::Oidc);
    assert_eq!(configured.project_creation(), crate::ProjectCreation::AdminOnly);
    assert!(configured.is_primary_auth_mode());
    assert_eq!((configured.robot_duration_days(), configured.session_timeout_mins()), (1, 1));
    let text = "a: ü\n\"'";
    assert_eq!(configured.banner_message(), text);
    let oidc = configured.oidc();
    let texts = [
        "oidc_name",
        "oidc_endpoint",
        "oidc_client_id",
        "oidc_scope",
        "oidc_user_claim",
        "oidc_groups_claim",
        "oidc_group_filter",
        "oidc_admin_group",
        "oidc_extra_redirect_parms",
    ];
    assert_eq!(texts.map(|name| oidc[name].as_str().unwrap()), [text; 9]);
    assert_eq!(oidc["oidc_client_secret"], "s3cret ü");
    let flags = ["oidc_auto_onboard", "oidc_verify_cert", "oidc_logout"];
    assert_eq!(flags.map(|name| oidc[name].as_bool().unwrap()), [true, false, true]);
    assert_eq!(oidc.len(), items().filter(|item| item.name.starts_with("oidc_")).count());
    assert_eq!(configured.ldap().len(), items().filter(|item| item.name.starts_with("ldap_")).count());
}

proptest! {
    #[test]
    fn any_document_is_read_or_refused(
        name in "[a-z_]{1,20}",
        text in "\\PC{0,40}",
        number in any::<i64>(),
        index in any::<prop::sample::Index>(),
    ) {
        let configured = Configured::default();
        let known: Vec<&str> = items().map(|item| item.name).collect();
        let some = index.get(&known);
        for value in [json!(text), json!(number), json!([text])] {
            let _ = configured.change(&document(json!({ &name: value, *some: value })));
        }
    }
}
