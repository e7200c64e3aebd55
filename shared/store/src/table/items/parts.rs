//! The parts of an upload in few bytes: 10,000 of them must fit into one item of 400 KB.
//!
//! Parts are in order and without gaps, so only their entity tags are kept, each as a length and that many bytes. The
//! length 0 stands for what S3 usually gives: sixteen bytes follow, and the tag is their hexadecimal digits in quotes.

use berth_registry::ports::Part;

const HEX_MARK: u8 = 0;
const HEX_BYTES: usize = 16;

/// `None` if the parts have gaps or an entity tag is empty or longer than 255 bytes.
pub(super) fn encode(parts: &[Part]) -> Option<Vec<u8>> {
    let mut encoded = Vec::with_capacity(parts.len() * (1 + HEX_BYTES));
    for (number, part) in (1..).zip(parts) {
        if part.number != number {
            return None;
        }
        if let Some(bytes) = unquoted_hex(&part.etag) {
            encoded.push(HEX_MARK);
            encoded.extend(bytes);
        } else {
            let length = u8::try_from(part.etag.len()).ok().filter(|length| *length != HEX_MARK)?;
            encoded.push(length);
            encoded.extend(part.etag.bytes());
        }
    }
    Some(encoded)
}

/// `None` if the bytes are no encoded parts.
pub(super) fn decode(mut encoded: &[u8]) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    while let Some((&length, rest)) = encoded.split_first() {
        let (etag, rest) = if length == HEX_MARK {
            let (bytes, rest) = rest.split_at_checked(HEX_BYTES)?;
            (quoted_hex(bytes), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(length))?;
            (String::from_utf8(bytes.to_vec()).ok()?, rest)
        };
        parts.push(Part { number: u32::try_from(parts.len() + 1).ok()?, etag });
        encoded = rest;
    }
    Some(parts)
}

fn unquoted_hex(etag: &str) -> Option<Vec<u8>> {
    let hex = etag.strip_prefix('"')?.strip_suffix('"')?;
    let is_lower_hex = hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hex.len() != 2 * HEX_BYTES || !is_lower_hex {
        return None;
    }
    (0..HEX_BYTES).map(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).ok()).collect()
}

fn quoted_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut etag = String::with_capacity(2 * bytes.len() + 2);
    etag.push('"');
    for byte in bytes {
        write!(etag, "{byte:02x}").expect("writing to a string does not fail");
    }
    etag.push('"');
    etag
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(etags: Vec<String>) -> Vec<Part> {
        (1..).zip(etags).map(|(number, etag)| Part { number, etag }).collect()
    }

    #[test]
    fn the_most_parts_fit_into_one_item() {
        let etags = vec!["\"d41d8cd98f00b204e9800998ecf8427e\"".to_owned(); 10_000];
        assert_eq!(encode(&parts(etags)).unwrap().len(), 170_000);
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let gap = vec![Part { number: 2, etag: "e".to_owned() }];
        for parts in [gap, parts(vec![String::new()]), parts(vec!["e".repeat(256)])] {
            assert_eq!(encode(&parts), None, "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(etags in prop::collection::vec("\"[0-9a-f]{32}\"|\"[0-9A-F]{32}\"|\"[0-9a-f]{32}-[0-9]\"|.{1,60}", 0..9)) {
            let parts = parts(etags);
            prop_assert_eq!(decode(&encode(&parts).unwrap()), Some(parts));
        }

        #[test]
        fn any_bytes_are_read_without_panic(encoded: Vec<u8>) {
            if let Some(parts) = decode(&encoded) {
                prop_assert_eq!(decode(&encode(&parts).unwrap()), Some(parts));
            }
        }
    }
}
