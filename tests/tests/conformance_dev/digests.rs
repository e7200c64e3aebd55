//! The two digest algorithms that a registry knows.

use std::fmt::Write;

use sha2::{Digest, Sha256, Sha512};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Algorithm {
    Sha256,
    Sha512,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    pub(crate) fn digest(self, bytes: &[u8]) -> String {
        let hash = match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        };
        hash.iter().fold(format!("{}:", self.name()), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes all text");
            text
        })
    }
}
