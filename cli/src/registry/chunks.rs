//! Blobs in chunks (distribution-spec, "Pushing a blob in chunks"), for those that are too large for one PUT.

use berth_protocol::{ContentRange, RepositoryName};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use reqwest::{Response, Url};

use super::patience::Patience;
use super::uploads::{Blob, finish_call};
use super::{Call, Failure, Payload, Progress, Registry};

/// What is tried: large chunks, which a gateway takes, then chunks that fit a function.
const CHUNK_BYTES: [u64; 2] = [64 * 1024 * 1024, 4 * 1024 * 1024];

/// An upload under way.
struct Upload {
    location: Url,
    /// How many bytes the registry has.
    taken: u64,
}

impl Registry {
    pub(super) async fn upload_in_chunks(
        &self,
        name: &RepositoryName,
        blob: &Blob,
        location: Url,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let mut location = Some(location);
        for chunk_bytes in CHUNK_BYTES {
            let location = match location.take() {
                Some(location) => location,
                None => self.start_upload(name).await?,
            };
            let mut upload = Upload { location, taken: 0 };
            match self.send_chunks(name, blob, &mut upload, chunk_bytes, progress).await {
                Err(Failure::Answer(answer)) if upload.taken == 0 && is_too_much(answer.status) => {}
                Err(failure) => return Err(failure),
                Ok(()) => {
                    let put = finish_call(name, &upload.location, &blob.digest, Payload::Empty);
                    let answer = self.send(&put).await?;
                    return self.check_finished(&blob.digest, answer).await;
                }
            }
        }
        Err(Failure::TooLarge { digest: blob.digest.clone(), size: blob.content.len() })
    }

    async fn send_chunks(
        &self,
        name: &RepositoryName,
        blob: &Blob,
        upload: &mut Upload,
        chunk_bytes: u64,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let mut patience = Patience::new(self.retries);
        while upload.taken < blob.content.len() {
            progress.begin_at(upload.taken);
            let end = (upload.taken + chunk_bytes).min(blob.content.len());
            let call = chunk_call(name, blob, upload, end, progress);
            let failure = match self.send_once(&call).await {
                Ok(answer) if answer.status() == StatusCode::ACCEPTED => {
                    upload.location = self.location(&call, &answer)?;
                    upload.taken = taken(answer.headers()).unwrap_or(end);
                    patience = Patience::new(self.retries);
                    continue;
                }
                Ok(answer) => self.refusal(format!("a chunk of {}", blob.digest), answer).await,
                Err(failure) => failure,
            };
            if !is_resumable(&failure)
                || !self.pause(&mut patience, failure.retry_after(), &failure.to_string()).await
            {
                return Err(failure);
            }
            self.look_up(name, upload).await?;
        }
        Ok(())
    }

    /// Asks how much of the upload has arrived.
    async fn look_up(&self, name: &RepositoryName, upload: &mut Upload) -> Result<(), Failure> {
        let url = upload.location.clone();
        let call = Call {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            payload: Payload::Empty,
            name: Some(name.clone()),
        };
        let answer: Response = self.send(&call).await?;
        if !answer.status().is_success() {
            return Err(self.refusal("the question how far an upload is", answer).await);
        }
        if answer.headers().contains_key(header::LOCATION) {
            upload.location = self.location(&call, &answer)?;
        }
        upload.taken = taken(answer.headers()).unwrap_or(0);
        Ok(())
    }
}

fn chunk_call(name: &RepositoryName, blob: &Blob, upload: &Upload, end: u64, progress: &Progress) -> Call {
    let range = format!("{}-{}", upload.taken, end - 1);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(range) = HeaderValue::from_str(&range) {
        headers.insert(header::CONTENT_RANGE, range);
    }
    let content = blob.content.part(upload.taken, end);
    let payload = Payload::Content { content, digest: None, sent: progress.clone() };
    Call { method: Method::PATCH, url: upload.location.clone(), headers, payload, name: Some(name.clone()) }
}

/// The number of bytes that `Range: 0-<last>` says; `None` if it says nothing, as the empty upload's `0-0` does not.
fn taken(headers: &HeaderMap) -> Option<u64> {
    let range = ContentRange::parse(headers.get(header::RANGE)?.to_str().ok()?)?;
    (range.first() == 0 && range.last() > 0).then(|| range.last() + 1)
}

/// Whether asking how far the upload is, and going on there, may help.
fn is_resumable(failure: &Failure) -> bool {
    let is_out_of_step = |status: StatusCode| status == StatusCode::RANGE_NOT_SATISFIABLE;
    matches!(failure, Failure::Answer(answer) if is_out_of_step(answer.status)) || failure.is_transient()
}

/// Whether the registry does not take chunks of this size, or none at all.
fn is_too_much(status: StatusCode) -> bool {
    status == StatusCode::PAYLOAD_TOO_LARGE || status == StatusCode::METHOD_NOT_ALLOWED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_says_how_far_an_upload_is() {
        let read = |range: &'static str| {
            taken(&HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(range))]))
        };
        assert_eq!(read("0-99"), Some(100));
        assert_eq!(read("bytes=0-99"), Some(100));
        for range in ["0-0", "5-9", "-1", "x"] {
            assert_eq!(read(range), None, "{range}");
        }
        assert_eq!(taken(&HeaderMap::new()), None);
    }

    #[test]
    fn what_is_out_of_step_is_resumed_and_what_is_refused_is_not() {
        let answer = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            let (what, host) = (String::new(), String::new());
            Failure::Answer(Box::new(super::super::Answer {
                what,
                host,
                status,
                code: None,
                message: None,
                retry_after: None,
            }))
        };
        for status in [416, 429, 500, 503] {
            assert!(is_resumable(&answer(status)), "{status}");
        }
        for status in [400, 403, 404, 405, 413] {
            assert!(!is_resumable(&answer(status)), "{status}");
        }
    }
}
