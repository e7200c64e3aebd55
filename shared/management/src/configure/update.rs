//! `PUT /configurations`: some items, by name. Names that Harbor does not have are passed over, as Harbor does; what is not there yet,
//! or cannot be changed here, can only be set to what it is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::items::{NOT_YET, items};
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::store::{Configured, MAX_BANNER_BYTES, ProjectCreation};

/// As many days as a robot can live.
const MAX_ROBOT_DAYS: i64 = 365 * 1000;

/// A change of one item.
#[derive(Debug, Clone)]
enum Change {
    ProjectCreation(ProjectCreation),
    RobotDuration(i64),
    Banner(String),
}

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let body: BTreeMap<String, Value> = call.asked.json()?;
    let world = call.world();
    let configured = world.configuration.get().await?;
    let known = items(&configured, &world.settings);
    let mut changes: Vec<Change> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for (name, value) in body.iter().filter(|(_, value)| !value.is_null()) {
        match known.iter().find(|item| item.name == name) {
            Some(item) if item.editable => {
                changes.push(change(name, value)?);
                names.push(item.name);
            }
            Some(item) if item.value == *value => {}
            Some(_) => return Err(Failure::bad_request(format!("{name} cannot be changed here"))),
            None if NOT_YET.contains(&name.as_str()) => {
                return Err(Failure::bad_request(format!("{name}: this registry does not have it yet")));
            }
            None => {}
        }
    }
    let apply = |configured: &mut Configured| {
        for change in changes.clone() {
            match change {
                Change::ProjectCreation(who) => configured.project_creation = who,
                Change::RobotDuration(days) => configured.robot_duration_days = days,
                Change::Banner(text) => configured.banner_message = text,
            }
        }
    };
    if !world.configuration.update(apply).await? {
        return Err(Failure::conflict("others are changing the configuration; try again"));
    }
    Ok(Answer::ok().about("system").saying(format!("update configuration: {}", names.join(", "))))
}

fn change(name: &str, value: &Value) -> Result<Change, Failure> {
    let wrong = |expected: &str| Failure::bad_request(format!("{name} must be {expected}"));
    match name {
        "project_creation_restriction" => {
            let who = value.as_str().and_then(ProjectCreation::parse);
            who.map(Change::ProjectCreation).ok_or_else(|| wrong("everyone or adminonly"))
        }
        "robot_token_duration" => {
            let days = value.as_i64().filter(|days| *days == -1 || (1..=MAX_ROBOT_DAYS).contains(days));
            days.map(Change::RobotDuration).ok_or_else(|| wrong("-1 or a positive number of days"))
        }
        "banner_message" => {
            let text = value.as_str().filter(|text| text.len() <= MAX_BANNER_BYTES);
            text.map(|text| Change::Banner(text.to_owned()))
                .ok_or_else(|| wrong("a text of at most 4096 bytes"))
        }
        _ => Err(wrong("left as it is")),
    }
}
