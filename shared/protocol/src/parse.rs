#[cfg(test)]
mod tests;

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::limits::{MAX_SESSION_CHARS, MAX_TAGS_PER_PUSH};
use crate::query::Query;
use crate::{ApiError, Digest, ErrorCode, Page, Reference, ReferenceError, RepositoryName, Request, Tag};

/// Reads a request from its method, path and query (without the question mark), as they were sent.
///
/// Total and pure. Repository names nest, so the path is read from its end, and a component of a name may be
/// a word of the API: `/v2/a/manifests/b/tags/list` lists the tags of `a/manifests/b`. Percent-encoding is
/// decoded within a segment; an encoded slash does not separate.
///
/// An error has the code that the endpoint answers with: `NOT_FOUND` if no endpoint has such a path, then
/// `NAME_INVALID`, then `UNSUPPORTED` with the `allow`ed methods as detail, then what is wrong with digest,
/// tag, session or query.
pub fn parse(method: &Method, path: &str, query: Option<&str>) -> Result<Request, ApiError> {
    let resource = Resource::locate(path).ok_or(ErrorCode::NotFound)?;
    let query = Query::read(query);
    match resource {
        Resource::Base => only(method, &[Method::GET, Method::HEAD], Request::Base),
        Resource::Catalog => list(method, || Ok(Request::Catalog { page: page(&query)? })),
        Resource::ExtDiscover => only(method, &[Method::GET], Request::ExtDiscover),
        Resource::Repository { name, endpoint } => {
            let name = repository_name(&name.join("/"))?;
            match endpoint {
                Endpoint::Manifest(reference) => manifest(method, name, reference, &query),
                Endpoint::Blob(digest) => blob(method, name, digest),
                Endpoint::Uploads => start_upload(method, name, &query),
                Endpoint::Upload(session) => upload(method, name, session, &query),
                Endpoint::Tags => list(method, || Ok(Request::ListTags { name, page: page(&query)? })),
                Endpoint::Referrers(digest) => list(method, || referrers(name, digest, &query)),
            }
        }
    }
}

/// What a path names; the texts are still percent-encoded.
enum Resource<'a> {
    Base,
    Catalog,
    ExtDiscover,
    Repository { name: Vec<&'a str>, endpoint: Endpoint<'a> },
}

enum Endpoint<'a> {
    Manifest(&'a str),
    Blob(&'a str),
    Uploads,
    Upload(&'a str),
    Tags,
    Referrers(&'a str),
}

impl<'a> Resource<'a> {
    fn locate(path: &'a str) -> Option<Self> {
        let segments: Vec<&str> = path.strip_prefix("/v2")?.split('/').collect();
        let (name, endpoint) = match segments.as_slice() {
            [""] | ["", ""] => return Some(Self::Base),
            ["", "_catalog"] => return Some(Self::Catalog),
            ["", "_oci", "ext", "discover"] => return Some(Self::ExtDiscover),
            ["", name @ .., "blobs", "uploads"] | ["", name @ .., "blobs", "uploads", ""] => {
                (name, Endpoint::Uploads)
            }
            ["", name @ .., "blobs", "uploads", session] => (name, Endpoint::Upload(session)),
            ["", name @ .., "blobs", digest] => (name, Endpoint::Blob(digest)),
            ["", name @ .., "manifests", reference] => (name, Endpoint::Manifest(reference)),
            ["", name @ .., "referrers", digest] => (name, Endpoint::Referrers(digest)),
            ["", name @ .., "tags", "list"] => (name, Endpoint::Tags),
            _ => return None,
        };
        Some(Self::Repository { name: name.to_vec(), endpoint })
    }
}

fn manifest(
    method: &Method,
    name: RepositoryName,
    reference: &str,
    query: &Query<'_>,
) -> Result<Request, ApiError> {
    allow(method, &[Method::GET, Method::HEAD, Method::PUT, Method::DELETE])?;
    let reference = Reference::parse(&decode(reference)).map_err(|error| bad_reference(method, error))?;
    Ok(match *method {
        Method::HEAD => Request::HeadManifest { name, reference },
        Method::PUT => Request::PutManifest { name, reference, tags: tags(query)? },
        Method::DELETE => Request::DeleteManifest { name, reference },
        _ => Request::GetManifest { name, reference },
    })
}

fn blob(method: &Method, name: RepositoryName, digest: &str) -> Result<Request, ApiError> {
    allow(method, &[Method::GET, Method::HEAD, Method::DELETE])?;
    let digest = parse_digest(&decode(digest))?;
    Ok(match *method {
        Method::HEAD => Request::HeadBlob { name, digest },
        Method::DELETE => Request::DeleteBlob { name, digest },
        _ => Request::GetBlob { name, digest },
    })
}

fn start_upload(method: &Method, name: RepositoryName, query: &Query<'_>) -> Result<Request, ApiError> {
    allow(method, &[Method::POST])?;
    let algorithm = query.first("digest-algorithm").map(str::parse).transpose();
    Ok(Request::StartUpload {
        name,
        digest: query.first("digest").map(parse_digest).transpose()?,
        mount: query.first("mount").map(parse_digest).transpose()?,
        from: query.first("from").map(parse_name).transpose()?,
        algorithm: algorithm.map_err(|error| invalid(ErrorCode::DigestInvalid, error))?,
    })
}

fn upload(
    method: &Method,
    name: RepositoryName,
    session: &str,
    query: &Query<'_>,
) -> Result<Request, ApiError> {
    allow(method, &[Method::GET, Method::PATCH, Method::PUT, Method::DELETE])?;
    let session = parse_session(&decode(session))?;
    Ok(match *method {
        Method::PATCH => Request::PatchUpload { name, session },
        Method::PUT => {
            Request::PutUpload { name, session, digest: query.first("digest").map(parse_digest).transpose()? }
        }
        Method::DELETE => Request::CancelUpload { name, session },
        _ => Request::GetUpload { name, session },
    })
}

fn referrers(name: RepositoryName, digest: &str, query: &Query<'_>) -> Result<Request, ApiError> {
    let digest = parse_digest(&decode(digest))?;
    let artifact_type = query.first("artifactType").map(str::to_owned);
    Ok(Request::ListReferrers { name, digest, artifact_type, page: page(query)? })
}

fn list(method: &Method, request: impl FnOnce() -> Result<Request, ApiError>) -> Result<Request, ApiError> {
    allow(method, &[Method::GET])?;
    request()
}

fn only(method: &Method, allowed: &[Method], request: Request) -> Result<Request, ApiError> {
    allow(method, allowed).map(|()| request)
}

fn allow(method: &Method, allowed: &[Method]) -> Result<(), ApiError> {
    if allowed.contains(method) {
        return Ok(());
    }
    let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    Err(ApiError::new(ErrorCode::MethodNotAllowed).with_detail(json!({ "allow": allowed })))
}

/// The name of encoded segments. A decoded slash would move the borders between them and is refused.
fn repository_name(encoded: &str) -> Result<RepositoryName, ApiError> {
    let decoded = decode(encoded);
    if decoded.matches('/').count() != encoded.matches('/').count() {
        return Err(ApiError::new(ErrorCode::NameInvalid));
    }
    parse_name(&decoded)
}

fn parse_name(text: &str) -> Result<RepositoryName, ApiError> {
    RepositoryName::parse(text).map_err(|error| invalid(ErrorCode::NameInvalid, error))
}

fn parse_digest(text: &str) -> Result<Digest, ApiError> {
    Digest::parse(text).map_err(|error| invalid(ErrorCode::DigestInvalid, error))
}

/// A text that can be no session names no session.
fn parse_session(text: &str) -> Result<String, ApiError> {
    let is_session_char = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=".contains(&byte);
    if text.len() > MAX_SESSION_CHARS || text.starts_with('.') || !text.bytes().all(is_session_char) {
        return Err(ErrorCode::BlobUploadUnknown.into());
    }
    Ok(text.to_owned())
}

/// A tag that cannot be set is invalid; one that is asked for does not exist.
fn bad_reference(method: &Method, error: ReferenceError) -> ApiError {
    match error {
        ReferenceError::Digest(error) => invalid(ErrorCode::DigestInvalid, error),
        ReferenceError::Tag(error) if *method == Method::PUT => invalid(ErrorCode::TagInvalid, error),
        ReferenceError::Tag(error) => invalid(ErrorCode::ManifestUnknown, error),
    }
}

fn tags(query: &Query<'_>) -> Result<Vec<Tag>, ApiError> {
    let mut tags = Vec::new();
    for text in query.all("tag") {
        let tag = Tag::parse(text).map_err(|error| invalid(ErrorCode::TagInvalid, error))?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
        if tags.len() > MAX_TAGS_PER_PUSH {
            return Err(
                ApiError::new(ErrorCode::TooManyTags).with_detail(json!({ "max": MAX_TAGS_PER_PUSH }))
            );
        }
    }
    Ok(tags)
}

fn page(query: &Query<'_>) -> Result<Page, ApiError> {
    let n = query.first("n").map(page_number).transpose()?;
    Ok(Page { n, last: query.first("last").map(str::to_owned) })
}

/// Reads digits, and nothing but digits; a number beyond `u32` becomes its maximum.
fn page_number(text: &str) -> Result<u32, ApiError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ErrorCode::PaginationNumberInvalid.into());
    }
    Ok(text.parse().unwrap_or(u32::MAX))
}

fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

fn invalid(code: ErrorCode, error: impl std::error::Error) -> ApiError {
    ApiError::with_message(code, error.to_string())
}
