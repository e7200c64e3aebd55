//! The keys that sign tokens: ECDSA on P-256, made from secrets of any shape.
//!
//! A deployment generates texts, not keys: the private key is derived from the text. Whoever has the text has the key.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::json;
use sha2::{Digest, Sha256};

/// PKCS #8 around a P-256 private key without its public half (RFC 5208, RFC 5915); the 32 bytes follow.
const PKCS8_PREFIX: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04,
    0x20,
];
/// About one text in 2^32 gives no key; then the next attempt does.
const MAX_ATTEMPTS: u8 = 8;

/// A key that signs, with its public half and its name.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) signing: EncodingKey,
    pub(crate) checking: DecodingKey,
    x: String,
    y: String,
}

/// A secret that gives no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token key gives no signing key; use another one")]
pub struct InvalidKey;

impl Key {
    /// The key of this secret: the same one every time.
    pub(crate) fn from_secret(secret: &str) -> Result<Self, InvalidKey> {
        (0..MAX_ATTEMPTS).find_map(|attempt| Self::derive(secret, attempt)).ok_or(InvalidKey)
    }

    fn derive(secret: &str, attempt: u8) -> Option<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(b"token signing key on P-256");
        mac.update(&[attempt]);
        let private = mac.finalize().into_bytes();
        let der = [&PKCS8_PREFIX[..], &private].concat();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()?;
        // An uncompressed point: 4, x, y (SEC 1, section 2.3.3).
        let point = pair.public_key().as_ref().strip_prefix(&[4])?;
        let (x, y) = point.split_at_checked(32)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        Some(Self {
            id: thumbprint(&x, &y),
            signing: EncodingKey::from_ec_der(&der),
            checking: DecodingKey::from_ec_components(&x, &y).ok()?,
            x,
            y,
        })
    }

    /// The public half, as others read it (RFC 7517).
    pub(crate) fn public(&self) -> serde_json::Value {
        json!({
            "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y,
            "kid": self.id, "use": "sig", "alg": "ES256",
        })
    }
}

/// The name of a key (RFC 7638): the hash of its public half in the one form that the RFC fixes.
fn thumbprint(x: &str, y: &str) -> String {
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_gives_one_key_and_another_secret_another() {
        let id = |secret| Key::from_secret(secret).unwrap().id;
        assert_eq!(id("a"), id("a"));
        assert_ne!(id("a"), id("b"));
        assert_eq!(id("a").len(), 43);
    }

    #[test]
    fn the_public_half_holds_nothing_else() {
        let key = Key::from_secret("a").unwrap().public();
        let names: Vec<&String> = key.as_object().unwrap().keys().collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }

    /// The example of RFC 7638, section 3.1, is RSA; this one was computed by hand for the members of an EC key.
    #[test]
    fn the_name_is_the_hash_of_the_required_members_in_order() {
        let canonical = r#"{"crv":"P-256","kty":"EC","x":"AA","y":"BB"}"#;
        assert_eq!(thumbprint("AA", "BB"), URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)));
    }
}
