//! A token whose signature is good, held against a rule.

use std::collections::BTreeMap;

use crate::token::Claims;
use crate::{Rule, RuleError};

/// Why a rule does not accept a token. For the log: no value of a claim is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The rule is not safe to use.
    #[error("the rule is not safe: {0}")]
    Rule(#[from] RuleError),
    /// The token is for somebody else, or for somebody else too.
    #[error("the audience is another")]
    Audience,
    /// The token lives longer than the rule allows.
    #[error("it lives for {lifetime_secs} s")]
    Lifetime {
        /// From `iat` to `exp`.
        lifetime_secs: u64,
    },
    /// It stems from an event that the rule refuses.
    #[error("its event is refused")]
    Event,
    /// A claim is missing or is not what it must be.
    #[error("the claim {0} does not fit")]
    Claim(String),
}

/// The claims that the rule names, if it accepts all of them.
pub(crate) fn matched(
    rule: &Rule,
    claims: &Claims,
    lifetime_secs: u64,
) -> Result<BTreeMap<String, String>, Mismatch> {
    rule.check()?;
    let audiences = claims.audiences();
    let is_ours = |audience: &&str| rule.audiences.iter().any(|ours| ours == audience);
    if audiences.is_empty() || !audiences.iter().all(is_ours) {
        return Err(Mismatch::Audience);
    }
    if lifetime_secs > rule.max_lifetime_secs {
        return Err(Mismatch::Lifetime { lifetime_secs });
    }
    let event = claims.text("event_name");
    if event.is_some_and(|event| rule.refused_events.contains(&event)) {
        return Err(Mismatch::Event);
    }
    let conditions = rule.claims.iter();
    let accepted = conditions.map(|(claim, condition)| {
        let text = claims.text(claim).filter(|text| condition.accepts(text));
        text.map(|text| (claim.clone(), text)).ok_or_else(|| Mismatch::Claim(claim.clone()))
    });
    accepted.collect()
}
