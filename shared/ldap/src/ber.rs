//! The Basic Encoding Rules as far as LDAP uses them (RFC 4511 section 5.1): definite lengths, tags of one byte.

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Lengths have at most so many bytes here: no message is that long.
const MAX_LENGTH_BYTES: usize = 4;
/// Tags whose number does not fit, which LDAP has none of.
const LONG_TAG: u8 = 0x1f;

/// An element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => bytes.push(length),
        _ => {
            let length = content.len().to_be_bytes();
            let zeros = length.iter().take_while(|byte| **byte == 0).count();
            // A length has at most eight bytes.
            bytes.push(0x80 | u8::try_from(length.len() - zeros).unwrap_or(8));
            bytes.extend(&length[zeros..]);
        }
    }
    bytes.extend(content);
    bytes
}

/// An element that holds others.
pub(crate) fn holding(tag: u8, elements: &[Vec<u8>]) -> Vec<u8> {
    element(tag, &elements.concat())
}

/// A number that is not negative, in as few bytes as it needs.
pub(crate) fn number(tag: u8, number: u32) -> Vec<u8> {
    let bytes = u64::from(number).to_be_bytes();
    let is_needless = |pair: &&[u8]| pair[0] == 0 && pair[1] < 0x80;
    let zeros = bytes.windows(2).take_while(is_needless).count();
    element(tag, &bytes[zeros..])
}

/// How long a message is, once its beginning is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// So many bytes from its first, its tag and length among them.
    Known(usize),
    /// More of its beginning is needed.
    More,
    /// It is no message.
    Malformed,
}

/// How long the element is that begins here.
pub(crate) fn length(bytes: &[u8]) -> Length {
    let [_, first, rest @ ..] = bytes else { return Length::More };
    if *first < 0x80 {
        return Length::Known(2 + usize::from(*first));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > MAX_LENGTH_BYTES {
        return Length::Malformed;
    }
    let Some(length) = rest.get(..count) else { return Length::More };
    let length = length.iter().fold(0_u64, |length, byte| (length << 8) | u64::from(*byte));
    usize::try_from(length).map_or(Length::Malformed, |length| Length::Known(2 + count + length))
}

/// Elements one after another. Ends at the first that is none, so what must be there is asked for with [`Elements::expect`].
#[derive(Debug)]
pub(crate) struct Elements<'a>(pub(crate) &'a [u8]);

impl<'a> Elements<'a> {
    /// The content of the next element, if it has this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// The next element as a text.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.expect(OCTETS)?).ok()
    }

    /// The next element as a number that is not negative and fits.
    pub(crate) fn number(&mut self, tag: u8) -> Option<u32> {
        let content = self.expect(tag)?;
        let is_short = (1..=5).contains(&content.len()) && content[0] < 0x80;
        let sum = content.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        is_short.then_some(sum).and_then(|sum| u32::try_from(sum).ok())
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let Length::Known(end) = length(self.0) else { return None };
        let (found, rest) = self.0.split_at_checked(end)?;
        let tag = *found.first()?;
        if tag & LONG_TAG == LONG_TAG {
            return None;
        }
        let long = usize::from(found.get(1)?.checked_sub(0x80).unwrap_or_default());
        self.0 = rest;
        Some((tag, found.get(2 + long..)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn elements_are_written_as_the_rules_say() {
        assert_eq!(element(OCTETS, b""), [4, 0]);
        assert_eq!(element(OCTETS, b"ab"), [4, 2, b'a', b'b']);
        assert_eq!(element(OCTETS, &[0; 127])[..2], [4, 127]);
        assert_eq!(element(OCTETS, &[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(element(OCTETS, &[0; 256])[..4], [4, 0x82, 1, 0]);
        for (given, expected) in [
            (0, &[2, 1, 0][..]),
            (127, &[2, 1, 127]),
            (128, &[2, 2, 0, 128]),
            (256, &[2, 2, 1, 0]),
            (u32::MAX, &[2, 5, 0, 255, 255, 255, 255]),
        ] {
            assert_eq!(number(INTEGER, given), expected, "{given}");
        }
    }

    #[test]
    fn lengths_are_known_or_not() {
        for (bytes, expected) in [
            (&[][..], Length::More),
            (&[0x30], Length::More),
            (&[0x30, 5], Length::Known(7)),
            (&[0x30, 0x82, 1], Length::More),
            (&[0x30, 0x82, 1, 0], Length::Known(260)),
            (&[0x30, 0x80], Length::Malformed),
            (&[0x30, 0x85, 0, 0, 0, 0, 1], Length::Malformed),
            (&[0x30, 0xff], Length::Malformed),
        ] {
            assert_eq!(length(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_element_is_none() {
        for bytes in
            [&[][..], &[4], &[4, 2, 1], &[4, 0x84, 255, 255, 255, 255, 0], &[0x1f, 1, 0], &[4, 0x80, 0, 0]]
        {
            assert_eq!(Elements(bytes).next(), None, "{bytes:?}");
        }
        assert_eq!(Elements(&[2, 1, 0x80]).number(INTEGER), None);
        assert_eq!(Elements(&[2, 0]).number(INTEGER), None);
        assert_eq!(Elements(&[2, 1, 1]).number(ENUMERATED), None);
        assert_eq!(Elements(&[4, 1, 0xff]).text(), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..5)) {
            let bytes: Vec<u8> = contents.iter().flat_map(|content| element(OCTETS, content)).collect();
            let read: Vec<Vec<u8>> = Elements(&bytes).map(|(_, content)| content.to_vec()).collect();
            prop_assert_eq!(read, contents);
        }

        #[test]
        fn numbers_come_back(given in any::<u32>()) {
            prop_assert_eq!(Elements(&number(INTEGER, given)).number(INTEGER), Some(given));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(Elements(&bytes).count() <= bytes.len());
            let mut elements = Elements(&bytes);
            let _ = (elements.number(INTEGER), elements.text(), elements.is_empty());
        }
    }
}
