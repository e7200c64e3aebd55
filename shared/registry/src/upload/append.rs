//! Taking a piece of a blob (end-5).

use berth_protocol::ContentRange;

use super::ingest::{Ingest, IngestError};
use super::{Session, SessionError};
use crate::ports::Saved;
use crate::{BodyError, ByteStream, Permit, Push, Registry, StoreError};

/// Why a piece was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There is no such upload (any more).
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The piece does not begin where the upload stands.
    #[error("the upload stands at {offset_bytes} bytes")]
    OutOfOrder {
        /// Where it stands.
        offset_bytes: u64,
    },
    /// The piece is longer or shorter than its Content-Range says.
    #[error("the body has {received_bytes} bytes, its Content-Range says {declared_bytes}")]
    Length {
        /// What Content-Range says.
        declared_bytes: u64,
        /// What came.
        received_bytes: u64,
    },
    /// More parts than S3 takes.
    #[error("the blob is too large")]
    TooLarge,
    /// The client broke off. What came is kept, and the upload can be resumed.
    #[error("the body broke off")]
    Body(#[source] BodyError),
    /// Storage failed. The upload stands where it stood.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// Appends `body` and returns how many bytes the upload has now.
    ///
    /// The bytes are hashed and stored as they come; memory is bounded by a few parts whatever the length. If the client
    /// breaks off, what came is kept. If storage fails, the upload stands where it stood before.
    pub async fn append_upload(
        &self,
        permit: &Permit<Push>,
        session: &Session,
        range: Option<ContentRange>,
        body: ByteStream,
    ) -> Result<u64, AppendError> {
        let state = self.upload_state(permit, session).await?;
        if state.closed.is_some() {
            return Err(SessionError::Unknown.into());
        }
        let start_bytes = state.offset_bytes;
        if range.as_ref().is_some_and(|range| range.first() != start_bytes) {
            return Err(AppendError::OutOfOrder { offset_bytes: start_bytes });
        }
        let mut ingest = Ingest::resume(self, state).await?;
        let broken = match ingest.take(body).await {
            Ok(()) => None,
            Err(IngestError::Body(cause)) => Some(cause),
            Err(other) => return Err(other.into()),
        };
        if let Some(range) = range {
            check_length(&range, ingest.offset_bytes() - start_bytes, broken.is_some())?;
        }
        let state = ingest.suspend().await?;
        if self.ports.upload_states.save(&state).await? == Saved::Conflict {
            let offset_bytes = self.upload_state(permit, session).await?.offset_bytes;
            return Err(AppendError::OutOfOrder { offset_bytes });
        }
        match broken {
            Some(cause) => Err(AppendError::Body(cause)),
            None => Ok(state.offset_bytes),
        }
    }
}

/// A body that broke off may be short; a whole one must have the length that was declared.
fn check_length(range: &ContentRange, received_bytes: u64, broke_off: bool) -> Result<(), AppendError> {
    let declared_bytes = range.len();
    if received_bytes == declared_bytes || (broke_off && received_bytes < declared_bytes) {
        return Ok(());
    }
    Err(AppendError::Length { declared_bytes, received_bytes })
}

impl From<IngestError> for AppendError {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::TooLarge => Self::TooLarge,
            IngestError::Body(cause) => Self::Body(cause),
            IngestError::Store(error) => Self::Store(error),
        }
    }
}
