//! What an ID token must say (OpenID Connect Core 1.0, section 3.1.3.7). Its signature and its issuer are checked before.

use std::collections::BTreeMap;

use berth_identity::same_secret;
use serde_json::Value;

use crate::OidcError;

/// How far the provider's clock may be from ours.
const LEEWAY_SECS: u64 = 60;
/// The longest subject.
const MAX_SUBJECT_BYTES: usize = 255;

/// What is expected of it.
pub(crate) struct Expected<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now_secs: u64,
}

/// The subject, if everything holds.
pub(crate) fn check(claims: &BTreeMap<String, Value>, expected: &Expected<'_>) -> Result<String, OidcError> {
    check_audience(claims, expected.client_id)?;
    let time = |name| claims.get(name).and_then(Value::as_u64);
    let expires_at_secs = time("exp").ok_or(OidcError::Claim("exp is missing"))?;
    let issued_at_secs = time("iat").ok_or(OidcError::Claim("iat is missing"))?;
    if expected.now_secs >= expires_at_secs.saturating_add(LEEWAY_SECS) {
        return Err(OidcError::Claim("it has expired"));
    }
    if issued_at_secs > expected.now_secs + LEEWAY_SECS {
        return Err(OidcError::Claim("it is from the future"));
    }
    let nonce = text(claims, "nonce").ok_or(OidcError::Claim("nonce is missing"))?;
    if !same_secret(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return Err(OidcError::Claim("nonce is that of another sign-in"));
    }
    let subject = text(claims, "sub").ok_or(OidcError::Claim("sub is missing"))?;
    if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES {
        return Err(OidcError::Claim("sub has no length that it may have"));
    }
    Ok(subject.to_owned())
}

/// It is for us, and if it is for others as well, it was given to us.
fn check_audience(claims: &BTreeMap<String, Value>, client_id: &str) -> Result<(), OidcError> {
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(list)) => list.iter().map(Value::as_str).collect::<Option<_>>().unwrap_or_default(),
        _ => Vec::new(),
    };
    if !audiences.contains(&client_id) {
        return Err(OidcError::Claim("aud is somebody else"));
    }
    match claims.get("azp") {
        None if audiences.len() > 1 => Err(OidcError::Claim("azp is missing")),
        Some(party) if party.as_str() != Some(client_id) => Err(OidcError::Claim("azp is somebody else")),
        _ => Ok(()),
    }
}

fn text<'a>(claims: &'a BTreeMap<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW_SECS: u64 = 1_000_000;

    fn good() -> Value {
        json!({
            "aud": "berth", "exp": NOW_SECS + 300, "iat": NOW_SECS, "nonce": "n", "sub": "alice",
        })
    }

    fn checked(claims: Value) -> Result<String, OidcError> {
        let expected = Expected { client_id: "berth", nonce: "n", now_secs: NOW_SECS };
        check(&serde_json::from_value(claims).unwrap(), &expected)
    }

    #[test]
    fn one_claim_that_is_wrong_is_enough() {
        assert_eq!(checked(good()).unwrap(), "alice");
        for (name, value) in [
            ("aud", json!("other")),
            ("aud", json!(["berth", 7])),
            ("aud", json!({ "berth": true })),
            ("aud", json!(["berth", "other"])),
            ("aud", Value::Null),
            ("azp", json!("other")),
            ("azp", json!(7)),
            ("exp", json!(NOW_SECS - LEEWAY_SECS)),
            ("exp", json!("later")),
            ("exp", json!(2_000_000.5)),
            ("iat", json!(NOW_SECS + LEEWAY_SECS + 1)),
            ("iat", Value::Null),
            ("nonce", json!("other")),
            ("nonce", json!("")),
            ("nonce", Value::Null),
            ("sub", json!("")),
            ("sub", json!(7)),
            ("sub", json!("s".repeat(256))),
        ] {
            let mut claims = good();
            claims[name] = value.clone();
            assert!(matches!(checked(claims), Err(OidcError::Claim(_))), "{name}: {value}");
        }
    }

    #[test]
    fn several_audiences_need_the_party_that_it_was_given_to() {
        let mut claims = good();
        claims["aud"] = json!(["berth", "other"]);
        claims["azp"] = json!("berth");
        assert!(checked(claims).is_ok());
    }
}
