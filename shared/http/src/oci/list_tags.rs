//! `GET /v2/<name>/tags/list` (end-8).

use berth_protocol::{ErrorCode, Page, RepositoryName, Request};
use http::StatusCode;
use serde_json::json;

use super::Outcome;
use crate::answer::Answer;
use crate::service::{Call, Inner};

pub(super) async fn list(oci: &Inner, call: Call, name: &RepositoryName, page: &Page) -> Outcome {
    let permit = oci.authorizer.pull(&call.caller, name).await?;
    let found = oci.registry.list_tags(&permit, page).await?.ok_or(ErrorCode::NameUnknown)?;
    let answer = Answer::new(StatusCode::OK).json(&json!({ "name": name, "tags": found.items }));
    Ok(match found.items.last().filter(|_| found.more) {
        None => answer,
        Some(last) => {
            let page = Page { n: Some(page.size()), last: Some(last.to_string()) };
            answer.next_page(&Request::ListTags { name: name.clone(), page }.url())
        }
    })
}
