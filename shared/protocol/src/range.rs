use std::ops::RangeInclusive;

/// The value of a `Range` header on a blob: one range of bytes (RFC 9110 section 14.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// `a-b`, both included. `b` may lie beyond the end, and before `a` (see [`ByteRange::resolve`]).
    Between {
        /// The position of the first byte.
        first: u64,
        /// The position of the last byte.
        last: u64,
    },
    /// `a-`, from a position to the end.
    From {
        /// The position of the first byte.
        first: u64,
    },
    /// `-n`, the last bytes.
    Suffix {
        /// How many bytes.
        length: u64,
    },
}

/// A range that no byte of the blob lies in: answer 416 with `Content-Range: bytes */<size>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsatisfiable {
    /// It starts at or after the end, or asks for the last 0 bytes.
    #[error("range lies outside the content")]
    OutOfBounds,
    /// Its last position is before its first. RFC 9110 calls this malformed; the OCI conformance tests want
    /// 416.
    #[error("range ends before it starts")]
    Reversed,
}

impl ByteRange {
    /// Reads a header value. `None` for another unit, several ranges or a malformed one: the header is then
    /// ignored and the whole content answered with 200 (RFC 9110 section 14.2). Positions beyond `u64` count
    /// as its maximum.
    pub fn parse(header: &str) -> Option<Self> {
        let (unit, range) = header.trim().split_once('=')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        match range.trim().split_once('-')? {
            ("", length) => Some(Self::Suffix { length: position(length)? }),
            (first, "") => Some(Self::From { first: position(first)? }),
            (first, last) => Some(Self::Between { first: position(first)?, last: position(last)? }),
        }
    }

    /// The positions to answer from content of `size` bytes; the end of the range is at most the last byte.
    pub fn resolve(self, size: u64) -> Result<RangeInclusive<u64>, Unsatisfiable> {
        let (first, last) = match self {
            Self::Between { first, last } if last < first => return Err(Unsatisfiable::Reversed),
            Self::Between { first, last } => (first, last),
            Self::From { first } => (first, u64::MAX),
            Self::Suffix { length: 0 } => return Err(Unsatisfiable::OutOfBounds),
            Self::Suffix { length } => (size.saturating_sub(length), u64::MAX),
        };
        if first >= size {
            return Err(Unsatisfiable::OutOfBounds);
        }
        Ok(first..=last.min(size - 1))
    }
}

/// The value of a `Content-Range` header on a chunk of an upload: `<first>-<last>`, both included
/// (distribution-spec, "Pushing a blob in chunks"). Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    first: u64,
    last: u64,
}

#[expect(clippy::len_without_is_empty, reason = "a content range holds at least one byte")]
impl ContentRange {
    /// Reads `a-b`, and also the form of RFC 9110, `bytes a-b/<size or *>`. `None` if malformed, if `b` is
    /// before `a`, or if the length exceeds `u64`.
    pub fn parse(header: &str) -> Option<Self> {
        let header = header.trim();
        let range = match header.strip_prefix("bytes") {
            Some(rest) => rest.trim_start_matches(['=', ' ']),
            None => header,
        };
        let (range, size) = range.split_once('/').unwrap_or((range, "*"));
        if size != "*" {
            position(size)?;
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (position(first)?, position(last)?);
        (first <= last && last < u64::MAX).then_some(Self { first, last })
    }

    /// The position of the first byte in the blob.
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The position of the last byte in the blob.
    pub const fn last(self) -> u64 {
        self.last
    }

    /// How many bytes the chunk has.
    pub const fn len(self) -> u64 {
        self.last - self.first + 1
    }
}

/// Reads digits, and nothing but digits; a number beyond `u64` becomes its maximum.
fn position(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn byte_ranges_of_ten_bytes() {
        let table = [
            ("bytes=0-0", Some(Ok(0..=0))),
            ("bytes=2-5", Some(Ok(2..=5))),
            ("bytes=2-", Some(Ok(2..=9))),
            ("bytes=-3", Some(Ok(7..=9))),
            ("bytes=-30", Some(Ok(0..=9))),
            ("bytes=0-99999999999999999999999", Some(Ok(0..=9))),
            ("Bytes= 2-5 ", Some(Ok(2..=5))),
            ("bytes=9-9", Some(Ok(9..=9))),
            ("bytes=10-", Some(Err(Unsatisfiable::OutOfBounds))),
            ("bytes=10-20", Some(Err(Unsatisfiable::OutOfBounds))),
            ("bytes=-0", Some(Err(Unsatisfiable::OutOfBounds))),
            ("bytes=5-0", Some(Err(Unsatisfiable::Reversed))),
            ("bytes=500-0", Some(Err(Unsatisfiable::Reversed))),
            ("", None),
            ("bytes", None),
            ("bytes=", None),
            ("bytes=-", None),
            ("bytes=1", None),
            ("bytes=a-b", None),
            ("bytes=+1-2", None),
            ("bytes=1--2", None),
            ("bytes=0-1,3-4", None),
            ("items=0-1", None),
            ("0-1", None),
        ];
        for (header, expected) in table {
            assert_eq!(ByteRange::parse(header).map(|range| range.resolve(10)), expected, "{header:?}");
        }
    }

    #[test]
    fn content_ranges() {
        let table = [
            ("0-0", Some((0, 0, 1))),
            ("100-199", Some((100, 199, 100))),
            ("bytes 100-199/*", Some((100, 199, 100))),
            ("bytes 100-199/4000", Some((100, 199, 100))),
            ("bytes=100-199", Some((100, 199, 100))),
            ("", None),
            ("-", None),
            ("5-", None),
            ("-5", None),
            ("5-4", None),
            ("0--1", None),
            ("a-b", None),
            ("0-1/x", None),
            ("0-18446744073709551615", None),
        ];
        for (header, expected) in table {
            let range = ContentRange::parse(header).map(|range| (range.first(), range.last(), range.len()));
            assert_eq!(range, expected, "{header:?}");
        }
    }

    proptest! {
        #[test]
        fn a_resolved_range_lies_in_the_content(header in "bytes=[0-9]{0,20}-[0-9]{0,20}|\\PC*", size: u64) {
            if let Some(Ok(range)) = ByteRange::parse(&header).map(|range| range.resolve(size)) {
                prop_assert!(range.start() <= range.end() && *range.end() < size);
            }
        }

        #[test]
        fn content_ranges_have_a_length(header in "(bytes )?[0-9]{0,20}-[0-9]{0,20}(/[*])?|\\PC*") {
            if let Some(range) = ContentRange::parse(&header) {
                prop_assert_eq!(range.first() + range.len() - 1, range.last());
            }
        }
    }
}
