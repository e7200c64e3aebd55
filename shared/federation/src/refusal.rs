//! Why a token is not accepted.

use berth_registry::StoreError;

use crate::{IssuerError, Mismatch};

/// Why a token is not accepted. The text is for the log and holds nothing secret; [`Refusal::public`] is for the caller.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is not a token that we can read.
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// A claim that every token needs is not there or is empty.
    #[error("the token lacks the claim {0}")]
    MissingClaim(&'static str),
    /// No rule is for its issuer. Nobody was asked.
    #[error("there is no rule for the issuer {0:?}")]
    UnknownIssuer(String),
    /// Its algorithm is none that is accepted, or not that of its key.
    #[error("the algorithm {0:?} is not accepted")]
    Algorithm(String),
    /// Its issuer's keys could not be read.
    #[error("the keys of {issuer} cannot be read")]
    Issuer {
        /// The issuer.
        issuer: String,
        /// Why.
        #[source]
        source: IssuerError,
    },
    /// Its issuer has no such key.
    #[error("the issuer has no key {0:?}")]
    UnknownKey(Option<String>),
    /// It names no key, and its issuer has several.
    #[error("the token names no key, and the issuer has several")]
    UnnamedKey,
    /// Its signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// It has expired.
    #[error("the token expired at {0}")]
    Expired(u64),
    /// It is from the future.
    #[error("the token is good from {0} on")]
    NotYetValid(u64),
    /// No rule for its issuer accepts it.
    #[error("no rule accepts the token: {}", list(.0))]
    NoMatch(Vec<(String, Mismatch)>),
    /// It was used before, and the rule wants it to be used once.
    #[error("the token was used before (rule {0})")]
    UsedBefore(String),
    /// Nobody can say whether it was used before.
    #[error("the tokens that were used cannot be looked up")]
    Store(#[from] StoreError),
}

impl Refusal {
    /// What the caller may read. Who cannot show a token with a good signature learns nothing about rules and issuers; who can learns
    /// nothing about conditions.
    pub fn public(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::MissingClaim(_) => "the token is malformed",
            Self::Expired(_) => "the token has expired",
            Self::NotYetValid(_) => "the token is not valid yet",
            Self::UsedBefore(_) => "the token was used before",
            Self::UnknownIssuer(_)
            | Self::Algorithm(_)
            | Self::UnknownKey(_)
            | Self::UnnamedKey
            | Self::Signature
            | Self::NoMatch(_) => "no trust rule accepts this token",
            Self::Issuer { .. } | Self::Store(_) => "the token cannot be checked at the moment",
        }
    }

    /// Whether the same token may be accepted later: an answer of 503 rather than 401.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Issuer { source, .. } => source.is_temporary(),
            Self::Store(_) => true,
            _ => false,
        }
    }
}

fn list(mismatches: &[(String, Mismatch)]) -> String {
    let lines: Vec<_> = mismatches.iter().map(|(rule, mismatch)| format!("{rule}: {mismatch}")).collect();
    lines.join("; ")
}
