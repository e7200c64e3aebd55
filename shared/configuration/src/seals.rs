//! Secrets as they lie in the table.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_registry::Ids;

/// Says how it is sealed, so that another way can be told from it one day.
const VERSION: &str = "1.";
const SALT: &[u8] = b"berth configuration";
const INFO: &[u8] = b"secrets, AES-256-GCM";

/// Seals secrets with a key that is derived from the text of the tokens' key, and opens what was sealed with it or with the one
/// before. Cheap to clone.
#[derive(Clone)]
pub struct Seals {
    /// The one that seals comes first.
    keys: Arc<[LessSafeKey]>,
}

/// A secret that was opened.
pub(crate) struct Opened {
    pub(crate) secret: String,
    /// Whether it must be sealed anew before the next rotation.
    pub(crate) is_old: bool,
}

impl Seals {
    /// From the texts that the tokens' keys come from too.
    pub fn new(current: &str, previous: Option<&str>) -> Self {
        Self { keys: std::iter::once(current).chain(previous).filter_map(key).collect() }
    }

    /// Seals the secret of an item. `None` only if the library refuses its own key.
    pub(crate) fn seal(&self, item: &str, secret: &str, ids: &dyn Ids) -> Option<String> {
        let nonce = nonce(ids)?;
        let mut text = secret.as_bytes().to_vec();
        let sealing = Nonce::assume_unique_for_key(nonce);
        self.keys.first()?.seal_in_place_append_tag(sealing, Aad::from(item), &mut text).ok()?;
        Some(format!("{VERSION}{}", URL_SAFE_NO_PAD.encode([&nonce[..], &text].concat())))
    }

    /// The secret of an item; `None` if neither key opens it, or if it was sealed for another item.
    pub(crate) fn open(&self, item: &str, sealed: &str) -> Option<Opened> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(VERSION)?).ok()?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_LEN>()?;
        self.keys.iter().enumerate().find_map(|(age, key)| {
            let mut text = text.to_vec();
            let opened =
                key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(item), &mut text).ok()?;
            Some(Opened { secret: String::from_utf8(opened.to_vec()).ok()?, is_old: age > 0 })
        })
    }
}

impl fmt::Debug for Seals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seals")
    }
}

/// HKDF (RFC 5869): the text is long and random, so one step is enough, and the key has nothing to do with the one that signs.
fn key(text: &str) -> Option<LessSafeKey> {
    let secret = Salt::new(HKDF_SHA256, SALT).extract(text.as_bytes());
    let key = secret.expand(&[INFO], &AES_256_GCM).ok()?;
    Some(LessSafeKey::new(UnboundKey::from(key)))
}

/// 96 random bits: a name has 128. A secret is sealed when somebody changes it, so no two meet.
fn nonce(ids: &dyn Ids) -> Option<[u8; NONCE_LEN]> {
    let id = ids.next();
    let mut nonce = [0; NONCE_LEN];
    for (index, byte) in nonce.iter_mut().enumerate() {
        // From the end, where names that count differ too.
        let end = id.len().checked_sub(2 * index)?;
        *byte = u8::from_str_radix(id.get(end.checked_sub(2)?..end)?, 16).ok()?;
    }
    Some(nonce)
}
