//! Blobs: skipped if they are there, else sent as one PUT to the path that the registry gives.
//!
//! The edge hands such a PUT to S3, which takes a body whole or not at all. So an upload that breaks is begun again, and
//! a push that is repeated resumes with the blobs that are not there yet.

use berth_protocol::{Digest, RepositoryName, Request};
use http::{Method, StatusCode, header};
use reqwest::{Response, Url};

use super::patience::Patience;
use super::{Call, Failure, Payload, Progress, Registry};
use crate::content::Content;

/// A blob and its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    pub(crate) digest: Digest,
    pub(crate) content: Content,
}

/// What became of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was sent.
    Pushed,
    /// It was there.
    Skipped,
}

impl Registry {
    /// Whether the repository has the blob.
    pub(crate) async fn has_blob(&self, name: &RepositoryName, digest: &Digest) -> Result<bool, Failure> {
        let request = Request::HeadBlob { name: name.clone(), digest: digest.clone() };
        let call = self.call(Method::HEAD, &request.url(), Some(name))?;
        let answer = self.send(&call).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(false),
            status if status.is_success() || status.is_redirection() => Ok(true),
            _ => Err(self.refusal(format!("the question for {digest}"), answer).await),
        }
    }

    /// Starts an upload: the path that takes the blob.
    pub(crate) async fn start_upload(&self, name: &RepositoryName) -> Result<Url, Failure> {
        let request = Request::StartUpload {
            name: name.clone(),
            digest: None,
            mount: None,
            from: None,
            algorithm: None,
        };
        let call = self.call(Method::POST, &request.url(), Some(name))?;
        let answer = self.send(&call).await?;
        if answer.status() != StatusCode::ACCEPTED {
            return Err(self.refusal(format!("the start of an upload to {name}"), answer).await);
        }
        self.location(&call, &answer)
    }

    /// Brings the blob into the repository unless it is there, again after transient failures. `started` is an upload that
    /// was started before and is used first.
    pub(crate) async fn push_blob(
        &self,
        name: &RepositoryName,
        blob: &Blob,
        mut started: Option<Url>,
        progress: &Progress,
    ) -> Result<Outcome, Failure> {
        let mut patience = Patience::new(self.retries);
        loop {
            // Also after a failure: the blob may have arrived and only the answer been lost.
            if self.has_blob(name, &blob.digest).await? {
                return Ok(Outcome::Skipped);
            }
            let is_reused = started.is_some();
            match self.upload(name, blob, started.take(), progress).await {
                Ok(()) => return Ok(Outcome::Pushed),
                Err(failure) if is_reused && is_gone(&failure) => {}
                Err(failure) if failure.is_transient() => {
                    if !self.pause(&mut patience, failure.retry_after(), &failure.to_string()).await {
                        return Err(failure);
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn upload(
        &self,
        name: &RepositoryName,
        blob: &Blob,
        started: Option<Url>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let location = match started {
            Some(location) => location,
            None => self.start_upload(name).await?,
        };
        if blob.content.len() > self.max_put_bytes {
            return self.upload_in_chunks(name, blob, location, progress).await;
        }
        progress.begin_at(0);
        let payload = Payload::Content {
            content: blob.content.clone(),
            digest: Some(blob.digest.clone()),
            sent: progress.clone(),
        };
        let answer = self.send_once(&finish_call(name, &location, &blob.digest, payload)).await?;
        self.check_finished(&blob.digest, answer).await
    }

    pub(super) async fn check_finished(&self, digest: &Digest, answer: Response) -> Result<(), Failure> {
        if answer.status().is_success() {
            return Ok(());
        }
        Err(self.refusal(format!("the upload of {digest}"), answer).await)
    }

    /// Where the answer to `call` says that it goes on.
    pub(crate) fn location(&self, call: &Call, answer: &Response) -> Result<Url, Failure> {
        let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
        let location = location.ok_or_else(|| Failure::BadUrl { host: self.origin().to_string() })?;
        self.origin().follow(&call.url, location)
    }
}

/// The PUT that finishes an upload, and brings the whole blob if that is its payload.
pub(super) fn finish_call(name: &RepositoryName, location: &Url, digest: &Digest, payload: Payload) -> Call {
    let mut url = location.clone();
    // Appended as text: what the registry has signed must keep its bytes and order.
    let query = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&"));
    url.set_query(Some(&format!("{}digest={digest}", query.unwrap_or_default())));
    let octets = header::HeaderValue::from_static("application/octet-stream");
    let headers = std::iter::once((header::CONTENT_TYPE, octets)).collect();
    Call { method: Method::PUT, url, headers, payload, name: Some(name.clone()) }
}

/// Whether the registry knows the upload no more.
fn is_gone(failure: &Failure) -> bool {
    matches!(failure, Failure::Answer(answer) if answer.status == StatusCode::NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_added_to_what_the_registry_has_signed() {
        let name = RepositoryName::parse("a").unwrap();
        let digest = Digest::sha256(b"x");
        let put = |location: &str| {
            let location = Url::parse(location).unwrap();
            finish_call(&name, &location, &digest, Payload::Empty).url.to_string()
        };
        assert_eq!(put("http://r/u/1"), format!("http://r/u/1?digest={digest}"));
        assert_eq!(put("http://r/u/1?"), format!("http://r/u/1?digest={digest}"));
        assert_eq!(put("http://r/u/1?b=%2F&a=+"), format!("http://r/u/1?b=%2F&a=+&digest={digest}"));
    }
}
