//! The keys of issuers, kept in memory for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use berth_outbound::Outbound;
use berth_registry::Clock;
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::discovery::{IssuerError, KeyPlace, read_keys};
use crate::key_set::{KeySet, NoKey};

/// How long keys are used before they are read again. A key that its issuer withdraws is accepted for at most this long.
const TTL_SECS: u64 = 10 * 60;
/// How often an unknown key id may make us ask, per issuer.
const REFRESH_SECS: u64 = 60;
/// How long an issuer that failed is left alone.
const RETRY_SECS: u64 = 10;
/// The most issuers that are kept; the next one empties the cache.
const MAX_ISSUERS: usize = 256;

pub(crate) struct KeyCache {
    outbound: Outbound,
    place: KeyPlace,
    clock: Arc<dyn Clock>,
    issuers: Mutex<HashMap<String, Arc<Issuer>>>,
}

#[derive(Default)]
struct Issuer {
    state: Mutex<State>,
    /// Held by the one who asks; the others wait for what he learns.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<(KeySet, u64)>,
    asked_at_secs: Option<u64>,
    failed: bool,
}

/// Why there is no key for a token.
#[derive(Debug)]
pub(crate) enum KeyError {
    Issuer(IssuerError),
    NoKey(NoKey),
}

impl KeyCache {
    pub(crate) fn new(outbound: Outbound, place: KeyPlace, clock: Arc<dyn Clock>) -> Self {
        Self { outbound, place, clock, issuers: Mutex::default() }
    }

    /// The key of `issuer` for a token with this header. Asks the issuer if its keys are not known, are old, or lack the id; at most
    /// one asks at a time.
    pub(crate) async fn key(
        &self,
        issuer: &str,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, KeyError> {
        let entry = self.entry(issuer);
        if let Some(known) = entry.lookup(id, algorithm, self.clock.now_secs()) {
            return known;
        }
        let _asking = entry.asking.lock().await;
        // Whoever was first has asked by now.
        if let Some(known) = entry.lookup(id, algorithm, self.clock.now_secs()) {
            return known;
        }
        let answer = read_keys(&self.outbound, issuer, self.place).await;
        entry.learn(answer, self.clock.now_secs()).map_err(KeyError::Issuer)?;
        entry.find(id, algorithm)
    }

    fn entry(&self, issuer: &str) -> Arc<Issuer> {
        let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        if issuers.len() >= MAX_ISSUERS && !issuers.contains_key(issuer) {
            issuers.clear();
        }
        Arc::clone(issuers.entry(issuer.to_owned()).or_default())
    }
}

impl Issuer {
    /// What can be said without asking; `None` if the issuer must be asked.
    fn lookup(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now_secs: u64,
    ) -> Option<Result<DecodingKey, KeyError>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let was_asked_within =
            |secs| state.asked_at_secs.is_some_and(|at| now_secs.saturating_sub(at) < secs);
        match &state.keys {
            Some((keys, read_at_secs)) if now_secs.saturating_sub(*read_at_secs) < TTL_SECS => {
                match keys.find(id, algorithm) {
                    Err(NoKey::Unknown) if !was_asked_within(REFRESH_SECS) => None,
                    found => Some(found.cloned().map_err(KeyError::NoKey)),
                }
            }
            _ if state.failed && was_asked_within(RETRY_SECS) => {
                Some(Err(KeyError::Issuer(IssuerError::FailedBefore)))
            }
            _ => None,
        }
    }

    /// Keeps new keys. A failure keeps the old ones, which still end with their time.
    fn learn(&self, answer: Result<KeySet, IssuerError>, now_secs: u64) -> Result<(), IssuerError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked_at_secs = Some(now_secs);
        state.failed = answer.is_err();
        state.keys = match answer {
            Ok(keys) => Some((keys, now_secs)),
            Err(error) => return Err(error),
        };
        Ok(())
    }

    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<DecodingKey, KeyError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = state.keys.as_ref().map(|(keys, _)| keys);
        keys.map_or(Err(NoKey::Unknown), |keys| keys.find(id, algorithm).cloned()).map_err(KeyError::NoKey)
    }
}
