use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use berth_registry::Effect;

use super::{Hook, Verdict, injected};
use crate::Random;

/// Calls that fail by seeded chance, in each of the ways a call over a network can: refused, lost on the way, or done
/// with the answer lost.
#[derive(Debug)]
pub struct Faulty {
    random: Mutex<Random>,
    percent: usize,
}

impl Faulty {
    /// Lets about `percent` of 100 calls fail.
    pub const fn new(seed: u64, percent: usize) -> Self {
        Self { random: Mutex::new(Random::new(seed)), percent }
    }
}

#[async_trait]
impl Hook for Faulty {
    async fn before(&self, _: &'static str) -> Verdict {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        if !random.chance(self.percent) {
            return Verdict::Pass;
        }
        match random.below(3) {
            0 => Verdict::Before(injected(Effect::DidNotHappen)),
            1 => Verdict::Before(injected(Effect::MayHaveHappened)),
            _ => Verdict::After(injected(Effect::MayHaveHappened)),
        }
    }
}
