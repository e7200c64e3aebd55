//! Cancelling an upload (end-14).

use super::status::StatusError;
use super::{Session, SessionError};
use crate::ports::{Closed, Saved, UploadState};
use crate::{Permit, Push, Registry, StoreError};

impl Registry {
    /// Ends the upload; what has arrived is removed. The session is unknown afterwards.
    pub async fn cancel_upload(&self, permit: &Permit<Push>, session: &Session) -> Result<(), StatusError> {
        let state = self.upload_state(permit, session).await?;
        if state.closed.is_some() {
            return Err(SessionError::Unknown.into());
        }
        self.close_upload(state, Closed::Cancelled).await?;
        Ok(())
    }

    /// Marks the upload as over and removes its content.
    ///
    /// The mark stays until the session expires, so that a session cannot be used again. If another request saved the
    /// upload meanwhile, that one's content stays and expires.
    pub(super) async fn close_upload(&self, state: UploadState, how: Closed) -> Result<(), StoreError> {
        let closed = UploadState {
            version: state.version + 1,
            multipart: None,
            parts: Vec::new(),
            tail: None,
            closed: Some(how),
            ..state.clone()
        };
        if self.ports.upload_states.save(&closed).await? == Saved::Saved {
            self.ports.upload_data.discard(&state).await?;
        }
        Ok(())
    }
}
