//! Ending an upload with its digest (end-4b, end-6).

use berth_protocol::{Algorithm, ContentRange, Digest, Hasher};
use futures::StreamExt;

use super::ingest::{Ingest, IngestError, Sealed};
use super::status::new_upload;
use super::{Session, SessionError};
use crate::ports::{Assembly, Closed, Link, UploadState};
use crate::{BodyError, ByteStream, Permit, Push, Registry, StoreError};

/// Why an upload did not become a blob.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// There is no such upload (any more).
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The last piece does not begin where the upload stands.
    #[error("the upload stands at {offset_bytes} bytes")]
    OutOfOrder {
        /// Where it stands.
        offset_bytes: u64,
    },
    /// The content has another digest. The upload is over and its content removed.
    #[error("the content has another digest than {declared}")]
    DigestMismatch {
        /// The digest that the client gave.
        declared: Digest,
    },
    /// More parts than S3 takes.
    #[error("the blob is too large")]
    TooLarge,
    /// Content that was acknowledged earlier was replaced by a concurrent request.
    #[error("the upload was written to by two requests at once")]
    Torn,
    /// The client broke off. The upload stands where it stood.
    #[error("the body broke off")]
    Body(#[source] BodyError),
    /// Storage failed. Repeating the request is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// Takes the last bytes (or all, or none), proves the digest and makes the blob visible in the permit's repository.
    ///
    /// The content enters `blobs/` only if its digest is `digest`. Repeating after a lost answer succeeds again.
    pub async fn finish_upload(
        &self,
        permit: &Permit<Push>,
        session: &Session,
        digest: &Digest,
        range: Option<ContentRange>,
        body: ByteStream,
    ) -> Result<Link, FinishError> {
        let state = self.upload_state(permit, session).await?;
        if let Some(outcome) = &state.closed {
            return self.repeated_finish(permit, outcome, digest).await;
        }
        self.finish(permit, state, digest, range, body).await
    }

    /// An upload that is finished within the one request that opens it (end-4b). No session, no state.
    pub async fn upload_at_once(
        &self,
        permit: &Permit<Push>,
        digest: &Digest,
        body: ByteStream,
    ) -> Result<Link, FinishError> {
        let session = self.start_upload(digest.algorithm());
        let state = new_upload(permit, &session);
        self.finish(permit, state, digest, None, body).await
    }

    async fn finish(
        &self,
        permit: &Permit<Push>,
        state: UploadState,
        digest: &Digest,
        range: Option<ContentRange>,
        body: ByteStream,
    ) -> Result<Link, FinishError> {
        let offset_bytes = state.offset_bytes;
        if range.is_some_and(|range| range.first() != offset_bytes) {
            return Err(FinishError::OutOfOrder { offset_bytes });
        }
        let sealed = match self.seal(state.clone(), body).await {
            Err(IngestError::Store(failure)) => {
                return self.finish_joined(permit, state, digest, failure).await;
            }
            sealed => sealed?,
        };
        let link = Link { size_bytes: sealed.state.offset_bytes };
        if !self.place(&sealed, digest).await? {
            self.close_upload(sealed.state, Closed::Cancelled).await?;
            return Err(FinishError::DigestMismatch { declared: digest.clone() });
        }
        self.ports.link_write.put(permit.repository(), digest, link).await?;
        if sealed.state.version > 0 || sealed.small.is_none() {
            self.close_upload(sealed.state, Closed::Finished(digest.clone())).await?;
        }
        Ok(link)
    }

    async fn seal(&self, state: UploadState, body: ByteStream) -> Result<Sealed, IngestError> {
        let mut ingest = Ingest::resume(self, state).await?;
        ingest.take(body).await?;
        ingest.seal().await
    }

    /// Ends an upload whose last bytes could not be stored because an earlier try, whose answer was lost, has joined the
    /// parts already: S3 takes no more of them then. If nothing was joined, or something else, `failure` stands.
    async fn finish_joined(
        &self,
        permit: &Permit<Push>,
        state: UploadState,
        digest: &Digest,
        failure: StoreError,
    ) -> Result<Link, FinishError> {
        let Some((joined, size_bytes)) = self.joined_digest(&state.id, digest.algorithm()).await? else {
            return Err(failure.into());
        };
        if joined != *digest {
            return Err(failure.into());
        }
        let link = Link { size_bytes };
        self.ports.upload_data.place(&state.id, digest, size_bytes).await?;
        self.ports.link_write.put(permit.repository(), digest, link).await?;
        self.close_upload(state, Closed::Finished(digest.clone())).await?;
        Ok(link)
    }

    /// Puts the content into `blobs/` if it has this digest.
    async fn place(&self, sealed: &Sealed, digest: &Digest) -> Result<bool, FinishError> {
        let proven = sealed.digest == *digest;
        if !proven && sealed.digest.algorithm() == digest.algorithm() {
            return Ok(false);
        }
        if let Some(body) = &sealed.small {
            if !proven && Digest::of(digest.algorithm(), body) != *digest {
                return Ok(false);
            }
            self.ports.blob_write.put(digest, body.clone()).await?;
            return Ok(true);
        }
        let state = &sealed.state;
        let multipart = state.multipart.as_deref().ok_or(FinishError::Torn)?;
        let proven = match self.ports.upload_data.assemble(&state.id, multipart, &state.parts).await? {
            Assembly::Joined => proven,
            Assembly::Found => false,
            Assembly::Lost => return Err(FinishError::Torn),
        };
        if !proven {
            let joined = self.joined_digest(&state.id, digest.algorithm()).await?;
            if joined.ok_or(FinishError::Torn)?.0 != *digest {
                return Ok(false);
            }
        }
        self.ports.upload_data.place(&state.id, digest, state.offset_bytes).await?;
        Ok(true)
    }

    /// Reads the joined content again, for its digest and length: the client committed with another algorithm than it
    /// announced, or an earlier try joined it. `Ok(None)` if nothing is joined.
    async fn joined_digest(
        &self,
        id: &str,
        algorithm: Algorithm,
    ) -> Result<Option<(Digest, u64)>, StoreError> {
        let Some(mut content) = self.ports.upload_data.open(id).await? else { return Ok(None) };
        let (mut hasher, mut size_bytes) = (Hasher::new(algorithm), 0);
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(|cause| StoreError::corrupt("ReadUpload", cause))?;
            hasher.update(&chunk);
            size_bytes += chunk.len() as u64;
        }
        Ok(Some((hasher.finish(), size_bytes)))
    }

    /// A client that did not hear the answer asks again.
    async fn repeated_finish(
        &self,
        permit: &Permit<Push>,
        outcome: &Closed,
        digest: &Digest,
    ) -> Result<Link, FinishError> {
        if *outcome != Closed::Finished(digest.clone()) {
            return Err(SessionError::Unknown.into());
        }
        let link = self.ports.link_read.get(permit.repository(), digest).await?;
        link.ok_or_else(|| SessionError::Unknown.into())
    }
}

impl From<IngestError> for FinishError {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::TooLarge => Self::TooLarge,
            IngestError::Body(cause) => Self::Body(cause),
            IngestError::Store(error) => Self::Store(error),
        }
    }
}
