//! `DELETE /v2/<name>/blobs/<digest>` (end-10).

use berth_protocol::{Digest, RepositoryName};
use http::StatusCode;

use super::Outcome;
use crate::answer::Answer;
use crate::service::{Call, Inner};

pub(super) async fn delete(oci: &Inner, call: Call, name: &RepositoryName, digest: &Digest) -> Outcome {
    let permit = oci.authorizer.delete(&call.caller, name).await?;
    call.admitted(&permit);
    oci.registry.delete_blob(&permit, digest).await?;
    Ok(Answer::new(StatusCode::ACCEPTED).digest(digest).length(0))
}
