//! The ways to upload a blob. Each ends in the answer to the request that was to store it.

use reqwest::blocking::Body;
use reqwest::{Method, Url};

use crate::answer::Answer;
use crate::repository::{OCTET_STREAM, Repository};

/// The least that a chunk has in the suite, when the registry does not ask for more.
const MIN_CHUNK_BYTES: usize = 1024;

/// A way to upload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flow {
    /// POST with the blob (end-4b).
    Post,
    /// POST, then PUT with the blob.
    PostPut,
    /// POST, PATCH of unknown length, empty PUT.
    Stream,
    /// POST, PATCH for each chunk, empty PUT.
    Chunks,
    /// POST, PATCH for each chunk but the last, PUT with the last.
    ChunksPutLast,
}

impl Flow {
    pub(crate) const ALL: [Self; 5] =
        [Self::Post, Self::PostPut, Self::Chunks, Self::ChunksPutLast, Self::Stream];

    /// What is worth a try: less than a chunk, and several chunks where there are any.
    pub(crate) fn lengths(self, repository: &Repository) -> Vec<usize> {
        match self {
            Self::Post | Self::PostPut | Self::Stream => vec![512],
            Self::Chunks | Self::ChunksPutLast => vec![512, three_chunks(repository)],
        }
    }

    pub(crate) fn upload(self, repository: &Repository, digest: &str, blob: &[u8]) -> Answer {
        match self {
            Self::Post => post_with(repository, &[("digest", digest)], blob),
            Self::PostPut => put(repository, start(repository, &[]).location(), digest, &[], blob),
            Self::Stream => stream(repository, digest, blob),
            Self::Chunks => chunks(repository, digest, blob, false, false),
            Self::ChunksPutLast => chunks(repository, digest, blob, true, false),
        }
    }
}

/// Begins an upload, with a query.
#[track_caller]
pub(crate) fn start(repository: &Repository, query: &[(&str, &str)]) -> Answer {
    post_with(repository, query, &[]).is(202)
}

/// POST with a query and a body, which may be empty.
pub(crate) fn post_with(repository: &Repository, query: &[(&str, &str)], blob: &[u8]) -> Answer {
    let mut url = repository.url("blobs/uploads/");
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    repository.send(Method::POST, &url, &[("content-type", OCTET_STREAM)], blob.to_vec())
}

/// PUT to the location of an upload, which ends it.
pub(crate) fn put(repo: &Repository, at: Url, digest: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers = [&[("content-type", OCTET_STREAM)], headers].concat();
    repo.send(Method::PUT, &with_digest(at, digest), &headers, body.to_vec())
}

/// Chunks that come in the wrong order are refused with 416 and do no harm, before the first byte too. After each, the
/// client asks for the status and goes on from there.
pub(crate) fn out_of_order(repository: &Repository, digest: &str, blob: &[u8], put_last: bool) -> Answer {
    chunks(repository, digest, blob, put_last, true)
}

/// The length of a blob that takes three chunks.
pub(crate) fn three_chunks(repository: &Repository) -> usize {
    3 * min_chunk(&start(repository, &[])) - 5
}

fn stream(repository: &Repository, digest: &str, blob: &[u8]) -> Answer {
    let sent = patch_stream(repository, blob, &[]).is(202);
    put(repository, sent.location(), digest, &[], &[])
}

/// PATCH with a body whose length is not announced.
pub(crate) fn patch_stream(repository: &Repository, blob: &[u8], headers: &[(&str, &str)]) -> Answer {
    let location = start(repository, &[]).location();
    let body = Body::new(std::io::Cursor::new(blob.to_vec()));
    let headers = [&[("content-type", OCTET_STREAM)], headers].concat();
    repository.send(Method::PATCH, &location, &headers, body)
}

fn chunks(repository: &Repository, digest: &str, blob: &[u8], put_last: bool, out_of_order: bool) -> Answer {
    let started = start(repository, &[]);
    let size = (blob.len() / 3 + 1).max(min_chunk(&started)).min(blob.len());
    let mut location = started.location();
    let mut first = 0;
    while first < blob.len() {
        if out_of_order {
            location = misplace_chunk(repository, location, digest, blob, size, first, put_last);
        }
        let end = (first + size).min(blob.len());
        let range = format!("{first}-{}", end - 1);
        if put_last && end == blob.len() {
            return put(repository, location, digest, &[("content-range", &range)], &blob[first..end]);
        }
        let headers = [("content-type", OCTET_STREAM), ("content-range", &range)];
        let sent = repository.send(Method::PATCH, &location, &headers, blob[first..end].to_vec()).is(202);
        location = sent.location();
        first = end;
    }
    put(repository, location, digest, &[], &[])
}

/// Sends a later chunk, or the first again, when `expected` is the next byte; gives the location to go on at.
fn misplace_chunk(
    repository: &Repository,
    location: Url,
    digest: &str,
    blob: &[u8],
    size: usize,
    expected: usize,
    put_last: bool,
) -> Url {
    let first = if expected + size < blob.len() { expected + size } else { 0 };
    let end = (first + size).min(blob.len());
    let range = format!("{first}-{}", end - 1);
    let refused = if put_last && end == blob.len() {
        put(repository, location.clone(), digest, &[("content-range", &range)], &blob[first..end])
    } else {
        let headers = [("content-type", OCTET_STREAM), ("content-range", &range)];
        repository.send(Method::PATCH, &location, &headers, blob[first..end].to_vec())
    }
    .is(416);
    let location = if refused.header("location").is_some() { refused.location() } else { location };
    let status = repository.get_url(&location).is(204);
    let range = status.header("range").expect("the status of an upload has a range");
    let last: usize =
        range.strip_prefix("0-").and_then(|last| last.parse().ok()).expect("the range is 0-<last>");
    // A range cannot say that there is nothing.
    assert_eq!(last, expected.saturating_sub(1), "the status after chunk {first}-{end}");
    status.location()
}

fn min_chunk(started: &Answer) -> usize {
    let asked = started.header("oci-chunk-min-length").map_or(0, |length| length.parse().expect("a number"));
    asked.max(MIN_CHUNK_BYTES)
}

fn with_digest(mut url: Url, digest: &str) -> Url {
    url.query_pairs_mut().append_pair("digest", digest);
    url
}
