//! `GET` and `HEAD /v2/<name>/manifests/<reference>` (end-3).

use berth_protocol::{ErrorCode, Reference, RepositoryName};
use berth_registry::ports::ManifestRecord;
use http::StatusCode;
use http::header::ETAG;

use super::Outcome;
use super::get_blob::names_digest;
use crate::answer::Answer;
use crate::service::{Call, Inner};

pub(super) async fn head(oci: &Inner, call: Call, name: &RepositoryName, reference: &Reference) -> Outcome {
    let permit = oci.authorizer.pull(&call.caller, name).await?;
    let record = oci.registry.head_manifest(&permit, reference).await?.ok_or(ErrorCode::ManifestUnknown)?;
    if names_digest(&call.headers, &record.digest) {
        return Ok(described(StatusCode::NOT_MODIFIED, &record));
    }
    Ok(described(StatusCode::OK, &record).length(record.size_bytes))
}

pub(super) async fn get(oci: &Inner, call: Call, name: &RepositoryName, reference: &Reference) -> Outcome {
    let permit = oci.authorizer.pull(&call.caller, name).await?;
    call.admitted(&permit);
    let record = oci.registry.head_manifest(&permit, reference).await?.ok_or(ErrorCode::ManifestUnknown)?;
    if names_digest(&call.headers, &record.digest) {
        return Ok(described(StatusCode::NOT_MODIFIED, &record));
    }
    let body = oci.registry.manifest_body(&permit, &record).await?;
    Ok(described(StatusCode::OK, &record).bytes(body))
}

fn described(status: StatusCode, record: &ManifestRecord) -> Answer {
    Answer::new(status)
        .digest(&record.digest)
        .content_type(&record.media_type)
        .header(ETAG, format!("\"{}\"", record.digest))
}
