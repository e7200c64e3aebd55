//! `HEAD /projects?project_name=`: 200 if there is such a project, 404 if not. A project that somebody may not know of looks as if
//! it were not there; making one of its name tells that the name is taken, and nothing more.

use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(super) async fn answer(call: Call<Anyone>) -> Outcome {
    let name = call.asked.required("project_name")?;
    if call.sees(name).await? {
        return Ok(Answer::ok());
    }
    if call.is_anonymous() {
        return Err(Failure::unauthorized());
    }
    Err(Failure::not_found(format!("project {name} not found")))
}
