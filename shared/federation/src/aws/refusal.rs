//! Why a proof of an AWS identity is not accepted.

use berth_outbound::OutboundError;

/// Why a proof is not accepted. The text is for the log and holds nothing secret; [`AwsRefusal::public`] is for the caller.
#[derive(Debug, thiserror::Error)]
pub enum AwsRefusal {
    /// It is not a password of this kind. STS was not asked.
    #[error("the proof is malformed: {0}")]
    Malformed(&'static str),
    /// A parameter of the presigned URL is missing, is there twice, or is not what it must be. STS was not asked.
    #[error("the parameter {0} is not what it must be")]
    Parameter(&'static str),
    /// A parameter that does not belong there. STS was not asked.
    #[error("the presigned URL has a parameter that does not belong there")]
    UnknownParameter,
    /// It has expired. STS was not asked.
    #[error("the proof expired at {0}")]
    Expired(u64),
    /// It is from the future. STS was not asked.
    #[error("the proof is dated {0}")]
    NotYetValid(u64),
    /// There is no rule at all. STS was not asked.
    #[error("there are no rules for AWS principals")]
    NoRules,
    /// STS did not answer.
    #[error("STS cannot be asked")]
    Sts(#[from] OutboundError),
    /// STS does not accept the signature, or the credentials have ended.
    #[error("STS answers with status {0}")]
    Rejected(u16),
    /// STS answered with something that cannot be.
    #[error("the answer of STS cannot be read")]
    Answer,
    /// No rule accepts this principal.
    #[error("no rule accepts {0}")]
    NoMatch(String),
}

impl AwsRefusal {
    /// What the caller may read.
    pub fn public(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Parameter(_) | Self::UnknownParameter => "the AWS proof is malformed",
            Self::Expired(_) => "the AWS proof has expired",
            Self::NotYetValid(_) => "the AWS proof is not valid yet",
            Self::NoRules | Self::NoMatch(_) => "no trust rule accepts this AWS principal",
            Self::Rejected(_) if !self.is_temporary() => "AWS does not accept this proof",
            Self::Rejected(_) | Self::Sts(_) | Self::Answer => {
                "the AWS proof cannot be checked at the moment"
            }
        }
    }

    /// Whether the same proof may be accepted later: an answer of 503 rather than 401.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Sts(_) | Self::Answer => true,
            Self::Rejected(status) => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}
