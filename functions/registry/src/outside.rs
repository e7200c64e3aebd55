//! The way to others: issuers of tokens, and AWS's STS.

use berth_outbound::{Outbound, Policy};

/// How the service reaches hosts that its users name. The default is what a registry in production needs: public addresses by HTTPS alone,
/// and AWS's own STS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outside {
    /// For development and tests: issuers of tokens on loopback, by plain HTTP and on every port, may be asked too. Never where others can
    /// reach the service: they could reach through it whatever listens on loopback.
    pub allow_loopback: bool,
    /// For development and tests: asked in place of AWS's STS, such as `http://127.0.0.1:4566`.
    pub sts_endpoint: Option<String>,
}

impl Outside {
    /// The way to hosts that users name.
    pub fn outbound(&self) -> Outbound {
        Outbound::new(Policy { allow_loopback: self.allow_loopback, ..Policy::default() })
    }
}
