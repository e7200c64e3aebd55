//! A token in the environment (GitLab's `id_tokens`) or in a file (a projected volume of Kubernetes).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::{Kind, Proof};
use crate::workload::failure::Failure;

pub(super) const VARIABLE: &str = "BERTH_ID_TOKEN";
pub(super) const FILE: &str = "BERTH_TOKEN_FILE";

const MAX_TOKEN_BYTES: usize = 16 * 1024;

#[derive(Deserialize)]
struct Claims {
    aud: Audience,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

pub(super) fn read(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|_| Failure::File { name: FILE, path: path.to_owned() })
}

/// A token that is made for somebody else is not sent: whoever has it could use it there.
pub(super) fn proof(text: &str, audience: &str, name: &'static str) -> Result<Proof, Failure> {
    let text = text.trim();
    let reason = "it is not a token: three parts with points between them";
    let claims = claims(text).ok_or(Failure::Setting { name, reason })?;
    let is_ours = match claims.aud {
        Audience::One(found) => found == audience,
        Audience::Many(found) => found.iter().any(|one| one == audience),
    };
    if !is_ours {
        return Err(Failure::NotFound);
    }
    Ok(Proof { kind: Kind::Token, text: text.to_owned(), origin: name })
}

/// Nothing in it is believed: it says whom to show it to.
fn claims(token: &str) -> Option<Claims> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn encoded(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn with(claims: &Value) -> String {
        format!("{}.{}.c2ln", encoded(&json!({"alg": "RS256"})), encoded(claims))
    }

    pub(in super::super) fn token(audience: &str) -> String {
        with(&json!({ "aud": audience }))
    }

    #[test]
    fn a_token_goes_to_its_audience() {
        for (claims, expected) in [
            (json!({"aud": "registry.example"}), Ok(())),
            (json!({"aud": ["other.example", "registry.example"]}), Ok(())),
            (json!({"aud": "registry.example.evil.example"}), Err(true)),
            (json!({"aud": []}), Err(true)),
            (json!({"aud": 7}), Err(false)),
            (json!({}), Err(false)),
        ] {
            let found = proof(&with(&claims), "registry.example", VARIABLE).map(|_| ());
            assert_eq!(found.map_err(|failure| failure == Failure::NotFound), expected, "{claims}");
        }
        for text in ["", "password", "a.b.c"] {
            assert!(
                matches!(proof(text, "x", VARIABLE), Err(Failure::Setting { name: VARIABLE, .. })),
                "{text}"
            );
        }
        let padded = format!("\n{}\n", token("registry.example"));
        assert_eq!(proof(&padded, "registry.example", VARIABLE).unwrap().text, padded.trim());
    }
}
