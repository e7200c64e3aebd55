//! `GET /projects/{project_name_or_id}/artifacts`.

use super::listing;
use super::wanted::Wanted;
use crate::access::{Call, InProject};
use crate::answer::Outcome;
use crate::failure::Failure;
use crate::repositories;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let are_newest = call.asked.query_switch("latest_in_repository")?.unwrap_or(false);
    let wanted = Wanted::of(&call.asked)?;
    if are_newest && !wanted.names_a_kind() {
        return Err(Failure::bad_request("latest_in_repository=true needs artifact_type or media_type in q"));
    }
    let names = repositories::of_project(call.world(), call.project().name.as_str()).await?;
    listing::page(&call, &names, &wanted, are_newest).await
}
