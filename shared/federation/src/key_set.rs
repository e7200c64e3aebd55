//! The keys of an issuer, and which algorithms each of them may be used with.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The most keys of one issuer; what comes after is not read.
const MAX_KEYS: usize = 64;

/// The keys of an issuer that we can use. Keys of other kinds are passed over: an issuer may have them for others.
#[derive(Debug)]
pub(crate) struct KeySet(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    public: DecodingKey,
}

/// Why no key was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// None has this id.
    Unknown,
    /// The token names no key, and there are several.
    Ambiguous,
    /// The key is not for this algorithm.
    OtherAlgorithm,
}

/// A JSON Web Key (RFC 7517), as far as it is of use.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The algorithms that are accepted. All are asymmetric; `none` and HMAC have no entry.
pub(crate) fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        "ES256" => Some(Algorithm::ES256),
        "ES384" => Some(Algorithm::ES384),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

impl KeySet {
    /// Reads a key set document. `None` if it is none.
    pub(crate) fn parse(document: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(document).ok()?;
        let jwks =
            document.keys.into_iter().take(MAX_KEYS).filter_map(|jwk| serde_json::from_value(jwk).ok());
        Some(Self(jwks.filter_map(Key::read).collect()))
    }

    /// The key for a token with this header. A token need not name its key if there is only one.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<&DecodingKey, NoKey> {
        let named: Vec<_> = match id {
            Some(id) => self.0.iter().filter(|key| key.id.as_deref() == Some(id)).collect(),
            None if self.0.len() > 1 => return Err(NoKey::Ambiguous),
            None => self.0.iter().collect(),
        };
        if named.is_empty() {
            return Err(NoKey::Unknown);
        }
        // Keys of different kinds may share an id (RFC 7517, 4.5).
        let fitting = named.into_iter().find(|key| key.algorithms.contains(&algorithm));
        fitting.map(|key| &key.public).ok_or(NoKey::OtherAlgorithm)
    }
}

impl Key {
    fn read(jwk: Jwk) -> Option<Self> {
        let is_for_signatures = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let may_verify = jwk.key_ops.as_ref().is_none_or(|uses| uses.iter().any(|one| one == "verify"));
        if !is_for_signatures || !may_verify {
            return None;
        }
        let (public, mut algorithms) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", None) => {
                let key = DecodingKey::from_rsa_components(jwk.n.as_deref()?, jwk.e.as_deref()?).ok()?;
                (key, vec![Algorithm::RS256, Algorithm::PS256])
            }
            ("EC", Some("P-256")) => (curve_key(&jwk)?, vec![Algorithm::ES256]),
            ("EC", Some("P-384")) => (curve_key(&jwk)?, vec![Algorithm::ES384]),
            ("OKP", Some("Ed25519")) => {
                (DecodingKey::from_ed_components(jwk.x.as_deref()?).ok()?, vec![Algorithm::EdDSA])
            }
            _ => return None,
        };
        if let Some(name) = &jwk.alg {
            let only = algorithm(name)?;
            algorithms.retain(|algorithm| *algorithm == only);
        }
        (!algorithms.is_empty()).then_some(Self { id: jwk.kid, algorithms, public })
    }
}

fn curve_key(jwk: &Jwk) -> Option<DecodingKey> {
    DecodingKey::from_ec_components(jwk.x.as_deref()?, jwk.y.as_deref()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find(keys: &Value, id: Option<&str>, algorithm: Algorithm) -> Result<(), NoKey> {
        let document = json!({ "keys": keys }).to_string();
        KeySet::parse(document.as_bytes()).expect("a key set").find(id, algorithm).map(|_| ())
    }

    #[test]
    fn a_key_is_found_by_its_id_and_kind() {
        let rsa = json!({"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"});
        let p256 = json!({"kty": "EC", "crv": "P-256", "kid": "b", "x": "AA", "y": "AA"});
        let both = json!([rsa, p256]);
        let table = [
            (both.clone(), Some("a"), Algorithm::RS256, Ok(())),
            (both.clone(), Some("a"), Algorithm::PS256, Ok(())),
            (both.clone(), Some("b"), Algorithm::ES256, Ok(())),
            (both.clone(), Some("b"), Algorithm::ES384, Err(NoKey::OtherAlgorithm)),
            (both.clone(), Some("a"), Algorithm::ES256, Err(NoKey::OtherAlgorithm)),
            (both.clone(), Some("c"), Algorithm::RS256, Err(NoKey::Unknown)),
            (both.clone(), Some(""), Algorithm::RS256, Err(NoKey::Unknown)),
            (both.clone(), None, Algorithm::RS256, Err(NoKey::Ambiguous)),
            (json!([rsa]), None, Algorithm::RS256, Ok(())),
            (json!([rsa]), None, Algorithm::ES256, Err(NoKey::OtherAlgorithm)),
            (json!([]), None, Algorithm::RS256, Err(NoKey::Unknown)),
            (
                json!([{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]),
                Some("a"),
                Algorithm::RS256,
                Err(NoKey::Unknown),
            ),
            (
                json!([{"kty": "RSA", "kid": "a", "alg": "PS256", "n": "AQAB", "e": "AQAB"}]),
                Some("a"),
                Algorithm::RS256,
                Err(NoKey::OtherAlgorithm),
            ),
        ];
        for (keys, id, algorithm, expected) in table {
            assert_eq!(find(&keys, id, algorithm), expected, "{keys} {id:?} {algorithm:?}");
        }
    }

    #[test]
    fn keys_of_no_use_are_passed_over() {
        for jwk in [
            json!({"kty": "oct", "kid": "a", "k": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "use": "enc", "n": "AQAB", "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "key_ops": ["sign"], "n": "AQAB", "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "alg": "HS256", "n": "AQAB", "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "alg": "ES256", "n": "AQAB", "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "n": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "n": "!", "e": "AQAB"}),
            json!({"kty": "EC", "kid": "a", "crv": "P-521", "x": "AA", "y": "AA"}),
            json!({"kty": "EC", "kid": "a", "x": "AA", "y": "AA"}),
            json!({"kty": "OKP", "kid": "a", "crv": "X25519", "x": "AA"}),
            json!({"kid": "a"}),
            json!("a"),
        ] {
            for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
                assert_eq!(find(&json!([jwk]), Some("a"), algorithm), Err(NoKey::Unknown), "{jwk}");
            }
        }
    }

    #[test]
    fn algorithms_that_are_not_accepted() {
        for name in
            ["none", "None", "", "HS256", "HS384", "HS512", "RS1", "RS512", "ES512", "ES256K", "rs256"]
        {
            assert_eq!(algorithm(name), None, "{name}");
        }
    }
}
