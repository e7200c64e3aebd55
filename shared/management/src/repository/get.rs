//! `GET /projects/{project_name}/repositories/{repository_name}`.

use super::name::{missing, name_of};
use super::view::RepositoryView;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let name = name_of(&call)?;
    let permit = call.pull(&name).await?;
    let view = RepositoryView::read(call.world(), call.project(), &permit).await?;
    Ok(Answer::of(&view.ok_or_else(|| missing(&name))?))
}
