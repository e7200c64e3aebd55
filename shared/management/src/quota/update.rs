//! `PUT /quotas/{id}`: there are no limits yet. Saying so again is well; anything else would be a promise that nobody keeps.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{UNLIMITED, find};
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Debug, Deserialize)]
struct QuotaBody {
    #[serde(default)]
    hard: BTreeMap<String, i64>,
}

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let body: QuotaBody = call.asked.json()?;
    let project = find(&call).await?;
    if body.hard.is_empty() {
        return Err(Failure::bad_request("hard required in body"));
    }
    if let Some((name, _)) = body.hard.iter().find(|(name, _)| *name != "storage") {
        return Err(Failure::bad_request(format!("resource {name} not support")));
    }
    if body.hard.values().any(|limit| *limit != UNLIMITED) {
        return Err(Failure::not_yet("a limit to what a project may hold"));
    }
    Ok(Answer::ok().about(project.name))
}
