//! Wrong passwords, counted where every function sees them.
//!
//! Counted is per window of time: for each name at each address, for each address, and for each name from everywhere. Whoever
//! guesses at one name from one address is stopped early and stops nobody else; the other two limits are for those who guess at
//! many names, or from many addresses. Nothing here depends on the name's being anybody's.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use berth_protocol::Digest;
use berth_records::{Key, RecordRead, RecordWrite};
use berth_registry::{Clock, StoreError};

const WINDOW_SECS: u64 = 5 * 60;
/// For one name at one address.
pub(crate) const MAX_PER_PAIR: u64 = 10;
/// For all names at one address.
pub(crate) const MAX_PER_ADDRESS: u64 = 100;
/// For one name at all addresses. High: reaching it keeps its owner out as well.
pub(crate) const MAX_PER_NAME: u64 = 1000;

/// Counts wrong passwords. A check is counted after it has failed, so callers see to it that few are under way at a time: [`Turns`].
///
/// [`Turns`]: crate::turns::Turns
#[derive(Clone)]
pub(crate) struct Failures {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
}

/// Somebody who tries to sign in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) name: &'a str,
    /// `None` where the address is not known; then all such are one.
    pub(crate) address: Option<IpAddr>,
}

impl Failures {
    pub(crate) fn new(read: Arc<dyn RecordRead>, write: Arc<dyn RecordWrite>, clock: Arc<dyn Clock>) -> Self {
        Self { read, write, clock }
    }

    /// How long to wait, in seconds, if there were too many failures in this window. One read.
    pub(crate) async fn wait_secs(&self, attempt: Attempt<'_>) -> Result<Option<u64>, StoreError> {
        let limits = [MAX_PER_PAIR, MAX_PER_ADDRESS, MAX_PER_NAME];
        let counts = self.read.numbers(&self.keys(attempt)).await?;
        let is_over = counts.iter().zip(limits).any(|(count, limit)| *count >= limit);
        Ok(is_over.then(|| WINDOW_SECS - self.clock.now_secs() % WINDOW_SECS))
    }

    /// Counts one failure. Three writes.
    pub(crate) async fn note(&self, attempt: Attempt<'_>) -> Result<(), StoreError> {
        let expires_at_secs = Some(self.clock.now_secs() + 2 * WINDOW_SECS);
        let keys = self.keys(attempt);
        futures::future::try_join_all(keys.iter().map(|key| self.write.add(key, 1, expires_at_secs))).await?;
        Ok(())
    }

    fn keys(&self, attempt: Attempt<'_>) -> [Key; 3] {
        let window = self.clock.now_secs() / WINDOW_SECS;
        // A name is whatever somebody typed: of any length, and perhaps a password in the wrong field.
        let name = hash(attempt.name);
        let address = network(attempt.address);
        let key = |subject: String| Key::new(format!("failures#{subject}"), window.to_string());
        [key(format!("{name}#{address}")), key(format!("at#{address}")), key(format!("of#{name}"))]
    }
}

/// One customer of a provider: an IPv4 address, or the first 64 bits of an IPv6 address. All that are not known are one.
pub(crate) fn network(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let network = u128::from(address) >> 64 << 64;
            format!("{}/64", Ipv6Addr::from(network))
        }
    }
}

fn hash(name: &str) -> String {
    Digest::sha256(name.as_bytes()).hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use berth_testkit::Memory;

    use super::*;

    fn attempt<'a>(name: &'a str, address: &str) -> Attempt<'a> {
        Attempt { name, address: Some(address.parse().unwrap()) }
    }

    fn failures() -> (Arc<Memory>, Failures) {
        let memory = Arc::new(Memory::new());
        let failures = Failures::new(memory.clone(), memory.clone(), memory.ports().clock);
        (memory, failures)
    }

    #[tokio::test]
    async fn guessing_at_a_name_stops_the_guesser_and_nobody_else() {
        let (memory, failures) = failures();
        let guesser = attempt("alice", "192.0.2.1");
        for _ in 0..MAX_PER_PAIR {
            assert_eq!(failures.wait_secs(guesser).await.unwrap(), None);
            failures.note(guesser).await.unwrap();
        }
        let wait_secs = failures.wait_secs(guesser).await.unwrap().unwrap();
        assert!((1..=WINDOW_SECS).contains(&wait_secs));
        for other in [attempt("alice", "192.0.2.2"), attempt("bob", "192.0.2.1")] {
            assert_eq!(failures.wait_secs(other).await.unwrap(), None, "{other:?}");
        }
        memory.clock().advance(Duration::from_secs(wait_secs));
        assert_eq!(failures.wait_secs(guesser).await.unwrap(), None);
    }

    #[tokio::test]
    async fn guessing_at_many_names_from_one_network_stops_the_network() {
        let (_, failures) = failures();
        for n in 0..MAX_PER_ADDRESS {
            failures.note(attempt(&format!("user{n}"), &format!("2001:db8::{n:x}"))).await.unwrap();
        }
        assert!(failures.wait_secs(attempt("alice", "2001:db8::ffff")).await.unwrap().is_some());
        assert!(failures.wait_secs(attempt("alice", "2001:db8:0:1::1")).await.unwrap().is_none());
    }

    /// As many as come in a minute, from one machine and from fifty, at one name, at many, and at everybody's.
    #[tokio::test]
    async fn ten_thousand_guesses_in_a_minute_keep_nobody_else_out() {
        const GUESSES: u64 = 10_000;
        for (machines, names, most) in [
            (1, 1, MAX_PER_PAIR),
            (1, 1000, MAX_PER_ADDRESS),
            (50, 1, 50 * MAX_PER_PAIR),
            (50, 1000, 50 * MAX_PER_ADDRESS),
        ] {
            let (memory, failures) = failures();
            let mut compared = 0;
            for n in 0..GUESSES {
                let name = format!("user{}", n / machines % names);
                let address = format!("192.0.2.{}", n % machines);
                let guess = attempt(&name, &address);
                if failures.wait_secs(guess).await.unwrap().is_none() {
                    failures.note(guess).await.unwrap();
                    compared += 1;
                }
                if n % 100 == 0 {
                    memory.clock().advance(Duration::from_millis(600));
                    // Whose name is guessed at, and somebody else.
                    for user in ["user0", "bob"] {
                        let wait_secs = failures.wait_secs(attempt(user, "198.51.100.1")).await.unwrap();
                        assert_eq!(wait_secs, None, "{user}, {machines} machines, {names} names, guess {n}");
                    }
                }
            }
            assert!(compared <= 2 * most, "{compared} were compared, {machines} machines, {names} names");
        }
    }

    #[tokio::test]
    async fn guessing_at_one_name_from_everywhere_ends_and_keeps_its_owner_out() {
        let (_, failures) = failures();
        for n in 0..MAX_PER_NAME {
            failures.note(attempt("alice", &format!("2001:db8:{n:x}::1"))).await.unwrap();
        }
        assert!(failures.wait_secs(attempt("alice", "198.51.100.1")).await.unwrap().is_some());
        assert!(failures.wait_secs(attempt("bob", "198.51.100.1")).await.unwrap().is_none());
    }
}
