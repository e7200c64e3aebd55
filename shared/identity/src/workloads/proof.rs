//! Passwords that are proofs: known by their form, before anything about them is believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_federation::aws::PASSWORD_PREFIX;
use serde_json::{Map, Value};

use crate::token::IDENTITY_TYPE;

/// What a workload can bring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof<'a> {
    /// An identity token of ours.
    Identity(&'a str),
    /// Any other JSON Web Token.
    Token(&'a str),
    /// A presigned `GetCallerIdentity`.
    Aws(&'a str),
}

impl<'a> Proof<'a> {
    /// `None` for what is a password like any other. A token without a signature is a token: it is refused as one.
    pub(crate) fn of(password: &'a str) -> Option<Self> {
        if password.starts_with(PASSWORD_PREFIX) {
            return Some(Self::Aws(password));
        }
        let header = header(password)?;
        let is_ours = header.get("typ").and_then(Value::as_str) == Some(IDENTITY_TYPE);
        Some(if is_ours { Self::Identity(password) } else { Self::Token(password) })
    }
}

/// The header of what looks like a JSON Web Token: three parts in base64url, the first of them a JSON object.
fn header(text: &str) -> Option<Map<String, Value>> {
    let parts: Vec<&str> = text.splitn(4, '.').collect();
    let &[header, claims, signature] = parts.as_slice() else { return None };
    let is_encoded =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if claims.is_empty() || !is_encoded(claims) || !is_encoded(signature) {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kind(password: &str) -> &'static str {
        match Proof::of(password) {
            None => "password",
            Some(Proof::Identity(_)) => "identity",
            Some(Proof::Token(_)) => "token",
            Some(Proof::Aws(_)) => "aws",
        }
    }

    #[test]
    fn a_proof_is_known_by_its_form() {
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = encode(json!({"alg": "RS256"}));
        let ours = encode(json!({"alg": "ES256", "typ": IDENTITY_TYPE}));
        for (password, expected) in [
            (format!("{header}.e30.c2ln"), "token"),
            (format!("{header}.e30."), "token"),
            (format!("{}.e30.c2ln", encode(json!({"typ": "JWT"}))), "token"),
            (format!("{}.e30.c2ln", encode(json!({"typ": 7}))), "token"),
            (format!("{ours}.e30.c2ln"), "identity"),
            ("berth-aws-v1.aHR0cHM6".to_owned(), "aws"),
            ("berth-aws-v1.".to_owned(), "aws"),
            (format!("{header}.e30"), "password"),
            (format!("{header}..c2ln"), "password"),
            (format!("{header}.e30.c2ln.x"), "password"),
            (format!("{header}.e30.c2 n"), "password"),
            (format!("{}.e30.c2ln", encode(json!([]))), "password"),
            ("a.b.c".to_owned(), "password"),
            ("Password1".to_owned(), "password"),
            (String::new(), "password"),
            ("..".to_owned(), "password"),
        ] {
            assert_eq!(kind(&password), expected, "{password}");
        }
    }
}
