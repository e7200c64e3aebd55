//! A token taken apart. Nothing in here is believed: that comes with the signature.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::Refusal;

/// Longest token, in bytes. GitHub's have about 2 KiB; AWS puts tags into its own.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// A token before its signature is checked.
pub(crate) struct Unverified<'a> {
    pub(crate) header: Header,
    pub(crate) claims: Claims,
    /// What the signature is over.
    pub(crate) message: &'a str,
    /// The signature, in base64url.
    pub(crate) signature: &'a str,
}

/// What we read of a header. Keys and addresses of keys that it may hold (`jwk`, `jku`, `x5u`, `x5c`) are nothing to us.
#[derive(Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
    /// Extensions that must be understood (RFC 7515, 4.1.11). We understand none.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// The claims; a name that occurs twice makes the token malformed.
pub(crate) struct Claims(BTreeMap<String, Value>);

/// The issuer that a token names, so that its rules can be looked up. Nothing about it is proven.
pub fn claimed_issuer(token: &str) -> Result<String, Refusal> {
    Unverified::parse(token)?.claims.issuer().map(str::to_owned)
}

impl<'a> Unverified<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refusal::Malformed("it is too long"));
        }
        let parts = token.rsplit_once('.').and_then(|(message, signature)| {
            let (header, claims) = message.split_once('.')?;
            Some((message, header, claims, signature))
        });
        let Some((message, header, claims, signature)) = parts else {
            return Err(Refusal::Malformed("it has not three parts"));
        };
        let header: Header = read(header).ok_or(Refusal::Malformed("its header cannot be read"))?;
        if header.crit {
            return Err(Refusal::Malformed("its header has critical extensions"));
        }
        let claims = read(claims).ok_or(Refusal::Malformed("its claims cannot be read"))?;
        Ok(Self { header, claims, message, signature })
    }
}

impl Claims {
    pub(crate) fn issuer(&self) -> Result<&str, Refusal> {
        self.string("iss").ok_or(Refusal::MissingClaim("iss"))
    }

    /// All of them, by their names.
    pub(crate) fn into_inner(self) -> BTreeMap<String, Value> {
        self.0
    }

    /// A claim that is a text and not empty.
    pub(crate) fn string(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A time in whole seconds. `Ok(None)` if there is none; another kind of value is a mistake.
    pub(crate) fn time_secs(&self, name: &'static str) -> Result<Option<u64>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_u64().map(Some).ok_or(Refusal::Malformed("a time is not a number of seconds"))
            }
        }
    }

    /// Whom the token is for. Nobody, if `aud` is neither a text nor a list of texts.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(audience)) => vec![audience],
            Some(Value::Array(list)) => {
                list.iter().map(Value::as_str).collect::<Option<_>>().unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// A claim as text, by its name or by a JSON pointer. Whole numbers and booleans become text; lists and objects do not.
    pub(crate) fn text(&self, claim: &str) -> Option<String> {
        match self.value(claim)? {
            Value::String(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
            _ => None,
        }
    }

    fn value(&self, claim: &str) -> Option<&Value> {
        let Some(pointer) = claim.strip_prefix('/') else { return self.0.get(claim) };
        let (name, rest) = match pointer.find('/') {
            Some(at) => pointer.split_at(at),
            None => (pointer, ""),
        };
        self.0.get(&name.replace("~1", "/").replace("~0", "~"))?.pointer(rest)
    }
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique;

        impl<'de> Visitor<'de> for Unique {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom("a claim occurs twice"));
                    }
                }
                Ok(Claims(claims))
            }
        }

        deserializer.deserialize_map(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    fn claims(text: &str) -> Claims {
        serde_json::from_str(text).expect("claims")
    }

    #[test]
    fn what_is_no_token() {
        let header = encoded(r#"{"alg":"RS256"}"#);
        let body = encoded(r#"{"iss":"https://a.example"}"#);
        assert_eq!(claimed_issuer(&format!("{header}.{body}.c2ln")).unwrap(), "https://a.example");
        for token in [
            String::new(),
            "password".to_owned(),
            header.clone(),
            format!("{header}.{body}"),
            format!("{header}.{body}.a.b"),
            format!("{header}=.{body}.a"),
            format!("{header}. {body}.a"),
            format!("{}.{body}.a", encoded("[]")),
            format!("{}.{body}.a", encoded("{}")),
            format!("{}.{body}.a", encoded(r#"{"alg":"RS256","alg":"none"}"#)),
            format!("{}.{body}.a", encoded(r#"{"alg":"RS256","crit":["b64"],"b64":false}"#)),
            format!("{}.{body}.a", encoded(r#"{"alg":"RS256","crit":null}"#)),
            format!("{}.{body}.a", encoded(r#"{"alg":"RS256","kid":7}"#)),
            format!("{header}.{}.a", encoded(r#"{"iss":"https://a.example","iss":"https://b.example"}"#)),
            format!("{header}.{}.a", encoded(r#"{"iss":"https://a.example"} x"#)),
            format!("{header}.{}.a", encoded(r#""iss""#)),
            format!("{header}.{}.a", encoded("\u{0}")),
            format!("{header}.{}.a", "A".repeat(MAX_TOKEN_BYTES)),
            format!("{header}.{}.a", encoded(&format!("{}1{}", "[".repeat(3000), "]".repeat(3000)))),
        ] {
            assert!(matches!(claimed_issuer(&token), Err(Refusal::Malformed(_))), "{token}");
        }
        for body in ["{}", r#"{"iss":""}"#, r#"{"iss":["https://a.example"]}"#] {
            let token = format!("{header}.{}.a", encoded(body));
            assert!(matches!(claimed_issuer(&token), Err(Refusal::MissingClaim("iss"))), "{body}");
        }
    }

    #[test]
    fn claims_as_text() {
        let claims = claims(
            r#"{"s":"x","n":123,"m":-5,"f":1.5,"e":1e3,"t":true,"z":null,"l":["x"],"o":{"a/b":{"c~d":7}},"/":{"p":"q"},"a.b/c":"y"}"#,
        );
        for (claim, expected) in [
            ("s", Some("x")),
            ("n", Some("123")),
            ("m", Some("-5")),
            ("f", None),
            ("e", None),
            ("t", Some("true")),
            ("z", None),
            ("l", None),
            ("o", None),
            ("missing", None),
            ("a.b/c", Some("y")),
            ("/s", Some("x")),
            ("/o/a~1b/c~0d", Some("7")),
            ("/o/a~1b", None),
            ("/o/a/b", None),
            ("/~1/p", Some("q")),
            ("/l/0", Some("x")),
        ] {
            assert_eq!(claims.text(claim).as_deref(), expected, "{claim}");
        }
    }

    #[test]
    fn audiences_are_texts_or_nobody() {
        for (text, expected) in [
            (r#"{"aud":"a"}"#, vec!["a"]),
            (r#"{"aud":["a","b"]}"#, vec!["a", "b"]),
            (r#"{"aud":["a",1]}"#, vec![]),
            (r#"{"aud":[]}"#, vec![]),
            (r#"{"aud":{"a":1}}"#, vec![]),
            ("{}", vec![]),
        ] {
            assert_eq!(claims(text).audiences(), expected, "{text}");
        }
    }
}
