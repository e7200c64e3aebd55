//! `GET` and `HEAD /v2/<name>/blobs/<digest>` (end-2).
//!
//! HEAD is always answered here, with the length: clients need it, and S3 would answer 403 for what is missing.

use std::ops::RangeInclusive;

use berth_protocol::{ByteRange, Digest, ErrorCode, RepositoryName};
use berth_registry::blob::Download;
use http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE};
use http::{HeaderMap, StatusCode};

use super::Outcome;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::service::{Call, Inner};

/// A blob never changes under its digest.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";

pub(super) async fn head(oci: &Inner, call: Call, name: &RepositoryName, digest: &Digest) -> Outcome {
    let permit = oci.authorizer.pull(&call.caller, name).await?;
    let link = oci.registry.head_blob(&permit, digest).await?.ok_or(ErrorCode::BlobUnknown)?;
    Ok(described(StatusCode::OK, digest).length(link.size_bytes))
}

pub(super) async fn get(oci: &Inner, call: Call, name: &RepositoryName, digest: &Digest) -> Outcome {
    let permit = oci.authorizer.pull(&call.caller, name).await?;
    let link = oci.registry.head_blob(&permit, digest).await?.ok_or(ErrorCode::BlobUnknown)?;
    if names_digest(&call.headers, digest) {
        return Ok(described(StatusCode::NOT_MODIFIED, digest));
    }
    let Ok(range) = wanted_range(&call.headers, digest, link.size_bytes) else {
        return Ok(unsatisfiable(digest, link.size_bytes));
    };
    let download = oci.registry.download_blob(&permit, digest, range.clone(), call.viewer).await?;
    match download.ok_or(ErrorCode::BlobUnknown)? {
        Download::Redirect(path) => Ok(Answer::new(StatusCode::TEMPORARY_REDIRECT)
            .digest(digest)
            .header(CACHE_CONTROL, "no-store")
            .location(path)
            .length(0)),
        Download::Stream(content) => Ok(match range {
            None => described(StatusCode::OK, digest).length(link.size_bytes),
            Some(range) => described(StatusCode::PARTIAL_CONTENT, digest)
                .header(CONTENT_RANGE, format!("bytes {}-{}/{}", range.start(), range.end(), link.size_bytes))
                .length(range.end() - range.start() + 1),
        }
        .stream(content)),
    }
}

fn described(status: StatusCode, digest: &Digest) -> Answer {
    Answer::new(status)
        .digest(digest)
        .content_type("application/octet-stream")
        .header(ACCEPT_RANGES, "bytes")
        .header(CACHE_CONTROL, IMMUTABLE)
        .header(ETAG, format!("\"{digest}\""))
}

/// RFC 9110, section 15.5.17: the answer tells the length.
fn unsatisfiable(digest: &Digest, size_bytes: u64) -> Answer {
    let error = Failure::new(ErrorCode::RangeInvalid).error;
    Answer::new(error.status())
        .digest(digest)
        .content_type("application/json")
        .header(CONTENT_RANGE, format!("bytes */{size_bytes}"))
        .bytes(error.to_json())
}

/// The range to answer with, if one is asked for and its condition holds (RFC 9110, section 13.1.5).
fn wanted_range(
    headers: &HeaderMap,
    digest: &Digest,
    size_bytes: u64,
) -> Result<Option<RangeInclusive<u64>>, berth_protocol::Unsatisfiable> {
    let condition = headers.get(IF_RANGE).and_then(|value| value.to_str().ok());
    if condition.is_some_and(|etag| etag != format!("\"{digest}\"")) {
        return Ok(None);
    }
    let range = headers.get(RANGE).and_then(|value| ByteRange::parse(value.to_str().ok()?));
    range.map(|range| range.resolve(size_bytes)).transpose()
}

/// Whether `If-None-Match` names this content (RFC 9110, section 13.1.2).
pub(super) fn names_digest(headers: &HeaderMap, digest: &Digest) -> bool {
    let digest = digest.to_string();
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value
            .split(',')
            .map(|etag| etag.trim().trim_start_matches("W/").trim_matches('"'))
            .any(|etag| etag == digest || etag == "*")
    })
}
