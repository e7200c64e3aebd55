//! How long to wait before a request is made again.

use std::time::Duration;

use http::{HeaderMap, header};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A registry that asks for more is not waited for so long.
const LONGEST_ASKED: Duration = Duration::from_mins(2);

/// The attempts that are left. Pauses double; each is between one and one and a half times its nominal length, so that
/// clients that failed together do not come back together.
#[derive(Debug)]
pub(super) struct Patience {
    left: u32,
    pause: Duration,
}

impl Patience {
    pub(super) fn new(retries: u32) -> Self {
        Self { left: retries, pause: FIRST_PAUSE }
    }

    /// How long to wait before the next attempt, at least as long as was `asked` for; `None` if there is none.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let nominal = self.pause.max(asked.unwrap_or_default().min(LONGEST_ASKED));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Some(nominal + nominal.mul_f32(f32::from(chance()) / 512.0))
    }
}

/// 0 to 255. Without randomness there is no spread, which harms nothing.
#[expect(clippy::disallowed_methods, reason = "a program at the edge of the system has the real source only")]
fn chance() -> u8 {
    let mut byte = [0];
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

/// The pause that an answer asks for, in seconds; the date form is for caches and is not read.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let mut patience = Patience::new(3);
        for nominal in [500, 1000, 2000] {
            let pause = patience.next(None).unwrap().as_millis();
            assert!((nominal..=nominal * 3 / 2).contains(&pause), "{pause}");
        }
        assert_eq!(patience.next(None), None);
    }

    #[test]
    fn what_is_asked_for_is_the_least_within_reason() {
        let asked = |seconds| Patience::new(1).next(Some(Duration::from_secs(seconds))).unwrap().as_secs();
        assert!((7..=10).contains(&asked(7)));
        assert!((120..=180).contains(&asked(86_400)));
        assert_eq!(asked(0), 0);
    }

    #[test]
    fn retry_after_is_read_in_seconds() {
        let read = |value| retry_after(&HeaderMap::from_iter([(header::RETRY_AFTER, value)]));
        assert_eq!(read("3".parse().unwrap()), Some(Duration::from_secs(3)));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap()), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
