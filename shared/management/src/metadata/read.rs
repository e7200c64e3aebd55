//! `GET …/metadatas` and `GET …/metadatas/{meta_name}`.

use serde_json::json;

use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::project::view::metadata;

pub(super) fn all(call: &Call<InProject>) -> Answer {
    Answer::of(&metadata(call.project()))
}

pub(super) fn one(call: &Call<InProject>) -> Outcome {
    let name = call.asked.parameter("meta_name");
    match metadata(call.project()).get(name) {
        Some(value) => Ok(Answer::of(&json!({ name: value }))),
        None => Err(Failure::not_found(format!("project setting {name} not found"))),
    }
}
