use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{Hook, Verdict};

/// Counts the calls, for request budgets.
#[derive(Debug, Default)]
pub struct Counting {
    calls: Mutex<BTreeMap<&'static str, usize>>,
}

impl Counting {
    /// The calls so far, by name. Starts again from nothing.
    pub fn take(&self) -> BTreeMap<&'static str, usize> {
        std::mem::take(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Hook for Counting {
    async fn before(&self, call: &'static str) -> Verdict {
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner).entry(call).or_default() += 1;
        Verdict::Pass
    }
}
