//! `PUT /v2/<name>/manifests/<reference>` (end-7a, end-7b).

use berth_protocol::limits::MAX_MANIFEST_BYTES;
use berth_protocol::{ErrorCode, MediaType, Reference, RepositoryName, Request, Tag, headers};
use berth_registry::manifest::PutManifest;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::Outcome;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::service::{Call, Inner};

const WITHDRAWN: &str =
    "the OCI artifact manifest was withdrawn; push an image manifest with artifactType instead";

pub(super) async fn put(
    oci: &Inner,
    call: Call,
    name: &RepositoryName,
    reference: &Reference,
    tags: &[Tag],
) -> Outcome {
    let permit = oci.authorizer.push(&call.caller, name).await?;
    call.admitted(&permit);
    let media_type = content_type(&call)?;
    let body = call.payload.collect(MAX_MANIFEST_BYTES).await?.ok_or(ErrorCode::ManifestTooLarge)?;
    let request = PutManifest { reference, tags, media_type: media_type.as_ref(), body };
    let outcome = oci.registry.put_manifest(&permit, request).await?;

    let location = Request::GetManifest { name: name.clone(), reference: reference.clone() }.url();
    let mut answer = Answer::new(StatusCode::CREATED).location(location).digest(&outcome.digest).length(0);
    if let Some(subject) = &outcome.subject {
        answer = answer.header(headers::OCI_SUBJECT, subject.to_string());
    }
    for tag in tags {
        answer = answer.header(headers::OCI_TAG, tag.as_str());
    }
    Ok(if outcome.withdrawn_media_type { answer.warning(WITHDRAWN) } else { answer })
}

/// The declared media type. `application/json` and `application/octet-stream` say nothing and count as absent.
fn content_type(call: &Call) -> Result<Option<MediaType>, Failure> {
    let Some(value) = call.headers.get(CONTENT_TYPE) else { return Ok(None) };
    let media_type = value.to_str().ok().and_then(|value| MediaType::from_header(value).ok());
    let media_type = media_type
        .ok_or_else(|| Failure::message(ErrorCode::ManifestInvalid, "Content-Type is not a media type"))?;
    let says_nothing = [MediaType::JSON, MediaType::OCTET_STREAM].contains(&media_type);
    Ok((!says_nothing).then_some(media_type))
}
