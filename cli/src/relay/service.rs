//! What the relay answers: uploads itself, everything else by the registry.

use std::io::ErrorKind;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use berth_protocol::headers::{DOCKER_CONTENT_DIGEST, DOCKER_UPLOAD_UUID};
use berth_protocol::{
    Algorithm, ApiError, ContentRange, Digest, ErrorCode, RepositoryName, Request as Asked,
};
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::answer::{self, Body};
use super::forward;
use super::spool::Broken;
use super::uploads::{Upload, Uploads};
use crate::place::Host;
use crate::registry::{Blob, Progress, Registry};

/// How long the body of a refused request is read on, so that the client sees the refusal and no broken pipe.
const DRAIN_TIMEOUT: Duration = Duration::from_mins(1);
const EXPIRY_PERIOD: Duration = Duration::from_mins(1);

/// The relay.
pub(super) struct Service {
    pub(super) registry: Registry,
    uploads: Uploads,
    allow_remote: bool,
}

impl Service {
    pub(super) fn new(registry: Registry, uploads: Uploads, allow_remote: bool) -> Self {
        Self { registry, uploads, allow_remote }
    }

    /// Forgets idle uploads from time to time; never ends.
    pub(super) async fn expire(&self) {
        loop {
            tokio::time::sleep(EXPIRY_PERIOD).await;
            self.uploads.expire();
        }
    }

    pub(super) async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let (parts, mut body) = request.into_parts();
        if !self.allow_remote && !is_meant_for_loopback(&parts.headers) {
            let message = "this relay answers to localhost only";
            return answer::error(&ApiError::with_message(ErrorCode::Denied, message));
        }
        let asked = berth_protocol::parse(&parts.method, parts.uri.path(), parts.uri.query());
        let outcome = match asked {
            Ok(asked) => self.upload_or_forward(&parts, asked, &mut body).await,
            Err(error) => Err(answer::error(&error)),
        };
        match outcome {
            Ok(response) => response,
            Err(refusal) => {
                let _ = tokio::time::timeout(DRAIN_TIMEOUT, drain(&mut body)).await;
                refusal
            }
        }
    }

    /// `Err` is an answer too, given before the body was read.
    async fn upload_or_forward(
        self: Arc<Self>,
        parts: &http::request::Parts,
        asked: Asked,
        body: &mut Incoming,
    ) -> Result<Response<Body>, Response<Body>> {
        let headers = &parts.headers;
        match asked {
            Asked::StartUpload { name, digest, mount, algorithm, .. } => {
                if mount.is_some()
                    && let Some(mounted) = forward::mount(&self.registry, parts, &name).await?
                {
                    return Ok(mounted);
                }
                let algorithm =
                    algorithm.or(digest.as_ref().map(Digest::algorithm)).unwrap_or(Algorithm::Sha256);
                let upload = self.start(&name, algorithm).await?;
                match digest {
                    Some(digest) => self.finish(upload, digest, headers, body).await,
                    None => Ok(progress(StatusCode::ACCEPTED, &upload)),
                }
            }
            Asked::PatchUpload { name, session } => {
                let upload = self.uploads.get(&name, &session).ok_or_else(unknown)?;
                let turn = upload.turn.lock().await;
                self.append(&upload, headers, body).await?;
                drop(turn);
                Ok(progress(StatusCode::ACCEPTED, &upload))
            }
            Asked::PutUpload { name, session, digest } => {
                let upload = self.uploads.get(&name, &session).ok_or_else(unknown)?;
                let missing = || {
                    answer::error(&ApiError::with_message(ErrorCode::DigestInvalid, "the digest is missing"))
                };
                self.finish(upload, digest.ok_or_else(missing)?, headers, body).await
            }
            Asked::GetUpload { name, session } => {
                let upload = self.uploads.get(&name, &session).ok_or_else(unknown)?;
                Ok(progress(StatusCode::NO_CONTENT, &upload))
            }
            Asked::CancelUpload { name, session } => {
                let upload = self.uploads.get(&name, &session).ok_or_else(unknown)?;
                self.uploads.forget(&upload.id);
                Ok(answer::empty(StatusCode::NO_CONTENT, &[]))
            }
            other => forward::forward(&self.registry, parts, other.name(), body).await,
        }
    }

    /// Also starts an upload at the registry: what it refuses is known before a layer has come.
    async fn start(
        &self,
        name: &RepositoryName,
        algorithm: Algorithm,
    ) -> Result<Arc<Upload>, Response<Body>> {
        let started = self.registry.start_upload(name).await.map_err(|failure| answer::failure(&failure))?;
        self.uploads.start(name.clone(), algorithm, started).map_err(|error| self.disk(&error))
    }

    /// Adds a body, which must go on where the upload is.
    async fn append(
        &self,
        upload: &Upload,
        headers: &HeaderMap,
        body: &mut Incoming,
    ) -> Result<(), Response<Body>> {
        if let Some(range) = headers.get(header::CONTENT_RANGE) {
            let range = range.to_str().ok().and_then(ContentRange::parse);
            if range.is_none_or(|range| range.first() != upload.spool.len()) {
                return Err(progress(StatusCode::RANGE_NOT_SATISFIABLE, upload));
            }
        }
        upload.spool.append(body).await.map_err(|broken| match broken {
            Broken::Disk(error) => self.disk(&error),
            Broken::Body => {
                answer::error(&ApiError::with_message(ErrorCode::SizeInvalid, "the body broke off"))
            }
        })
    }

    /// Takes what is left of a blob, compares it with the digest and brings it to the registry.
    async fn finish(
        self: Arc<Self>,
        upload: Arc<Upload>,
        digest: Digest,
        headers: &HeaderMap,
        body: &mut Incoming,
    ) -> Result<Response<Body>, Response<Body>> {
        let turn = upload.turn.lock().await;
        let before = upload.spool.len();
        self.append(&upload, headers, body).await?;
        let is_repeatable = upload.spool.len() == before;
        drop(turn);
        // In a task of its own: a client that hangs up now and tries again finds the blob there.
        let sent = tokio::spawn(async move { self.send_on(&upload, &digest, is_repeatable).await }).await;
        Ok(sent.unwrap_or_else(|_| answer::error(&ApiError::new(ErrorCode::Unknown))))
    }

    /// If that fails, a request that brought nothing itself may be made again; another upload must be started after one
    /// that did, or its bytes would be there twice.
    async fn send_on(&self, upload: &Upload, digest: &Digest, is_repeatable: bool) -> Response<Body> {
        let _turn = upload.turn.lock().await;
        let (spool, algorithm) = (upload.spool.clone(), digest.algorithm());
        let found = tokio::task::spawn_blocking(move || spool.digest(algorithm)).await;
        match found.map_err(std::io::Error::other).flatten() {
            Ok(found) if found == *digest => {}
            Ok(found) => {
                self.uploads.forget(&upload.id);
                let message = format!("{digest} was declared and {found} has arrived");
                return answer::error(&ApiError::with_message(ErrorCode::DigestInvalid, message));
            }
            Err(error) => return self.disk(&error),
        }
        let started = upload.started.lock().unwrap_or_else(PoisonError::into_inner).take();
        let blob = Blob { digest: digest.clone(), content: upload.spool.content() };
        match self.registry.push_blob(&upload.name, &blob, started, &Progress::default()).await {
            Ok(_) => {
                self.uploads.forget(&upload.id);
                let location = Asked::GetBlob { name: upload.name.clone(), digest: digest.clone() }.url();
                let headers = [(header::LOCATION, location), (DOCKER_CONTENT_DIGEST, digest.to_string())];
                answer::empty(StatusCode::CREATED, &headers)
            }
            Err(failure) => {
                if !is_repeatable {
                    self.uploads.forget(&upload.id);
                }
                answer::failure(&failure)
            }
        }
    }

    fn disk(&self, error: &std::io::Error) -> Response<Body> {
        if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
        {
            return answer::no_room(self.uploads.folder());
        }
        let message = format!("relay: {}: {error}", self.uploads.folder().display());
        answer::error(&ApiError::with_message(ErrorCode::Unknown, message))
    }
}

fn unknown() -> Response<Body> {
    answer::error(&ApiError::new(ErrorCode::BlobUploadUnknown))
}

/// Where an upload stands. `Range` of nothing is `0-0`, as docker expects.
fn progress(status: StatusCode, upload: &Upload) -> Response<Body> {
    let location = Asked::GetUpload { name: upload.name.clone(), session: upload.id.clone() }.url();
    let range = format!("0-{}", upload.spool.len().saturating_sub(1));
    let headers: [(HeaderName, String); 3] =
        [(header::LOCATION, location), (header::RANGE, range), (DOCKER_UPLOAD_UUID, upload.id.clone())];
    answer::empty(status, &headers)
}

/// A web page can make a browser send requests here under the name of its own host; those are not meant.
fn is_meant_for_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.and_then(|host| Host::parse(host).ok()).is_some_and(|host| host.is_loopback())
}

async fn drain(body: &mut Incoming) {
    while let Some(Ok(_)) = body.frame().await {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_of_this_machine_are_refused() {
        let is_meant = |host: &'static str| {
            is_meant_for_loopback(&HeaderMap::from_iter([(
                header::HOST,
                header::HeaderValue::from_static(host),
            )]))
        };
        for host in ["localhost:5001", "127.0.0.1:5001", "[::1]:5001", "LOCALHOST"] {
            assert!(is_meant(host), "{host}");
        }
        for host in ["attacker.test:5001", "localhost.attacker.test", "10.0.0.1:5001", ""] {
            assert!(!is_meant(host), "{host}");
        }
        assert!(!is_meant_for_loopback(&HeaderMap::new()));
    }
}
