//! `DELETE /v2/<name>/blobs/uploads/<session>` (end-14).

use berth_protocol::RepositoryName;
use http::StatusCode;

use super::Outcome;
use crate::answer::Answer;
use crate::service::{Call, Inner};

pub(super) async fn cancel(oci: &Inner, call: Call, name: &RepositoryName, session: &str) -> Outcome {
    let permit = oci.authorizer.push(&call.caller, name).await?;
    let session = oci.registry.check_session(&permit, session)?;
    oci.registry.cancel_upload(&permit, &session).await?;
    Ok(Answer::new(StatusCode::NO_CONTENT))
}
