use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::{Hook, Verdict};

/// Holds every call of one name until it is let through, so that a test can do something at exactly this point.
#[derive(Debug)]
pub struct Gate {
    call: &'static str,
    waiting: Semaphore,
    let_through: Semaphore,
}

impl Gate {
    /// Holds calls named `call`, such as `"ManifestWrite::commit"`.
    pub fn at(call: &'static str) -> Self {
        Self { call, waiting: Semaphore::new(0), let_through: Semaphore::new(0) }
    }

    /// Returns when a call (another one each time) waits at the gate.
    pub async fn reached(&self) {
        self.waiting.acquire().await.expect("the semaphore is never closed").forget();
    }

    /// Lets one call through.
    pub fn open(&self) {
        self.let_through.add_permits(1);
    }
}

#[async_trait]
impl Hook for Gate {
    async fn before(&self, call: &'static str) -> Verdict {
        if call == self.call {
            self.waiting.add_permits(1);
            self.let_through.acquire().await.expect("the semaphore is never closed").forget();
        }
        Verdict::Pass
    }
}
