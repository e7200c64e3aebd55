//! From the text of a filter (RFC 4515) to what is sent (RFC 4511 section 4.5.1.7).

use crate::ber::{OCTETS, SEQUENCE, element, holding};
use crate::filter::is_attribute;

/// Deeper filters are refused: they are read by recursion, here and in the directory.
const MAX_DEPTH: usize = 32;

const AND: u8 = 0xa0;
const OR: u8 = 0xa1;
const NOT: u8 = 0xa2;
const EQUAL: u8 = 0xa3;
const SUBSTRINGS: u8 = 0xa4;
const AT_LEAST: u8 = 0xa5;
const AT_MOST: u8 = 0xa6;
const PRESENT: u8 = 0x87;
const LIKE: u8 = 0xa8;
const RULE: u8 = 0xa9;

const INITIAL: u8 = 0x80;
const ANY: u8 = 0x81;
const FINAL: u8 = 0x82;

const RULE_NAME: u8 = 0x81;
const RULE_ATTRIBUTE: u8 = 0x82;
const RULE_VALUE: u8 = 0x83;
const RULE_DN: u8 = 0x84;

/// A filter as it is sent; `None` if the text is none.
pub(crate) fn encode(text: &str) -> Option<Vec<u8>> {
    let (filter, rest) = filter(text, MAX_DEPTH)?;
    rest.is_empty().then_some(filter)
}

/// One filter at the beginning of a text, and what follows it.
fn filter(text: &str, depth: usize) -> Option<(Vec<u8>, &str)> {
    let depth = depth.checked_sub(1)?;
    let inner = text.strip_prefix('(')?;
    let (encoded, rest) = match inner.chars().next()? {
        '&' => list(AND, &inner[1..], depth)?,
        '|' => list(OR, &inner[1..], depth)?,
        '!' => {
            let (negated, rest) = filter(&inner[1..], depth)?;
            (element(NOT, &negated), rest)
        }
        _ => {
            let (item, rest) = inner.split_at(inner.find(['(', ')'])?);
            (condition(item)?, rest)
        }
    };
    Some((encoded, rest.strip_prefix(')')?))
}

/// At least one filter.
fn list(tag: u8, text: &str, depth: usize) -> Option<(Vec<u8>, &str)> {
    let (first, mut rest) = filter(text, depth)?;
    let mut filters = vec![first];
    while rest.starts_with('(') {
        let (next, after) = filter(rest, depth)?;
        filters.push(next);
        rest = after;
    }
    Some((holding(tag, &filters), rest))
}

fn condition(item: &str) -> Option<Vec<u8>> {
    let (left, value) = item.split_once('=')?;
    let (tag, attribute) = match left.char_indices().next_back()? {
        (at, '>') => (AT_LEAST, &left[..at]),
        (at, '<') => (AT_MOST, &left[..at]),
        (at, '~') => (LIKE, &left[..at]),
        (at, ':') => return rule(&left[..at], value),
        _ => (EQUAL, left),
    };
    if !is_attribute(attribute) {
        return None;
    }
    match value {
        "*" if tag == EQUAL => Some(element(PRESENT, attribute.as_bytes())),
        _ if tag == EQUAL && value.contains('*') => substrings(attribute, value),
        _ => Some(assertion(tag, attribute, &value_of(value)?)),
    }
}

fn assertion(tag: u8, attribute: &str, value: &[u8]) -> Vec<u8> {
    holding(tag, &[element(OCTETS, attribute.as_bytes()), element(OCTETS, value)])
}

/// Pieces with `*` between them. Two stars beside each other have nothing between them that could be sent.
fn substrings(attribute: &str, value: &str) -> Option<Vec<u8>> {
    let pieces: Vec<&str> = value.split('*').collect();
    let last = pieces.len() - 1;
    let mut encoded = Vec::new();
    for (index, piece) in pieces.into_iter().enumerate().filter(|(_, piece)| !piece.is_empty()) {
        let tag = match index {
            0 => INITIAL,
            _ if index == last => FINAL,
            _ => ANY,
        };
        encoded.push(element(tag, &value_of(piece)?));
    }
    if encoded.is_empty() {
        return Some(element(PRESENT, attribute.as_bytes()));
    }
    Some(holding(SUBSTRINGS, &[element(OCTETS, attribute.as_bytes()), holding(SEQUENCE, &encoded)]))
}

/// `attribute:dn:rule:=value`, of which the attribute or the rule may be left out, and `dn` too.
fn rule(left: &str, value: &str) -> Option<Vec<u8>> {
    let mut parts = left.split(':');
    let attribute = parts.next().filter(|name| !name.is_empty());
    let mut more: Vec<&str> = parts.collect();
    let has_dn = more.first().is_some_and(|first| first.eq_ignore_ascii_case("dn"));
    if has_dn {
        more.remove(0);
    }
    let name = match more.as_slice() {
        [] => None,
        [name] => Some(*name),
        _ => return None,
    };
    let are_names = attribute.into_iter().chain(name).all(is_attribute);
    if !are_names || (attribute.is_none() && name.is_none()) {
        return None;
    }
    let mut encoded: Vec<Vec<u8>> = Vec::new();
    encoded.extend(name.map(|name| element(RULE_NAME, name.as_bytes())));
    encoded.extend(attribute.map(|name| element(RULE_ATTRIBUTE, name.as_bytes())));
    encoded.push(element(RULE_VALUE, &value_of(value)?));
    encoded.extend(has_dn.then(|| element(RULE_DN, &[0xff])));
    Some(holding(RULE, &encoded))
}

/// A value without its escapes; `None` if it has something that must be one.
fn value_of(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut value = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        value.push(match byte {
            b'\\' => hex(bytes.next()?)? * 16 + hex(bytes.next()?)?,
            b'*' | b'(' | b')' | 0 => return None,
            byte => byte,
        });
    }
    Some(value)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_become_what_is_sent() {
        for (text, expected) in [
            ("(a=b)", &b"\xa3\x06\x04\x01a\x04\x01b"[..]),
            ("(a=)", b"\xa3\x05\x04\x01a\x04\x00"),
            ("(a=*)", b"\x87\x01a"),
            ("(a=**)", b"\x87\x01a"),
            ("(a>=b)", b"\xa5\x06\x04\x01a\x04\x01b"),
            ("(a<=b)", b"\xa6\x06\x04\x01a\x04\x01b"),
            ("(a~=b)", b"\xa8\x06\x04\x01a\x04\x01b"),
            ("(a=b=c)", b"\xa3\x08\x04\x01a\x04\x03b=c"),
            (r"(a=\2a\28)", b"\xa3\x07\x04\x01a\x04\x02*("),
            ("(a=b*)", b"\xa4\x08\x04\x01a\x30\x03\x80\x01b"),
            ("(a=*b)", b"\xa4\x08\x04\x01a\x30\x03\x82\x01b"),
            ("(a=b*c**d*e)", b"\xa4\x11\x04\x01a\x30\x0c\x80\x01b\x81\x01c\x81\x01d\x82\x01e"),
            ("(!(a=b))", b"\xa2\x08\xa3\x06\x04\x01a\x04\x01b"),
            ("(&(a=*)(b=*))", b"\xa0\x06\x87\x01a\x87\x01b"),
            ("(|(a=*))", b"\xa1\x03\x87\x01a"),
            ("(a:=b)", b"\xa9\x06\x82\x01a\x83\x01b"),
            ("(a:dn:=b)", b"\xa9\x09\x82\x01a\x83\x01b\x84\x01\xff"),
            ("(a:1.2:=b)", b"\xa9\x0b\x81\x031.2\x82\x01a\x83\x01b"),
            ("(:DN:1.2:=b)", b"\xa9\x0b\x81\x031.2\x83\x01b\x84\x01\xff"),
        ] {
            assert_eq!(encode(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for text in [
            "",
            "a=b",
            "()",
            "(a)",
            "(=b)",
            "(a=b",
            "a=b)",
            "(a=b))",
            "(a=b)(c=d)",
            "(&)",
            "(!)",
            "(!(a=b)(c=d))",
            "(&a=b)",
            "( a=b)",
            "(a b=c)",
            r"(a=\)",
            r"(a=\2)",
            r"(a=\zz)",
            "(a=b\0)",
            "(a>=*)",
            "(a>=b*)",
            "(:=b)",
            "(:dn:=b)",
            "(a:b:c:=d)",
            "(a:b c:=d)",
            "(&(a=b)c=d)",
            "(a=(b))",
            "(ä=b)",
        ] {
            assert_eq!(encode(text), None, "{text}");
        }
        let deep = |levels: usize| format!("{}(a=b){}", "(!".repeat(levels), ")".repeat(levels));
        assert!(encode(&deep(MAX_DEPTH - 1)).is_some());
        assert!(encode(&deep(MAX_DEPTH)).is_none() && encode(&deep(100_000)).is_none());
    }
}
