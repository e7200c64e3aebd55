//! Who may do what, once more: `needs.txt` is kept apart from the table of routes, by what is needed instead of by path, so that a
//! change of access is made twice and read by somebody.

use std::collections::BTreeMap;

use berth_projects::{Action, Resource};

use crate::route::Need;
use crate::router::routes;

/// What each operation needs, in words.
pub(super) fn table() -> BTreeMap<&'static str, &'static str> {
    let mut table = BTreeMap::new();
    let mut need = "";
    for line in include_str!("needs.txt").lines() {
        // A line without a colon goes on with the one before.
        let operations = match line.split_once(':') {
            Some((words, operations)) => {
                need = words;
                operations
            }
            None => line,
        };
        for operation in operations.split_whitespace() {
            assert!(table.insert(operation, need).is_none(), "{operation} is there twice");
        }
    }
    table
}

fn words(need: Need) -> String {
    let right = |kind: &str, resource: Resource, action: Action| format!("{kind} {resource} {action}");
    match need {
        Need::Anyone => "anyone".to_owned(),
        Need::SignedIn => "signed-in".to_owned(),
        Need::Nobody => "nobody".to_owned(),
        Need::Named(resource, action) => right("named", resource, action),
        Need::System(resource, action) => right("system", resource, action),
        Need::Project(resource, action) => right("project", resource, action),
        Need::Robot(action) => format!("robot {action}"),
        Need::Label(action) => format!("label {action}"),
        Need::SelfOr(action) => format!("self-or {action}"),
        Need::User(action) => format!("user {action}"),
    }
}

#[test]
fn every_route_needs_what_is_written_down() {
    let mut table = table();
    for route in routes() {
        let expected = table.remove(route.operation);
        assert_eq!(expected, Some(words(route.need).as_str()), "{}", route.operation);
    }
    assert!(table.is_empty(), "there is no route for {table:?}");
}

#[test]
fn every_change_is_audited_and_nothing_else_is() {
    for route in routes() {
        let is_there = !matches!(route.handler, crate::route::Handler::NotYet(_));
        assert_eq!(route.audit.is_some(), is_there && !route.verb.is_safe(), "{}", route.operation);
        assert!(!route.summary.is_empty(), "{}", route.operation);
    }
}
