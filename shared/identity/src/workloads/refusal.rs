//! Why a workload is not let in.

use berth_federation::Refusal;
use berth_federation::aws::AwsRefusal;
use berth_registry::{Effect, Forbidden, StoreError, StoreErrorKind, chain};

/// Why a proof is not accepted. The text is for the log and holds nothing secret; the caller is told what everybody is told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// A token of an issuer.
    #[error(transparent)]
    Token(#[from] Refusal),
    /// A proof of an AWS identity.
    #[error(transparent)]
    Aws(#[from] AwsRefusal),
    /// The proof is good at the moment and over before anything can be given for it.
    #[error("the proof ended at {0}")]
    Over(u64),
    /// The name is a robot's, and there is none, or the proof is another's.
    #[error("there is no robot {0:?} that this can be")]
    NoRobot(String),
    /// The robot is kept out, or its time is over.
    #[error("{0} is disabled or has expired")]
    Inactive(String),
    /// It is signed by somebody else, made for another host, or over.
    #[error("the identity token is not good here, or is over")]
    Identity,
    /// The rule was removed, and with it what rested on it.
    #[error("the trust rule {0} of the identity token is gone")]
    RuleGone(u64),
    /// An identity token is given for what others vouch for, and for nothing that was given here.
    #[error("an identity token cannot be exchanged")]
    Identities,
    /// What was sent for an exchange is no proof.
    #[error("what was sent is neither a token nor a proof for AWS")]
    NoProof,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refused {
    fn is_temporary(&self) -> bool {
        match self {
            Self::Token(refusal) => refusal.is_temporary(),
            Self::Aws(refusal) => refusal.is_temporary(),
            _ => false,
        }
    }
}

/// Says the reason to the log, and to the caller what everybody is told. Nobody is kept out for trying: a proof cannot be guessed, and
/// jobs with an old one must not stop the others.
impl From<Refused> for Forbidden {
    fn from(refused: Refused) -> Self {
        if let Refused::Store(error) | Refused::Token(Refusal::Store(error)) = refused {
            return Self::Store(error);
        }
        if refused.is_temporary() {
            return Self::Store(StoreError {
                kind: StoreErrorKind::Unavailable,
                effect: Effect::DidNotHappen,
                operation: "CheckProof",
                source: Some(Box::new(refused)),
            });
        }
        tracing::info!(reason = chain(&refused), "a workload is not let in");
        Self::Unauthenticated
    }
}
