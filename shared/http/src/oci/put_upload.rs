//! `PUT /v2/<name>/blobs/uploads/<session>?digest=<digest>` (end-6): the end of an upload, with its last bytes, all or none.

use berth_protocol::{Digest, ErrorCode, RepositoryName};

use super::{Outcome, upload_answer};
use crate::failure::Failure;
use crate::payload::content_range;
use crate::service::{Call, Inner};

pub(super) async fn put(
    oci: &Inner,
    call: Call,
    name: &RepositoryName,
    session: &str,
    digest: Option<&Digest>,
) -> Outcome {
    let permit = oci.authorizer.push(&call.caller, name).await?;
    let session = oci.registry.check_session(&permit, session)?;
    let digest = digest
        .ok_or_else(|| Failure::message(ErrorCode::DigestInvalid, "the query must have digest=<digest>"))?;
    let range = content_range(&call.headers)?;
    oci.registry.finish_upload(&permit, &session, digest, range, call.payload.stream()).await?;
    Ok(upload_answer::created(name, digest))
}
