//! `GET /auditlog-exts/events`: every change that the table of routes has, and what the OCI API writes down, by what the log calls
//! it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::access::{Call, SignedIn};
use crate::answer::Answer;
use crate::router::routes;

/// What happens outside of the table of routes.
const ELSEWHERE: [(&str, &str); 6] = [
    ("login", "user"),
    ("pull", "artifact"),
    ("create", "artifact"),
    ("delete", "artifact"),
    ("delete", "tag"),
    ("delete", "blob"),
];

pub(super) fn answer(_: &Call<SignedIn>) -> Answer {
    let names = routes().filter_map(|route| route.audit).chain(ELSEWHERE);
    let names: BTreeSet<String> =
        names.map(|(operation, resource_type)| format!("{operation}_{resource_type}")).collect();
    let events: Vec<Value> = names.into_iter().map(|name| json!({ "event_type": name })).collect();
    Answer::of(&events)
}
