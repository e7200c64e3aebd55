use ::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest as _, Sha256, Sha512};

use crate::{Algorithm, Digest};

/// Computes a [`Digest`] piece by piece; its state can be saved between requests.
#[derive(Clone)]
pub struct Hasher {
    state: State,
}

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha512(Sha512),
}

// The first byte of a saved state: the layout of sha2 0.11 and the algorithm. A new layout takes new values;
// these never change their meaning, because saved states outlive a deployment.
const SHA256_LAYOUT_1: u8 = 0x11;
const SHA512_LAYOUT_1: u8 = 0x12;

const CHECKSUM_BYTES: usize = 8;

impl Hasher {
    /// A hasher that has seen nothing.
    pub fn new(algorithm: Algorithm) -> Self {
        let state = match algorithm {
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Sha512 => State::Sha512(Sha512::new()),
        };
        Self { state }
    }

    /// The hash function.
    pub const fn algorithm(&self) -> Algorithm {
        match self.state {
            State::Sha256(_) => Algorithm::Sha256,
            State::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// Adds `bytes` to what was seen.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Sha256(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// The digest of all that was seen.
    pub fn finish(self) -> Digest {
        match self.state {
            State::Sha256(state) => Digest::from_output(Algorithm::Sha256, &state.finalize()),
            State::Sha512(state) => Digest::from_output(Algorithm::Sha512, &state.finalize()),
        }
    }

    /// The state as bytes (at most 217) for [`Hasher::restore`]: a byte for layout and algorithm, the state,
    /// a checksum.
    pub fn save(&self) -> Vec<u8> {
        match &self.state {
            State::Sha256(state) => sealed(SHA256_LAYOUT_1, &state.serialize()),
            State::Sha512(state) => sealed(SHA512_LAYOUT_1, &state.serialize()),
        }
    }

    /// The hasher that was saved; `None` if the layout is unknown or the bytes are damaged, in which case the
    /// caller hashes the content again from its start.
    pub fn restore(saved: &[u8]) -> Option<Self> {
        let (tagged, sum) = saved.split_last_chunk::<CHECKSUM_BYTES>()?;
        if checksum(tagged) != *sum {
            return None;
        }
        let (&tag, state) = tagged.split_first()?;
        let state = match tag {
            SHA256_LAYOUT_1 => State::Sha256(deserialize(state)?),
            SHA512_LAYOUT_1 => State::Sha512(deserialize(state)?),
            _ => return None,
        };
        Some(Self { state })
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

fn sealed(tag: u8, state: &[u8]) -> Vec<u8> {
    let tagged = [&[tag], state].concat();
    let sum = checksum(&tagged);
    [tagged.as_slice(), &sum].concat()
}

/// The start of the bytes' SHA-256. Needed because sha2 takes any block count and may panic on a senseless
/// one.
fn checksum(tagged: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let output: [u8; 32] = Sha256::digest(tagged).into();
    let (sum, _) = output.split_first_chunk().expect("an output is longer than a checksum");
    *sum
}

fn deserialize<H: SerializableState>(state: &[u8]) -> Option<H> {
    let state = SerializedState::<H>::try_from(state).ok()?;
    H::deserialize(&state).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn foreign_states_are_refused() {
        let saved = Hasher::new(Algorithm::Sha256).save();
        let state = &saved[1..saved.len() - CHECKSUM_BYTES];
        assert!(Hasher::restore(&sealed(SHA256_LAYOUT_1, state)).is_some());
        for (tag, state) in
            [(0x21, state), (SHA512_LAYOUT_1, state), (SHA256_LAYOUT_1, &state[1..]), (SHA256_LAYOUT_1, &[])]
        {
            assert!(Hasher::restore(&sealed(tag, state)).is_none(), "{tag:#x}");
        }
        for length in 0..saved.len() {
            assert!(Hasher::restore(&saved[..length]).is_none(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn a_hasher_saved_at_any_point_continues(content: Vec<u8>, at: prop::sample::Index, is_sha512: bool) {
            let algorithm = if is_sha512 { Algorithm::Sha512 } else { Algorithm::Sha256 };
            let (head, tail) = content.split_at(at.index(content.len() + 1));
            let mut hasher = Hasher::new(algorithm);
            hasher.update(head);
            let mut restored = Hasher::restore(&hasher.save()).unwrap();
            restored.update(tail);
            prop_assert_eq!(restored.finish(), Digest::of(algorithm, &content));
        }

        #[test]
        fn a_damaged_state_is_refused(damage in 1_u8.., at: prop::sample::Index, is_sha512: bool) {
            let algorithm = if is_sha512 { Algorithm::Sha512 } else { Algorithm::Sha256 };
            let mut saved = Hasher::new(algorithm).save();
            let at = at.index(saved.len());
            saved[at] ^= damage;
            prop_assert!(Hasher::restore(&saved).is_none());
        }
    }
}
