//! Bearer tokens: opaque to clients, checked without a read.
//!
//! A token is `<user in base64url>.<expiry in seconds since 1970>.<mac>`. The MAC is HMAC-SHA256 over `token`, the user and the
//! expiry; the purpose keeps it from being mistaken for an upload session or a blob address.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs and checks tokens. Two keys are valid at a time, so that a key can be replaced while tokens are in use.
#[derive(Clone)]
pub struct Tokens {
    current: String,
    previous: Option<String>,
}

impl Tokens {
    /// Signs with `current`; accepts what was signed with `current` or `previous`.
    pub fn new(current: impl Into<String>, previous: Option<String>) -> Self {
        Self { current: current.into(), previous }
    }

    /// A token for `user` that is good until `expires_at_secs`.
    pub fn issue(&self, user: &str, expires_at_secs: u64) -> String {
        let proof = mac(&self.current, user, expires_at_secs).finalize().into_bytes();
        format!("{}.{expires_at_secs}.{}", URL_SAFE_NO_PAD.encode(user), URL_SAFE_NO_PAD.encode(proof))
    }

    /// The user of a token that was issued here and has not expired. Compares in constant time.
    pub fn user(&self, token: &str, now_secs: u64) -> Option<String> {
        let mut fields = token.split('.');
        let (Some(user), Some(expiry), Some(proof), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return None;
        };
        let user = String::from_utf8(URL_SAFE_NO_PAD.decode(user).ok()?).ok()?;
        let expires_at_secs: u64 = expiry.parse().ok()?;
        let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
        let matches = |key: &str| mac(key, &user, expires_at_secs).verify_slice(&proof).is_ok();
        let is_ours = matches(&self.current) || self.previous.as_deref().is_some_and(matches);
        (is_ours && now_secs < expires_at_secs).then_some(user)
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

fn mac(key: &str, user: &str, expires_at_secs: u64) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("token\n{user}\n{expires_at_secs}").as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_user_until_it_expires() {
        let tokens = Tokens::new("key", None);
        let token = tokens.issue("admin", 1000);
        assert_eq!(tokens.user(&token, 999).as_deref(), Some("admin"));
        assert_eq!(tokens.user(&token, 1000), None);
    }

    #[test]
    fn a_token_of_the_previous_key_is_good_and_of_another_is_not() {
        let token = Tokens::new("old", None).issue("admin", 1000);
        assert!(Tokens::new("new", Some("old".to_owned())).user(&token, 0).is_some());
        assert!(Tokens::new("new", None).user(&token, 0).is_none());
        assert!(Tokens::new("new", Some(String::from("other"))).user(&token, 0).is_none());
    }

    #[test]
    fn an_altered_token_is_nobodys() {
        let tokens = Tokens::new("key", None);
        let token = tokens.issue("admin", 1000);
        let other = URL_SAFE_NO_PAD.encode("root");
        let (user, rest) = token.split_once('.').unwrap();
        for altered in [
            format!("{other}.{rest}"),
            token.replace("1000", "9000"),
            format!("{token}A"),
            format!("{user}.1000."),
            format!("{token}.{token}"),
            String::new(),
        ] {
            assert_eq!(tokens.user(&altered, 0), None, "{altered}");
        }
    }
}
