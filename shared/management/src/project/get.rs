//! `GET /projects/{project_name_or_id}`.

use super::view::ProjectView;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::repositories;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let repositories = repositories::of_project(call.world(), call.project().name.as_str()).await?;
    Ok(Answer::of(&ProjectView::of(call.rights(), Some(repositories.len()))))
}
