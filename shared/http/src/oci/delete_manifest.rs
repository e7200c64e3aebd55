//! `DELETE /v2/<name>/manifests/<reference>` (end-9): a tag alone, or a manifest with all its tags.

use berth_protocol::{Reference, RepositoryName};
use http::StatusCode;

use super::Outcome;
use crate::answer::Answer;
use crate::service::{Call, Inner};

pub(super) async fn delete(oci: &Inner, call: Call, name: &RepositoryName, reference: &Reference) -> Outcome {
    let permit = oci.authorizer.delete(&call.caller, name).await?;
    call.admitted(&permit);
    oci.registry.delete_manifest(&permit, reference).await?;
    Ok(Answer::new(StatusCode::ACCEPTED).length(0))
}
