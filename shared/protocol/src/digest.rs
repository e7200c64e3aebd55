use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Hasher;

/// A hash function that a digest may name (image-spec, "Registered algorithms").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// SHA-256, what nearly all clients use.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// A hash function this registry does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("digest algorithm must be sha256 or sha512")]
pub struct AlgorithmError;

impl Algorithm {
    /// The name in front of the colon of a digest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// The number of hex digits in a digest of this algorithm.
    pub const fn hex_len(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

impl FromStr for Algorithm {
    type Err = AlgorithmError;

    fn from_str(text: &str) -> Result<Self, AlgorithmError> {
        match text {
            "sha256" => Ok(Self::Sha256),
            "sha512" => Ok(Self::Sha512),
            _ => Err(AlgorithmError),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A content address, `sha256:<64 hex digits>` or `sha512:<128 hex digits>` (image-spec, "Digests").
///
/// There is one text for each value: lower-case hex of the algorithm's length. It is safe in paths, keys and
/// headers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest {
    algorithm: Algorithm,
    hex: String,
}

/// Why a text is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// There is no colon.
    #[error("digest must be <algorithm>:<hex>")]
    Format,
    /// The algorithm is not known.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// The encoded part is not lower-case hex of the algorithm's length.
    #[error("{algorithm} digest must have {} lower-case hex digits", algorithm.hex_len())]
    Encoded {
        /// The algorithm that was named.
        algorithm: Algorithm,
    },
}

impl Digest {
    /// Reads `<algorithm>:<hex>`.
    pub fn parse(text: &str) -> Result<Self, DigestError> {
        let (algorithm, hex) = text.split_once(':').ok_or(DigestError::Format)?;
        let algorithm: Algorithm = algorithm.parse()?;
        if hex.len() != algorithm.hex_len() || !hex.bytes().all(is_lower_hex) {
            return Err(DigestError::Encoded { algorithm });
        }
        Ok(Self { algorithm, hex: hex.to_owned() })
    }

    /// The digest of `content`.
    pub fn of(algorithm: Algorithm, content: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(content);
        hasher.finish()
    }

    /// The SHA-256 digest of `content`.
    pub fn sha256(content: &[u8]) -> Self {
        Self::of(Algorithm::Sha256, content)
    }

    /// The digest whose hash value is `output`, which has the algorithm's length.
    pub(crate) fn from_output(algorithm: Algorithm, output: &[u8]) -> Self {
        debug_assert_eq!(output.len() * 2, algorithm.hex_len());
        let hex = output.iter().flat_map(|byte| [hex_digit(byte >> 4), hex_digit(byte & 15)]).collect();
        Self { algorithm, hex }
    }

    /// The hash function.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The hash value in lower-case hex.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The hash value, 32 or 64 bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.hex
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| (hex_value(pair[0]) << 4) | hex_value(pair[1]))
            .collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.hex)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        Self::parse(&text)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

const fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn hex_digit(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 })
}

const fn hex_value(digit: u8) -> u8 {
    if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EMPTY_SHA256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn digests_are_those_of_the_standards() {
        assert_eq!(Digest::sha256(b"").to_string(), EMPTY_SHA256);
        let abc = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                   2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert_eq!(Digest::of(Algorithm::Sha512, b"abc").to_string(), abc);
    }

    #[test]
    fn malformed_digests_are_refused() {
        let sha256 = DigestError::Encoded { algorithm: Algorithm::Sha256 };
        let table = [
            (String::new(), DigestError::Format),
            (EMPTY_SHA256.replace(':', "-"), DigestError::Format),
            (EMPTY_SHA256.replace("sha256", "SHA256"), DigestError::Algorithm(AlgorithmError)),
            (EMPTY_SHA256.replace("sha256", "sha384"), DigestError::Algorithm(AlgorithmError)),
            (EMPTY_SHA256.replace("sha256", ""), DigestError::Algorithm(AlgorithmError)),
            (EMPTY_SHA256.replace('e', "E"), sha256),
            (EMPTY_SHA256.replace("e3b0", "g3b0"), sha256),
            (EMPTY_SHA256.replace("e3b0", "é3b"), sha256),
            (format!("{EMPTY_SHA256}0"), sha256),
            (EMPTY_SHA256[..70].to_owned(), sha256),
            ("sha256:".to_owned(), sha256),
            (EMPTY_SHA256.replace("256", "512"), DigestError::Encoded { algorithm: Algorithm::Sha512 }),
        ];
        for (text, error) in table {
            assert_eq!(Digest::parse(&text), Err(error), "{text}");
        }
    }

    #[test]
    fn json_is_a_validated_string() {
        let digest: Digest = serde_json::from_str(&format!("\"{EMPTY_SHA256}\"")).unwrap();
        assert_eq!(serde_json::to_string(&digest).unwrap(), format!("\"{EMPTY_SHA256}\""));
        assert!(serde_json::from_str::<Digest>("\"sha256:00\"").is_err());
    }

    proptest! {
        #[test]
        fn text_and_bytes_round_trip(content: Vec<u8>, is_sha512: bool) {
            let algorithm = if is_sha512 { Algorithm::Sha512 } else { Algorithm::Sha256 };
            let digest = Digest::of(algorithm, &content);
            prop_assert_eq!(Digest::parse(&digest.to_string()), Ok(digest.clone()));
            prop_assert_eq!(digest.hex().len(), algorithm.hex_len());
            prop_assert_eq!(Digest::from_output(algorithm, &digest.bytes()), digest);
        }

        #[test]
        fn an_accepted_text_is_the_only_one_of_its_digest(text in "(sha256|sha512|md5)?:?[0-9a-fA-F]{62,66}|\\PC*") {
            if let Ok(digest) = Digest::parse(&text) {
                prop_assert_eq!(digest.to_string(), text);
            }
        }
    }
}
