//! Why somebody is not signed in.

use berth_federation::{IssuerError, Refusal};
use berth_outbound::OutboundError;
use berth_registry::StoreError;

use crate::SettingsError;

/// Why somebody is not signed in. The text is for the log and holds nothing secret; [`OidcError::public`] is for the browser.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The settings cannot be used.
    #[error("the settings cannot be used")]
    Settings(#[from] SettingsError),
    /// What the provider says about itself cannot be read.
    #[error("the provider cannot be asked")]
    Issuer(#[from] IssuerError),
    /// What it says about itself lacks something.
    #[error("the description of the provider lacks {0}")]
    Description(&'static str),
    /// The provider names an address that cannot be asked, or does not answer.
    #[error("the {endpoint} cannot be asked")]
    Outbound {
        /// Which.
        endpoint: &'static str,
        /// Why.
        #[source]
        source: OutboundError,
    },
    /// It answers with another status than 200.
    #[error("the {endpoint} answers {status}: {error}")]
    Status {
        /// Which.
        endpoint: &'static str,
        /// The status.
        status: u16,
        /// The provider's word for it (RFC 6749, section 5.2), if it is a plain one.
        error: String,
    },
    /// An answer that is not what it should be.
    #[error("the answer of the {0} is not valid")]
    Answer(&'static str),
    /// The provider refused, or the person did.
    #[error("the provider answers {0:?}")]
    Refused(String),
    /// The answer is not that of the provider that was asked.
    #[error("the answer is from another issuer")]
    OtherIssuer,
    /// The ID token's signature or form.
    #[error("the ID token is refused: {0}")]
    Signature(#[source] Refusal),
    /// What the ID token says.
    #[error("the ID token is refused: {0}")]
    Claim(&'static str),
    /// Storage failed.
    #[error("storage failed")]
    Store(#[from] StoreError),
}

impl OidcError {
    /// What the browser may show.
    pub fn public(&self) -> &'static str {
        match self {
            Self::Settings(_) => {
                "the settings of the OIDC provider are not valid: an administrator must look at them"
            }
            Self::Refused(_) => "the OIDC provider did not sign you in; try again",
            Self::OtherIssuer | Self::Claim(_) | Self::Signature(_) if !self.is_temporary() => {
                "the answer of the OIDC provider is not valid; sign in again"
            }
            _ => {
                "the OIDC provider cannot be asked at the moment; an administrator finds the reason in the log"
            }
        }
    }

    /// Whether the same may succeed later, or after an administrator has changed something: not the person's fault.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(_) | Self::OtherIssuer | Self::Claim(_) => false,
            Self::Signature(refusal) => refusal.is_temporary(),
            _ => true,
        }
    }
}

/// A word that may go into the log: the provider's error codes are such.
pub(crate) fn plain(word: &str) -> String {
    let is_plain = |character: &char| character.is_ascii_alphanumeric() || "_-.".contains(*character);
    word.chars().filter(is_plain).take(64).collect()
}
