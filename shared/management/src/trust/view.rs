//! A rule as it is shown.

use berth_audit::calendar;
use berth_identity::trust::{TrustRule, Trusted};
use serde::Serialize;
use serde_json::{Map, Value};

/// A rule, with what it says under the names that it is sent with.
#[derive(Debug, Serialize)]
pub(super) struct RuleView {
    id: u64,
    robot_id: u64,
    robot: String,
    /// `token` or `aws`.
    kind: &'static str,
    creator: String,
    creation_time: String,
    #[serde(flatten)]
    says: Map<String, Value>,
}

impl RuleView {
    pub(super) fn of(rule: &TrustRule) -> Self {
        let (kind, mut says) = match &rule.trusted {
            Trusted::Token(token) => ("token", object(token)),
            Trusted::Aws { rule, registries } => {
                let mut says = object(rule);
                says.insert("audiences".to_owned(), Value::from(registries.clone()));
                ("aws", says)
            }
        };
        // It is the rule's own number, as a text.
        says.remove("id");
        Self {
            id: rule.id,
            robot_id: rule.robot_id,
            robot: rule.robot.clone(),
            kind,
            creator: rule.creator.clone(),
            creation_time: calendar::rfc3339(rule.created_at_secs),
            says,
        }
    }
}

fn object(rule: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(rule) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    }
}
