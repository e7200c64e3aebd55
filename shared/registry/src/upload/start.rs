//! Opening an upload session (end-4a, end-4c).

use berth_protocol::Algorithm;

use super::{Session, SessionError};
use crate::{Permit, Push, Registry};

impl Registry {
    /// Opens an upload session. No call to storage: the session proves itself.
    ///
    /// `algorithm` is what the client announced; it may commit with another one, which costs reading the content again.
    pub fn start_upload(&self, algorithm: Algorithm) -> Session {
        let expires_at_secs = self.ports.clock.now_secs() + self.config.upload_ttl_secs;
        Session { id: self.ports.ids.next(), algorithm, expires_at_secs }
    }

    /// The session as it stands in the path; `in_pieces` once it has received a piece.
    pub fn sign_session(&self, permit: &Permit<Push>, session: &Session, in_pieces: bool) -> String {
        self.config.signer.session(permit.repository(), session, in_pieces)
    }

    /// Checks a session that a client sent.
    pub fn check_session(&self, permit: &Permit<Push>, session: &str) -> Result<Session, SessionError> {
        self.config.signer.check(permit.repository(), session, self.ports.clock.now_secs())
    }
}
