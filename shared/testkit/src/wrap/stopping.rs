use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use berth_registry::Effect;

use super::{Hook, Verdict, injected};

/// A process that dies at its k-th call: that call and all later ones fail.
#[derive(Debug)]
pub struct Stopping {
    calls: AtomicUsize,
    last: usize,
    is_done: bool,
}

impl Stopping {
    /// Dies before the k-th call (from 1) takes effect.
    pub const fn before(k: usize) -> Self {
        Self { calls: AtomicUsize::new(0), last: k, is_done: false }
    }

    /// Dies after the k-th call (from 1) has taken effect, before its answer arrives.
    pub const fn after(k: usize) -> Self {
        Self { calls: AtomicUsize::new(0), last: k, is_done: true }
    }

    /// Whether it got as far as the k-th call.
    pub fn has_stopped(&self) -> bool {
        self.calls.load(Ordering::Relaxed) >= self.last
    }
}

#[async_trait]
impl Hook for Stopping {
    async fn before(&self, _: &'static str) -> Verdict {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if call < self.last {
            return Verdict::Pass;
        }
        let error = injected(Effect::MayHaveHappened);
        if call == self.last && self.is_done { Verdict::After(error) } else { Verdict::Before(error) }
    }
}
