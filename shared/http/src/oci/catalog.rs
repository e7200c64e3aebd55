//! `GET /v2/_catalog`: all repositories.

use berth_protocol::{Page, Request};
use http::StatusCode;
use serde_json::json;

use super::Outcome;
use crate::answer::Answer;
use crate::service::{Call, Inner};

pub(super) async fn list(oci: &Inner, call: Call, page: &Page) -> Outcome {
    let permit = oci.authorizer.catalog(&call.caller).await?;
    let found = oci.registry.list_repositories(&permit, page).await?;
    let answer = Answer::new(StatusCode::OK).json(&json!({ "repositories": found.items }));
    Ok(match found.items.last().filter(|_| found.more) {
        None => answer,
        Some(last) => {
            let page = Page { n: Some(page.size()), last: Some(last.to_string()) };
            answer.next_page(&Request::Catalog { page }.url())
        }
    })
}
