//! `GET /configurations`: each item with its value and whether it can be changed. Secrets are not even named.

use serde_json::{Map, Value, json};

use super::mode;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let world = call.world();
    let configured = world.configuration.get().await?;
    let can_change_mode = mode::can_change(world).await?;
    let shown: Map<String, Value> = configured
        .shown()
        .into_iter()
        .map(|item| {
            let editable = item.editable && (item.name != mode::ITEM || can_change_mode);
            (item.name.to_owned(), json!({ "value": item.value, "editable": editable }))
        })
        .collect();
    Ok(Answer::of(&shown))
}
