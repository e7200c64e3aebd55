//! Cancelling an upload (end-14).

use super::status::StatusError;
use super::{Session, SessionError};
use crate::ports::{Closed, Saved, UploadState};
use crate::{Permit, Push, Registry, StoreError};

impl Registry {
    /// Ends the upload; what has arrived is removed. The session is unknown afterwards.
    pub async fn cancel_upload(&self, permit: &Permit<Push>, session: &Session) -> Result<(), StatusError> {
        // A request that appends at the same time may save first; then there is more to remove.
        loop {
            let state = self.upload_state(permit, session).await?;
            if state.closed.is_some() {
                return Err(SessionError::Unknown.into());
            }
            if self.close_upload(state, Closed::Cancelled).await? == Saved::Saved {
                return Ok(());
            }
        }
    }

    /// Marks the upload as over and removes its content.
    ///
    /// The mark stays until the session expires, so that a session cannot be used again. If another request saved the
    /// upload meanwhile, that one's content stays and expires.
    pub(super) async fn close_upload(&self, state: UploadState, how: Closed) -> Result<Saved, StoreError> {
        let closed = UploadState {
            version: state.version + 1,
            multipart: None,
            parts: Vec::new(),
            tail: None,
            closed: Some(how),
            ..state.clone()
        };
        let saved = self.ports.upload_states.save(&closed).await?;
        if saved == Saved::Saved {
            self.ports.upload_data.discard(&state).await?;
        }
        Ok(saved)
    }
}
