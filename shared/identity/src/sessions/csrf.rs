//! What a page must say besides the cookie that the browser sends by itself.
//!
//! The token is a MAC under the secret of the session: it belongs to this session, ends with it, needs no storage and no key of ours,
//! and tells nothing about the secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::same_secret;

/// The token of a session.
pub fn csrf_token(session_secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(tag(session_secret).finalize().into_bytes())
}

/// Whether `given` is the token of this session. Takes the same time wherever they differ.
pub fn is_csrf_token(session_secret: &str, given: &str) -> bool {
    same_secret(csrf_token(session_secret).as_bytes(), given.as_bytes())
}

fn tag(session_secret: &str) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(session_secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"token against forged requests");
    mac
}
