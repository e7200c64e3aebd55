//! Tokens that were used, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use berth_federation::SeenTokens;
use berth_registry::StoreError;

#[derive(Default)]
pub(crate) struct Seen {
    tokens: Mutex<HashMap<(String, String), u64>>,
    is_broken: bool,
}

impl Seen {
    /// One that fails every time.
    pub(crate) fn broken() -> Self {
        Self { is_broken: true, ..Self::default() }
    }

    /// What was noted, with the time until when.
    pub(crate) fn noted(&self) -> Vec<((String, String), u64)> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone().into_iter().collect()
    }
}

#[async_trait]
impl SeenTokens for Seen {
    async fn first_use(&self, issuer: &str, jti: &str, until_secs: u64) -> Result<bool, StoreError> {
        if self.is_broken {
            return Err(StoreError::corrupt("PutItem", "broken on purpose"));
        }
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(tokens.insert((issuer.to_owned(), jti.to_owned()), until_secs).is_none())
    }
}
