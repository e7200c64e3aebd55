//! `GET /health`: whether the parts answer.

use serde_json::json;

use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::route::{Route, Verb, run};

pub(crate) const ROUTES: &[Route] = &[Route::new(Verb::Get, "/health", "getHealth", "health")
    .about("The health of the parts")
    .anyone(run!(self::answer))];

const HEALTHY: &str = "healthy";
const UNHEALTHY: &str = "unhealthy";

/// Always 200: what is unwell is in the document. One read.
async fn answer(call: Call<Anyone>) -> Outcome {
    let is_well = call.is_storage_well().await;
    let status = if is_well { HEALTHY } else { UNHEALTHY };
    let mut database = json!({ "name": "database", "status": status });
    if !is_well {
        database["error"] = json!("storage does not answer");
    }
    let components = json!([{ "name": "core", "status": HEALTHY }, database]);
    Ok(Answer::of(&json!({ "status": status, "components": components })))
}
