//! Tokens against rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_outbound::Outbound;
use berth_registry::Clock;

use crate::cache::KeyCache;
use crate::discovery::KeyPlace;
use crate::matching::matched;
use crate::signed::check_signature;
use crate::token::{Claims, Unverified};
use crate::{Mismatch, Refusal, Rule, SeenTokens};

/// How far the clock of an issuer may be from ours.
const LEEWAY_SECS: u64 = 60;
/// Longest `jti`, in bytes.
const MAX_JTI_BYTES: usize = 256;

/// A token that a rule accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The rule that accepts it.
    pub rule_id: String,
    /// Its `sub`.
    pub subject: String,
    /// The claims that the rule names, as text.
    pub claims: BTreeMap<String, String>,
    /// Its `jti`, if it has one.
    pub jti: Option<String>,
    /// When it expires. What is given in return must not live longer.
    pub expires_at_secs: u64,
}

/// Checks tokens. Keeps the keys of issuers in memory: one per process.
pub struct Verifier {
    keys: KeyCache,
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    seen: Arc<dyn SeenTokens>,
}

struct Times {
    lifetime_secs: u64,
    expires_at_secs: u64,
}

impl Verifier {
    /// Reads keys through `outbound` and notes tokens of single use in `seen`.
    pub fn new(outbound: Outbound, clock: Arc<dyn Clock>, seen: Arc<dyn SeenTokens>) -> Self {
        Self {
            keys: KeyCache::new(outbound.clone(), KeyPlace::OwnOrigin, Arc::clone(&clock)),
            outbound,
            clock,
            seen,
        }
    }

    /// Whether the issuer of a new rule could be asked at all, for the form in which somebody writes the rule. Sends nothing.
    pub fn check_issuer(&self, rule: &Rule) -> Result<(), berth_outbound::UrlRefusal> {
        self.outbound.check(&rule.issuer).map(|_| ())
    }

    /// Accepts `token` by the first of `rules` that fits, or says why not.
    ///
    /// Only issuers that a rule names are ever asked. A rule that is not safe ([`Rule::check`]) accepts nothing. If the rule wants tokens
    /// to be used once, the token is used by this call; there is no falling back to the next rule when it was used before.
    pub async fn verify(&self, token: &str, rules: &[Rule]) -> Result<Verified, Refusal> {
        let token = Unverified::parse(token)?;
        let issuer = token.claims.issuer()?;
        let candidates: Vec<_> = rules.iter().filter(|rule| rule.issuer == issuer).collect();
        if candidates.is_empty() {
            return Err(Refusal::UnknownIssuer(issuer.to_owned()));
        }
        check_safety(&candidates)?;
        check_signature(&self.keys, &token, issuer).await?;
        let times = check_times(&token.claims, self.clock.now_secs())?;
        let subject = token.claims.string("sub").ok_or(Refusal::MissingClaim("sub"))?;
        let (rule, claims) = first_match(&candidates, &token.claims, times.lifetime_secs)?;
        let jti = token.claims.string("jti");
        if rule.single_use {
            self.use_once(rule, jti, times.expires_at_secs).await?;
        }
        Ok(Verified {
            rule_id: rule.id.clone(),
            subject: subject.to_owned(),
            claims,
            jti: jti.map(str::to_owned),
            expires_at_secs: times.expires_at_secs,
        })
    }

    async fn use_once(&self, rule: &Rule, jti: Option<&str>, expires_at_secs: u64) -> Result<(), Refusal> {
        let jti = jti.ok_or(Refusal::MissingClaim("jti"))?;
        if jti.len() > MAX_JTI_BYTES {
            return Err(Refusal::Malformed("its jti is too long"));
        }
        let until_secs = expires_at_secs.saturating_add(LEEWAY_SECS);
        let is_first = self.seen.first_use(&rule.issuer, jti, until_secs).await?;
        if is_first { Ok(()) } else { Err(Refusal::UsedBefore(rule.id.clone())) }
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier")
    }
}

/// An issuer that only unsafe rules name is not asked either.
fn check_safety(candidates: &[&Rule]) -> Result<(), Refusal> {
    let mut unsafe_rules = Vec::new();
    for rule in candidates {
        match rule.check() {
            Ok(()) => return Ok(()),
            Err(error) => unsafe_rules.push((rule.id.clone(), Mismatch::Rule(error))),
        }
    }
    Err(Refusal::NoMatch(unsafe_rules))
}

/// `exp` and `iat` are needed: without them nobody knows for how long a stolen token is good.
fn check_times(claims: &Claims, now_secs: u64) -> Result<Times, Refusal> {
    let expires_at_secs = claims.time_secs("exp")?.ok_or(Refusal::MissingClaim("exp"))?;
    let issued_at_secs = claims.time_secs("iat")?.ok_or(Refusal::MissingClaim("iat"))?;
    let good_from_secs = claims.time_secs("nbf")?.unwrap_or(issued_at_secs).max(issued_at_secs);
    if now_secs >= expires_at_secs.saturating_add(LEEWAY_SECS) {
        return Err(Refusal::Expired(expires_at_secs));
    }
    if good_from_secs > now_secs.saturating_add(LEEWAY_SECS) {
        return Err(Refusal::NotYetValid(good_from_secs));
    }
    let lifetime_secs = expires_at_secs.checked_sub(issued_at_secs);
    let lifetime_secs = lifetime_secs.ok_or(Refusal::Malformed("it expires before it is issued"))?;
    Ok(Times { lifetime_secs, expires_at_secs })
}

fn first_match<'r>(
    candidates: &[&'r Rule],
    claims: &Claims,
    lifetime_secs: u64,
) -> Result<(&'r Rule, BTreeMap<String, String>), Refusal> {
    let mut mismatches = Vec::new();
    for rule in candidates {
        match matched(rule, claims, lifetime_secs) {
            Ok(claims) => return Ok((rule, claims)),
            Err(mismatch) => mismatches.push((rule.id.clone(), mismatch)),
        }
    }
    Err(Refusal::NoMatch(mismatches))
}
