//! `GET /configurations`: each item with its value and whether it can be changed.

use serde_json::{Map, Value, json};

use super::items::items;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let configured = call.world().configuration.get().await?;
    let shown = items(&configured, &call.world().settings);
    let shown: Map<String, Value> = shown
        .into_iter()
        .map(|item| (item.name.to_owned(), json!({ "value": item.value, "editable": item.editable })))
        .collect();
    Ok(Answer::of(&shown))
}
