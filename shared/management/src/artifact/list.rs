//! `GET /projects/{project_name}/repositories/{repository_name}/artifacts`.

use super::listing;
use super::wanted::Wanted;
use crate::access::{Call, InProject};
use crate::answer::Outcome;
use crate::repository::name_of;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let name = name_of(&call)?;
    listing::page(&call, &[name], &Wanted::of(&call.asked)?, false).await
}
