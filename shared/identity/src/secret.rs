//! Secrets: comparing them, and keeping them so that they cannot be read back.
//!
//! What people choose is kept as argon2id; what we generate is 256 random bits, for which one SHA-256 is enough.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use berth_protocol::Digest;
use berth_registry::Ids;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::cli_tokens::is_cli_token;

/// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Longer passwords are refused, not cut off.
pub(crate) const MAX_PASSWORD_BYTES: usize = 128;
const MIN_PASSWORD_CHARS: usize = 8;

const GENERATED: &str = "sha256:";
/// As long to compute as any other: nothing but zeros comes of no password.
const OF_NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCE$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A secret as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(String);

/// A password that is too weak to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter \
     and 1 number"
)]
pub struct WeakSecret;

/// A secret that a machine generated: lower and upper case letters and digits, 256 random bits.
pub fn generate(ids: &dyn Ids) -> String {
    format!("Bt0{}{}", ids.next(), ids.next())
}

/// Refuses what Harbor refuses, and what looks like a CLI token: it would never be held against this.
pub fn check_strength(secret: &str) -> Result<(), WeakSecret> {
    if is_cli_token(secret) {
        return Err(WeakSecret);
    }
    let has = |is: fn(&char) -> bool| secret.chars().any(|character| is(&character));
    let is_long = secret.chars().count() >= MIN_PASSWORD_CHARS && secret.len() <= MAX_PASSWORD_BYTES;
    let is_mixed =
        has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    if is_long && is_mixed { Ok(()) } else { Err(WeakSecret) }
}

impl SecretHash {
    /// Of a secret that [`generate`] made.
    pub fn of_generated(secret: &str) -> Self {
        Self(format!("{GENERATED}{}", Digest::sha256(secret.as_bytes()).hex()))
    }

    /// Of a secret that somebody chose. Takes tens of milliseconds and 19 MiB: not to be called where other requests wait.
    /// `None` if the library refuses it.
    pub fn of_chosen(secret: &str, ids: &dyn Ids) -> Option<Self> {
        let salt = ids.next();
        let hash = argon2().hash_password_with_salt(secret.as_bytes(), salt.as_bytes()).ok()?;
        Some(Self(hash.to_string()))
    }

    /// What no password is the one of, checked with the same work as what somebody chose.
    pub(crate) fn of_nobody() -> Self {
        Self(OF_NOBODY.to_owned())
    }

    /// Whether `secret` is the one. As slow as making it.
    pub fn is_of(&self, secret: &str) -> bool {
        if let Some(generated) = self.0.strip_prefix(GENERATED) {
            return same_secret(generated.as_bytes(), Digest::sha256(secret.as_bytes()).hex().as_bytes());
        }
        secret.len() <= MAX_PASSWORD_BYTES
            && PasswordHash::new(&self.0)
                .is_ok_and(|hash| argon2().verify_password(secret.as_bytes(), &hash).is_ok())
    }

    /// Whether checking it is slow.
    pub fn is_slow(&self) -> bool {
        !self.0.starts_with(GENERATED)
    }
}

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHash")
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Whether two secrets are the same. Takes the same time wherever they differ, and whatever their lengths: compared are their MACs.
pub fn same_secret(one: &[u8], other: &[u8]) -> bool {
    tag(one).verify_slice(&tag(other).finalize().into_bytes()).is_ok()
}

fn tag(text: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"compare").expect("HMAC takes keys of any length");
    mac.update(text);
    mac
}

#[cfg(test)]
mod tests {
    use berth_testkit::CountingIds;

    use super::*;

    #[test]
    fn only_the_same_bytes_are_the_same() {
        for (one, other, same) in
            [("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "a", false), ("", "", true)]
        {
            assert_eq!(same_secret(one.as_bytes(), other.as_bytes()), same, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_kept_secret_knows_its_own_alone() {
        let ids = CountingIds::default();
        for hash in [SecretHash::of_chosen("Secret123", &ids).unwrap(), SecretHash::of_generated("Secret123")]
        {
            assert!(hash.is_of("Secret123"));
            assert!(!hash.is_of("secret123") && !hash.is_of("") && !hash.is_of(&"S".repeat(1000)));
            assert!(!serde_json::to_string(&hash).unwrap().contains("Secret123"));
        }
    }

    #[test]
    fn the_same_password_is_kept_differently_each_time() {
        let ids = CountingIds::default();
        assert!(SecretHash::of_chosen("a", &ids) != SecretHash::of_chosen("a", &ids));
        assert!(
            serde_json::to_string(&SecretHash::of_chosen("a", &ids)).unwrap().contains("m=19456,t=2,p=1")
        );
    }

    /// The library computes a hash for both: it refuses neither, and the parameters are the same.
    #[test]
    fn checking_nobodys_password_is_the_work_of_checking_somebodys() {
        let somebody = SecretHash::of_chosen("Secret123", &CountingIds::default()).unwrap();
        let nobody = SecretHash::of_nobody();
        assert!(nobody.is_slow() && somebody.is_slow());
        let parts = |hash: &SecretHash| {
            let hash = PasswordHash::new(&hash.0).unwrap();
            (hash.algorithm, hash.version, hash.params.clone(), hash.hash.unwrap().len())
        };
        assert_eq!(parts(&nobody), parts(&somebody));
        let refused = |hash: &SecretHash| {
            let hash = PasswordHash::new(&hash.0).unwrap();
            argon2().verify_password(b"wrong", &hash).unwrap_err()
        };
        assert_eq!(refused(&nobody), refused(&somebody));
        assert!(!nobody.is_of("") && !nobody.is_of("Secret123"));
    }

    #[test]
    fn strength_is_harbors() {
        assert!(check_strength(&generate(&CountingIds::default())).is_ok());
        for weak in
            ["", "Short1", "nouppercase1", "NOLOWERCASE1", "NoDigits", &format!("A1{}", "a".repeat(127))]
        {
            assert!(check_strength(weak).is_err(), "{weak}");
        }
        assert!(check_strength(&format!("A1{}", "a".repeat(126))).is_ok());
    }
}
