//! `GET /projects/{project_name_or_id}/artifacts`.

use super::listing;
use crate::access::{Call, InProject};
use crate::answer::Outcome;
use crate::failure::Failure;
use crate::query::Filter;
use crate::repositories;

/// One of these says of which kind the newest is to be.
const KINDS: [&str; 2] = ["artifact_type", "media_type"];

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let are_newest = call.asked.query_switch("latest_in_repository")?.unwrap_or(false);
    let filter = call.asked.query("q").map(Filter::parse).transpose()?.unwrap_or_default();
    let has_kind = filter.0.iter().any(|(name, _)| KINDS.iter().any(|kind| name.eq_ignore_ascii_case(kind)));
    if are_newest && !has_kind {
        return Err(Failure::bad_request("latest_in_repository=true needs artifact_type or media_type in q"));
    }
    let names = repositories::of_project(call.world(), call.project().name.as_str()).await?;
    listing::page(&call, &names, are_newest).await
}
