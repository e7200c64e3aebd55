//! Tokens of single use that were used.

use std::sync::Arc;

use async_trait::async_trait;
use berth_federation::SeenTokens;
use berth_records::{Expect, Key, RecordWrite, Written, put};
use berth_registry::StoreError;
use serde::Serialize;

use super::keys::hash;

/// That it is there says all.
#[derive(Serialize)]
struct Used {}

/// Notes tokens as records that are made once. After a lost answer the first use may look like a second: the token is then refused.
pub(crate) struct Seen(pub(crate) Arc<dyn RecordWrite>);

#[async_trait]
impl SeenTokens for Seen {
    async fn first_use(&self, issuer: &str, jti: &str, until_secs: u64) -> Result<bool, StoreError> {
        let key = Key::new(format!("seen-token#{}", hash(&[issuer, jti])), "used");
        let used = put(key, &Used {}, Expect::Absent).expiring(until_secs);
        Ok(self.0.write(vec![used]).await? == Written::Written)
    }
}
