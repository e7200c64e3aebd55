//! Who signed a token.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_outbound::Outbound;
use berth_registry::Clock;
use serde_json::Value;

use crate::Refusal;
use crate::cache::{KeyCache, KeyError};
use crate::discovery::KeyPlace;
use crate::key_set::{NoKey, algorithm};
use crate::token::Unverified;

/// Checks who signed tokens, and nothing else: whom a token is for, and until when, is for the caller to judge. Keeps the keys of
/// issuers in memory: one per process.
pub struct Signatures {
    keys: KeyCache,
}

impl Signatures {
    /// Reads keys through `outbound`.
    pub fn new(outbound: Outbound, place: KeyPlace, clock: Arc<dyn Clock>) -> Self {
        Self { keys: KeyCache::new(outbound, place, clock) }
    }

    /// The claims of a token that `issuer` signed, in an algorithm that belongs to the kind of its key. The token names this very
    /// issuer.
    pub async fn claims(&self, token: &str, issuer: &str) -> Result<BTreeMap<String, Value>, Refusal> {
        let token = Unverified::parse(token)?;
        let named = token.claims.issuer()?;
        if named != issuer {
            return Err(Refusal::UnknownIssuer(named.to_owned()));
        }
        check_signature(&self.keys, &token, issuer).await?;
        Ok(token.claims.into_inner())
    }
}

impl std::fmt::Debug for Signatures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signatures")
    }
}

/// Whether `issuer` signed the token.
pub(crate) async fn check_signature(
    keys: &KeyCache,
    token: &Unverified<'_>,
    issuer: &str,
) -> Result<(), Refusal> {
    let name = &token.header.alg;
    let algorithm = algorithm(name).ok_or_else(|| Refusal::Algorithm(name.clone()))?;
    let id = token.header.kid.as_deref();
    let key = keys.key(issuer, id, algorithm).await.map_err(|error| match error {
        KeyError::Issuer(source) => Refusal::Issuer { issuer: issuer.to_owned(), source },
        KeyError::NoKey(NoKey::Unknown) => Refusal::UnknownKey(id.map(str::to_owned)),
        KeyError::NoKey(NoKey::Ambiguous) => Refusal::UnnamedKey,
        KeyError::NoKey(NoKey::OtherAlgorithm) => Refusal::Algorithm(name.clone()),
    })?;
    match jsonwebtoken::crypto::verify(token.signature, token.message.as_bytes(), &key, algorithm) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Refusal::Signature),
    }
}
