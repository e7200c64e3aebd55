use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use berth_registry::Clock;

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Duration>,
}

impl ManualClock {
    /// Late in this century, so that an endpoint with a clock of its own takes nothing for expired.
    pub const START: Duration = Duration::from_secs(4_000_000_000);

    /// A clock that stands at `now`, counted from the Unix epoch.
    pub fn new(now: Duration) -> Self {
        Self { now: Mutex::new(now) }
    }

    /// Moves the clock to `now`.
    pub fn set(&self, now: Duration) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new(Self::START)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
