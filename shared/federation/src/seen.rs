//! Which tokens were used: the port under single use.

use async_trait::async_trait;
use berth_registry::StoreError;

/// Remembers tokens by issuer and `jti`.
#[async_trait]
pub trait SeenTokens: Send + Sync {
    /// Notes that a token is used, and says whether this is the first time.
    ///
    /// Atomic: of any number of calls at the same moment exactly one is told true. What is noted may be forgotten after
    /// `until_secs` (seconds since the Unix epoch), when the token is refused for its age. `issuer` and `jti` are text of others: at most
    /// 1024 and 256 bytes, any characters.
    async fn first_use(&self, issuer: &str, jti: &str, until_secs: u64) -> Result<bool, StoreError>;
}
