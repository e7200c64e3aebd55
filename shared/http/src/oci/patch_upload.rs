//! `PATCH /v2/<name>/blobs/uploads/<session>` (end-5): a chunk, or the whole blob as a stream.

use berth_protocol::RepositoryName;
use http::StatusCode;

use super::{Outcome, upload_answer};
use crate::payload::content_range;
use crate::service::{Call, Inner};

pub(super) async fn patch(oci: &Inner, call: Call, name: &RepositoryName, session: &str) -> Outcome {
    let permit = oci.authorizer.push(&call.caller, name).await?;
    let session = oci.registry.check_session(&permit, session)?;
    let range = content_range(&call.headers)?;
    let offset_bytes = oci.registry.append_upload(&permit, &session, range, call.payload.stream()).await?;
    Ok(upload_answer::open(oci, StatusCode::ACCEPTED, &permit, &session, offset_bytes))
}
