//! `GET /v2/` (end-1): does this host speak the API?

use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;

pub(super) fn answer() -> Answer {
    Answer::new(StatusCode::OK).json(&json!({}))
}
