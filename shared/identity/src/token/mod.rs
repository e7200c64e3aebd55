//! Bearer tokens: JSON Web Tokens (RFC 7519) with the claims of Docker's token authentication.
//!
//! A token is good at the host that gave it, until it expires. It says what its holder asked for and what of it he may do, so
//! that a request with one is checked without a read.
//!
//! Identity tokens say who a workload is and give access to nothing. The two kinds are signed with the same keys and differ in the `typ`
//! of their headers and in what they must hold: neither is ever taken for the other (RFC 8725, section 3.11).

mod claims;
mod identity;
mod keys;
mod scope;

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

pub(crate) use claims::{Access, Claims, ISSUER};
pub(crate) use identity::{IDENTITY_TYPE, Identity};
pub use keys::InvalidKey;
use keys::Key;
pub(crate) use scope::Scope;

/// A longer text is no token of ours.
const MAX_TOKEN_BYTES: usize = 32 * 1024;
/// The `typ` of a token that gives access.
const ACCESS_TYPE: &str = "JWT";
/// How far the clocks of two machines may be apart.
const CLOCK_SKEW_SECS: u64 = 60;

/// Signs and checks tokens. Two keys are valid at a time, so that a key can be replaced while tokens are in use.
#[derive(Clone)]
pub struct Tokens {
    keys: Vec<Key>,
}

impl Tokens {
    /// Signs with the key of `current`; accepts what was signed with that of `current` or `previous`.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, InvalidKey> {
        let keys = std::iter::once(current).chain(previous).map(Key::from_secret);
        Ok(Self { keys: keys.collect::<Result<_, _>>()? })
    }

    /// The public keys (RFC 7517).
    pub(crate) fn key_set(&self) -> String {
        json!({ "keys": self.keys.iter().map(Key::public).collect::<Vec<_>>() }).to_string()
    }

    /// A token with these claims. `None` only if the library refuses its own key.
    pub(crate) fn sign(&self, claims: &Claims) -> Option<String> {
        self.signed(ACCESS_TYPE, claims)
    }

    /// What a token says that was signed here, for `audience`, and is good at `now_secs`.
    pub(crate) fn verify(&self, token: &str, audience: &str, now_secs: u64) -> Option<Claims> {
        let claims: Claims = self.opened(ACCESS_TYPE, token, audience)?;
        is_good(claims.nbf, claims.exp, now_secs).then_some(claims)
    }

    fn signed(&self, purpose: &str, claims: &impl Serialize) -> Option<String> {
        let key = self.keys.first()?;
        let mut header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::ES256) };
        header.typ = Some(purpose.to_owned());
        encode(&header, claims, &key.signing).ok()
    }

    /// The claims of a token for this purpose, whose times are still to be looked at.
    ///
    /// The key is looked up by its name among our own; keys that the token brings along make it void.
    fn opened<T: DeserializeOwned>(&self, purpose: &str, token: &str, audience: &str) -> Option<T> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let header = decode_header(token).ok()?;
        let brings_a_key =
            header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some() || header.x5c.is_some();
        if header.alg != Algorithm::ES256 || brings_a_key || header.typ.as_deref() != Some(purpose) {
            return None;
        }
        let kid = header.kid?;
        let key = self.keys.iter().find(|key| key.id == kid)?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
        // Against our own clock, by whoever asked.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Some(decode::<T>(token, &key.checking, &validation).ok()?.claims)
    }
}

fn is_good(from_secs: u64, until_secs: u64, now_secs: u64) -> bool {
    now_secs < until_secs && from_secs <= now_secs + CLOCK_SKEW_SECS
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

#[cfg(test)]
mod tests;
