//! `GET /auditlog-exts/events`: every change that the table of routes has, by what the log calls it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::access::{Call, SignedIn};
use crate::answer::Answer;
use crate::router::routes;

pub(super) fn answer(_: &Call<SignedIn>) -> Answer {
    let names = routes().filter_map(|route| route.audit);
    let names: BTreeSet<String> =
        names.map(|(operation, resource_type)| format!("{operation}_{resource_type}")).collect();
    let events: Vec<Value> = names.into_iter().map(|name| json!({ "event_type": name })).collect();
    Answer::of(&events)
}
