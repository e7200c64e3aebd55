//! `POST /v2/<name>/blobs/uploads/` (end-4a, end-4b, end-4c, end-11).

use berth_protocol::{Algorithm, Digest, ErrorCode, RepositoryName, headers};
use berth_registry::{Caller, Forbidden, Permit, Push};
use http::header::USER_AGENT;
use http::{HeaderValue, StatusCode};

use super::{Outcome, upload_answer};
use crate::failure::Failure;
use crate::service::{Call, Inner};

/// How a blob that is too large for the functions gets in all the same.
pub const LARGE_BLOB_REMEDY: &str = "push with one PUT (docker with the containerd image store, oras, helm, regctl), \
                                     with `berth push`, or through a gateway";

/// What the query asks for.
pub(super) struct Wanted<'a> {
    /// The body is the blob.
    pub(super) digest: Option<&'a Digest>,
    /// The blob may be in another repository already.
    pub(super) mount: Option<(&'a Digest, &'a RepositoryName)>,
    /// The algorithm that the client will commit with.
    pub(super) algorithm: Option<Algorithm>,
}

pub(super) async fn start(oci: &Inner, call: Call, name: &RepositoryName, wanted: Wanted<'_>) -> Outcome {
    let permit = oci.authorizer.push(&call.caller, name).await?;
    if let Some((digest, from)) = wanted.mount
        && mounted(oci, &call.caller, &permit, digest, from).await?
    {
        return Ok(upload_answer::created(name, digest));
    }
    if let Some(digest) = wanted.digest {
        oci.registry.upload_at_once(&permit, digest, call.payload.stream()).await?;
        return Ok(upload_answer::created(name, digest));
    }
    if oci.settings.max_body_bytes.is_some() && streams_everything(call.headers.get(USER_AGENT)) {
        return Err(Failure::message(
            ErrorCode::Unsupported,
            format!("this registry has no gateway and takes no streamed uploads: {LARGE_BLOB_REMEDY}"),
        ));
    }
    let session = oci.registry.start_upload(wanted.algorithm.unwrap_or(Algorithm::Sha256));
    Ok(upload_answer::open(oci, StatusCode::ACCEPTED, &permit, &session, 0)
        .header(headers::OCI_CHUNK_MIN_LENGTH, oci.settings.min_chunk_bytes.to_string()))
}

/// Whether this client sends every blob as a stream of unknown length, which only a gateway can take. It is told so here,
/// before it has sent a layer several times over: docker with a graph driver, and jib. A courtesy, not a boundary.
fn streams_everything(user_agent: Option<&HeaderValue>) -> bool {
    let user_agent = user_agent.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let graph_driver = user_agent.starts_with("docker/") && !user_agent.contains(" containerd-client/");
    graph_driver || user_agent.starts_with("jib ")
}

/// Whether the blob could be mounted. A source that the caller may not read looks like one that lacks the blob.
async fn mounted(
    oci: &Inner,
    caller: &Caller,
    permit: &Permit<Push>,
    digest: &Digest,
    from: &RepositoryName,
) -> Result<bool, Failure> {
    match oci.authorizer.pull(caller, from).await {
        Ok(source) => Ok(oci.registry.mount_blob(permit, &source, digest).await?),
        Err(Forbidden::Unauthenticated | Forbidden::InsufficientScope | Forbidden::Denied(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
