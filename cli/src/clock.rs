//! The one place where these commands look at the clock.

use tokio::time::Instant;

#[expect(clippy::disallowed_methods, reason = "a program at the edge of the system has the real time only")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
