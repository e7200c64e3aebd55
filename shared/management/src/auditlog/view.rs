//! An entry as it is shown.

use berth_audit::{Entry, calendar};
use serde_json::{Value, json};

/// Whoever has not signed in has Harbor's name for nobody.
pub(super) fn username(entry: &Entry) -> &str {
    if entry.event.username.is_empty() { "anonymous" } else { &entry.event.username }
}

/// The present form.
pub(super) fn ext(entry: &Entry) -> Value {
    let mut view = old(entry);
    view["operation_description"] = json!(entry.event.description);
    view["operation_result"] = json!(entry.event.succeeded);
    view
}

/// The older form, which knows of successes alone and says nothing about it.
pub(super) fn old(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "username": username(entry),
        "resource": entry.event.resource,
        "resource_type": entry.event.resource_type,
        "operation": entry.event.operation,
        "op_time": calendar::rfc3339_ms(entry.at_ms),
    })
}
