//! Comparing secrets.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whether two secrets are the same. Takes the same time wherever they differ, and whatever their lengths: compared are their MACs.
pub fn same_secret(one: &[u8], other: &[u8]) -> bool {
    tag(one).verify_slice(&tag(other).finalize().into_bytes()).is_ok()
}

fn tag(text: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"compare").expect("HMAC takes keys of any length");
    mac.update(text);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_are_the_same() {
        for (one, other, same) in
            [("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "a", false), ("", "", true)]
        {
            assert_eq!(same_secret(one.as_bytes(), other.as_bytes()), same, "{one:?} {other:?}");
        }
    }
}
