use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{Hook, Verdict};
use crate::Random;

/// Lets each call wait for a seeded number of turns, so that tasks side by side interleave in another way for each seed.
#[derive(Debug)]
pub struct Shuffling {
    random: Mutex<Random>,
}

impl Shuffling {
    /// The interleaving of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { random: Mutex::new(Random::new(seed)) }
    }
}

#[async_trait]
impl Hook for Shuffling {
    async fn before(&self, _: &'static str) -> Verdict {
        let turns = self.random.lock().unwrap_or_else(PoisonError::into_inner).below(8);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        Verdict::Pass
    }
}
