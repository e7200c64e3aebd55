//! Why a call brought no answer.

use std::error::Error;
use std::io;
use std::net::IpAddr;

use crate::UrlRefusal;
use crate::names::NameRefusal;

/// Why a call brought no answer. For the log; [`OutboundError::public`] is for whoever chose the host. It never holds the URL.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The policy does not allow the URL. Nothing was sent.
    #[error("the URL is refused: {0}")]
    Url(#[from] UrlRefusal),
    /// A header that belongs to the connection. Nothing was sent.
    #[error("the header {0} must not be set")]
    Header(String),
    /// The name has an address that is not public. Nothing was sent.
    #[error("the host resolves to {address}: {range}")]
    Address {
        /// The address.
        address: IpAddr,
        /// The range that it is in.
        range: &'static str,
    },
    /// The name cannot be resolved. Nothing was sent.
    #[error("the host cannot be resolved")]
    Unresolved(#[source] io::Error),
    /// No complete answer in time. The request may have been acted upon.
    #[error("no answer within {limit_ms} ms")]
    TimedOut {
        /// The limit.
        limit_ms: u64,
    },
    /// The answer is too large; reading stopped.
    #[error("the answer is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The connection or the protocol failed. The request may have been acted upon.
    #[error("the call failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl OutboundError {
    /// What whoever chose the host may read. It tells nothing about our network: an address that is refused looks like a host that
    /// does not answer.
    pub fn public(&self) -> String {
        match self {
            Self::Url(refusal) => format!("the URL is refused: {refusal}"),
            Self::Header(_) => self.to_string(),
            Self::TooLarge { .. } => "the answer is too large".to_owned(),
            Self::Address { .. } | Self::Unresolved(_) | Self::TimedOut { .. } | Self::Failed(_) => {
                "the host cannot be reached".to_owned()
            }
        }
    }

    /// Sorts what the HTTP client says; the URL is taken out, for its query may be a secret.
    pub(crate) fn from_client(error: reqwest::Error, limit_ms: u64) -> Self {
        if error.is_timeout() {
            return Self::TimedOut { limit_ms };
        }
        let error = error.without_url();
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(current) = cause {
            match current.downcast_ref::<NameRefusal>() {
                Some(NameRefusal::Address { address, range }) => {
                    return Self::Address { address: *address, range };
                }
                Some(NameRefusal::Unresolved(source)) => {
                    return Self::Unresolved(io::Error::new(source.kind(), source.to_string()));
                }
                None => cause = current.source(),
            }
        }
        Self::Failed(Box::new(error))
    }
}
