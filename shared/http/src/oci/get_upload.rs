//! `GET /v2/<name>/blobs/uploads/<session>` (end-13): how far the upload is.

use berth_protocol::RepositoryName;
use http::StatusCode;

use super::{Outcome, upload_answer};
use crate::service::{Call, Inner};

pub(super) async fn get(oci: &Inner, call: Call, name: &RepositoryName, session: &str) -> Outcome {
    let permit = oci.authorizer.push(&call.caller, name).await?;
    let session = oci.registry.check_session(&permit, session)?;
    let offset_bytes = oci.registry.upload_offset(&permit, &session).await?;
    Ok(upload_answer::open(oci, StatusCode::NO_CONTENT, &permit, &session, offset_bytes))
}
