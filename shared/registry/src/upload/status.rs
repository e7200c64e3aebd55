//! How far an upload is (end-13).

use berth_protocol::Hasher;

use super::{Session, SessionError};
use crate::ports::UploadState;
use crate::{Permit, Push, Registry, StoreError};

/// Why there is no status.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// There is no such upload (any more).
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// How many bytes of the upload have arrived for good. One read.
    pub async fn upload_offset(&self, permit: &Permit<Push>, session: &Session) -> Result<u64, StatusError> {
        let state = self.upload_state(permit, session).await?;
        if state.closed.is_some() {
            return Err(SessionError::Unknown.into());
        }
        Ok(state.offset_bytes)
    }

    /// The stored state of an upload, or that of one which has received nothing yet.
    pub(super) async fn upload_state(
        &self,
        permit: &Permit<Push>,
        session: &Session,
    ) -> Result<UploadState, StoreError> {
        let stored = self.ports.upload_states.get(&session.id).await?;
        Ok(stored.unwrap_or_else(|| new_upload(permit, session)))
    }
}

/// The state of an upload that has received nothing yet.
pub(super) fn new_upload(permit: &Permit<Push>, session: &Session) -> UploadState {
    UploadState {
        id: session.id.clone(),
        repository: permit.repository().clone(),
        version: 0,
        offset_bytes: 0,
        hasher: Hasher::new(session.algorithm).save(),
        multipart: None,
        parts: Vec::new(),
        tail: None,
        closed: None,
        expires_at_secs: session.expires_at_secs,
    }
}
