//! Upload sessions and blob addresses: paths that carry their own proof.
//!
//! A session is `<id>.<expiry>.<mac>`: unreserved characters only, because clients decode, sort and re-encode what they
//! are given. The MAC is HMAC-SHA256 over the purpose, the repository (or digest), the id and the expiry, so that
//! neither of them can be changed or used for something else. The edge function checks the same bytes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_protocol::{Algorithm, Digest, RepositoryName};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs and checks sessions and addresses.
///
/// Two keys are valid at a time, so that a key can be replaced without breaking an upload that is under way.
#[derive(Clone)]
pub struct Signer {
    current: String,
    previous: Option<String>,
}

/// A session that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    pub(super) expires_at_secs: u64,
}

impl Session {
    /// The upload's id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Why a session is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// It was not made here, not for this repository, or it was altered.
    #[error("the upload session is not known")]
    Unknown,
    /// It was, but too long ago.
    #[error("the upload session has expired")]
    Expired,
}

/// Ends the id of a session whose client announced a sha512 digest.
const SHA512_MARK: &str = "-sha512";
/// Ends the id of a session that has received a piece: the edge sends its PUT here, even if that one has a body.
const PIECES_MARK: &str = "-pieces";

impl Signer {
    /// Signs with `current`; accepts what was signed with `current` or `previous`.
    ///
    /// The keys are texts, used as they stand, because that is how the edge's key-value store holds them. Take at least
    /// 32 random bytes in hexadecimal.
    pub fn new(current: impl Into<String>, previous: Option<String>) -> Self {
        Self { current: current.into(), previous }
    }

    /// The session as it stands in the path; `in_pieces` once it has received one.
    pub(super) fn session(&self, repository: &RepositoryName, session: &Session, in_pieces: bool) -> String {
        let algorithm = if session.algorithm == Algorithm::Sha512 { SHA512_MARK } else { "" };
        let pieces = if in_pieces { PIECES_MARK } else { "" };
        let id = format!("{}{algorithm}{pieces}", session.id);
        let mac = mac(&self.current, &session_text(repository, &id, session.expires_at_secs));
        let proof = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{id}.{}.{proof}", session.expires_at_secs)
    }

    /// Checks a session from a path.
    pub(super) fn check(
        &self,
        repository: &RepositoryName,
        session: &str,
        now_secs: u64,
    ) -> Result<Session, SessionError> {
        let mut fields = session.split('.');
        let (Some(id), Some(expiry), Some(proof), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(SessionError::Unknown);
        };
        let expires_at_secs: u64 = expiry.parse().map_err(|_| SessionError::Unknown)?;
        let proof = URL_SAFE_NO_PAD.decode(proof).map_err(|_| SessionError::Unknown)?;
        if !self.accepts(&session_text(repository, id, expires_at_secs), &proof) {
            return Err(SessionError::Unknown);
        }
        if now_secs >= expires_at_secs {
            return Err(SessionError::Expired);
        }
        let id = id.strip_suffix(PIECES_MARK).unwrap_or(id);
        let (id, algorithm) = match id.strip_suffix(SHA512_MARK) {
            Some(id) => (id, Algorithm::Sha512),
            None => (id, Algorithm::Sha256),
        };
        Ok(Session { id: id.to_owned(), algorithm, expires_at_secs })
    }

    /// The address of a blob at the edge.
    pub(crate) fn blob_path(&self, digest: &Digest, expires_at_secs: u64) -> String {
        let mac = mac(&self.current, &format!("blob\n{digest}\n{expires_at_secs}"));
        format!("/blobs/{digest}/{expires_at_secs}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// Compares in constant time, with either key.
    fn accepts(&self, text: &str, proof: &[u8]) -> bool {
        let matches = |key: &str| mac(key, text).verify_slice(proof).is_ok();
        matches(&self.current) || self.previous.as_deref().is_some_and(matches)
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

fn session_text(repository: &RepositoryName, id: &str, expires_at_secs: u64) -> String {
    format!("upload\n{repository}\n{id}\n{expires_at_secs}")
}

fn mac(key: &str, text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> RepositoryName {
        RepositoryName::parse(text).unwrap()
    }

    fn session(algorithm: Algorithm) -> Session {
        Session { id: "abc".to_owned(), algorithm, expires_at_secs: 1000 }
    }

    fn signed(signer: &Signer) -> String {
        signer.session(&name("team/app"), &session(Algorithm::Sha256), false)
    }

    #[test]
    fn a_session_is_good_until_it_expires_and_for_its_repository_alone() {
        let signer = Signer::new("one", None);
        let session = signed(&signer);
        assert_eq!(signer.check(&name("team/app"), &session, 999).unwrap().id, "abc");
        assert_eq!(signer.check(&name("team/app"), &session, 1000), Err(SessionError::Expired));
        assert_eq!(signer.check(&name("team/other"), &session, 0), Err(SessionError::Unknown));
    }

    #[test]
    fn the_previous_key_is_accepted_and_an_older_one_is_not() {
        let session = signed(&Signer::new("one", None));
        let rotated = Signer::new("two", Some("one".to_owned()));
        assert!(rotated.check(&name("team/app"), &session, 0).is_ok());
        let rotated_twice = Signer::new("three", Some("two".to_owned()));
        assert_eq!(rotated_twice.check(&name("team/app"), &session, 0), Err(SessionError::Unknown));
    }

    #[test]
    fn an_altered_session_is_unknown() {
        let signer = Signer::new("one", None);
        let session = signed(&signer);
        for altered in [
            session.replace("abc", "abd"),
            session.replace("1000", "2000"),
            session.replace("abc", "abc-sha512"),
            format!("{session}A"),
            format!("{session}.x"),
            session[..session.len() - 1].to_owned(),
            String::new(),
            "..".to_owned(),
            "a.b.c".to_owned(),
        ] {
            assert_eq!(signer.check(&name("team/app"), &altered, 0), Err(SessionError::Unknown), "{altered}");
        }
    }

    #[test]
    fn algorithm_and_pieces_travel_in_the_session() {
        let signer = Signer::new("one", None);
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            for in_pieces in [false, true] {
                let text = signer.session(&name("a"), &session(algorithm), in_pieces);
                assert_eq!(signer.check(&name("a"), &text, 0), Ok(session(algorithm)), "{text}");
                assert_eq!(text.contains("-pieces."), in_pieces);
            }
        }
    }
}
