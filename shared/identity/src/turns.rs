//! A few at a time from each address, whoever waits for a check of a guessable secret.
//!
//! A count that is read before a check and raised after it lets through as many guesses as are under way. So only a few from one
//! network are, in one process; the others wait, and read the count when it is their turn. That costs no call to storage. It also
//! leaves the slow checks to other networks, however many guesses wait here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failures::network;

/// From one network. So many guesses pass the limit at most, less one, for each process.
pub(crate) const AT_ONCE: usize = 4;

/// Who is checked and who waits. Holds nothing of a network where nobody does either.
#[derive(Clone, Default)]
pub(crate) struct Turns {
    networks: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

/// Leave to check one secret and to count it if it was wrong. Given back when dropped.
pub(crate) struct Turn {
    turns: Turns,
    network: String,
    /// Of this network. Kept while waiting, so that all who wait here wait for each other.
    places: Option<Arc<Semaphore>>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for a turn, in the order of asking. All addresses that are not known are one network.
    pub(crate) async fn wait(&self, address: Option<IpAddr>) -> Turn {
        let network = network(address);
        let places = {
            let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(AT_ONCE));
            Arc::clone(networks.entry(network.clone()).or_insert_with(new))
        };
        let mut turn = Turn { turns: self.clone(), network, places: Some(Arc::clone(&places)), permit: None };
        // It is never closed, so there is always a permit.
        turn.permit = places.acquire_owned().await.ok();
        turn
    }

    #[cfg(test)]
    pub(crate) fn networks(&self) -> usize {
        self.networks.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Whoever is here holds the places: who waits, by himself; who has a permit, through it as well.
        drop((self.permit.take(), self.places.take()));
        let mut networks = self.turns.networks.lock().unwrap_or_else(PoisonError::into_inner);
        if networks.get(&self.network).is_some_and(|places| Arc::strong_count(places) == 1) {
            networks.remove(&self.network);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "what callers have")]
    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[tokio::test]
    async fn a_few_at_a_time_from_one_network_and_others_beside_them() {
        let turns = Turns::default();
        let mut held = Vec::new();
        for n in 0..AT_ONCE {
            held.push(turns.wait(address(&format!("2001:db8::{n}"))).now_or_never().unwrap());
        }
        let next = turns.wait(address("2001:db8::ffff"));
        tokio::pin!(next);
        assert!(next.as_mut().now_or_never().is_none(), "too many at once");
        for other in [address("2001:db8:0:1::1"), address("192.0.2.1"), None] {
            assert!(turns.wait(other).now_or_never().is_some(), "{other:?}");
        }
        held.pop();
        assert!(next.now_or_never().is_some());
    }

    #[tokio::test]
    async fn nothing_is_kept_of_those_who_left() {
        let turns = Turns::default();
        let held = turns.wait(address("192.0.2.1")).await;
        assert_eq!(turns.networks(), 1);
        drop(held);
        assert_eq!(turns.networks(), 0);

        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(turns.wait(None).await);
        }
        // Whoever gives up waiting leaves nothing either, and takes nobody's place.
        for gone in [turns.wait(None), turns.wait(None)] {
            assert!(gone.now_or_never().is_none());
        }
        assert_eq!(turns.networks(), 1);
        drop(held);
        assert_eq!(turns.networks(), 0);
    }
}
