//! `GET /v2/<name>/referrers/<digest>` (end-12). An unknown subject has an empty list, not a 404.

use berth_protocol::{Digest, MediaType, Page, RepositoryName, Request, headers};
use http::StatusCode;
use serde_json::json;

use super::Outcome;
use crate::answer::Answer;
use crate::service::{Call, Inner};

pub(super) async fn list(
    oci: &Inner,
    call: Call,
    name: &RepositoryName,
    subject: &Digest,
    artifact_type: Option<&str>,
    page: &Page,
) -> Outcome {
    let permit = oci.authorizer.pull(&call.caller, name).await?;
    let found = oci.registry.list_referrers(&permit, subject, artifact_type, page).await?;
    let index = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_INDEX.as_str(),
        "manifests": found.items,
    });
    let mut answer = Answer::new(StatusCode::OK).content_type(MediaType::OCI_INDEX.as_str()).json(&index);
    if artifact_type.is_some() {
        answer = answer.header(headers::OCI_FILTERS_APPLIED, "artifactType");
    }
    Ok(match found.next {
        None => answer,
        Some(last) => {
            let page = Page { n: page.n, last: Some(last) };
            let (name, digest) = (name.clone(), subject.clone());
            let artifact_type = artifact_type.map(str::to_owned);
            answer.next_page(&Request::ListReferrers { name, digest, artifact_type, page }.url())
        }
    })
}
