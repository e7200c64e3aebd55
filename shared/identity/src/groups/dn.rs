//! Distinguished names (RFC 4514), made comparable.

use std::fmt;

/// Longer names are not names.
const MAX_DN_BYTES: usize = 4096;

/// A distinguished name. Two are equal if they are the same after lower-casing, trimming, and writing every escape in one way.
///
/// `Display` writes that common form, which the directory takes as well.
#[derive(Debug, Clone)]
pub struct Dn {
    given: String,
    /// From the entry up to the root, in the common form.
    parts: Vec<String>,
}

impl Dn {
    /// Reads a distinguished name; `None` if it is none, or the empty one.
    pub fn parse(text: &str) -> Option<Self> {
        let given = text.trim();
        if given.is_empty() || given.len() > MAX_DN_BYTES {
            return None;
        }
        let parts = split(given, ',').into_iter().map(part).collect::<Option<_>>()?;
        Some(Self { given: given.to_owned(), parts })
    }

    /// As it was given: attributes that care about case have their case.
    pub fn as_given(&self) -> &str {
        &self.given
    }

    /// How many levels below `base` it is; `None` if it is somewhere else.
    pub fn depth_below(&self, base: &Self) -> Option<usize> {
        let depth = self.parts.len().checked_sub(base.parts.len())?;
        (self.parts[depth..] == base.parts).then_some(depth)
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join(","))
    }
}

impl PartialEq for Dn {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Eq for Dn {}

/// Splits at separators that are not escaped.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut is_escaped = false;
    text.split(move |character: char| {
        let is_separator = character == separator && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        is_separator
    })
    .collect()
}

/// One level of the name, which may have several attributes: their order means nothing.
fn part(text: &str) -> Option<String> {
    let mut pairs = split(text, '+').into_iter().map(pair).collect::<Option<Vec<_>>>()?;
    pairs.sort_unstable();
    Some(pairs.join("+"))
}

fn pair(text: &str) -> Option<String> {
    let (attribute, value) = text.split_once('=')?;
    let attribute = attribute.trim().to_lowercase();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if attribute.is_empty() || !attribute.bytes().all(is_plain) {
        return None;
    }
    Some(format!("{attribute}={}", value_of(value.trim_start())?))
}

fn value_of(text: &str) -> Option<String> {
    if let Some(digits) = text.strip_prefix('#') {
        let digits = digits.trim_end().to_lowercase();
        let is_hex = !digits.is_empty() && digits.len() % 2 == 0;
        return (is_hex && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .then(|| format!("#{digits}"));
    }
    let value = unescape(text)?.to_lowercase();
    Some(escape(value.trim()))
}

/// A value in which nothing is special (RFC 4514 section 2.4). Line breaks and the like are escapes too: the name may end up in a log.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for (index, character) in value.char_indices() {
        let is_special = matches!(character, '"' | '+' | ',' | ';' | '<' | '=' | '>' | '\\')
            || character.is_control()
            || (index == 0 && matches!(character, ' ' | '#'))
            || (index + 1 == value.len() && character == ' ');
        if is_special {
            let mut bytes = [0; 4];
            escaped.extend(character.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\{byte:02x}")));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut value = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => value.push(escaped(bytes.next()?, &mut bytes)?),
            b'"' | b';' | b'<' | b'>' | 0 => return None,
            _ => value.push(byte),
        }
    }
    String::from_utf8(value).ok()
}

/// What a backslash and `first` stand for: itself, or a byte in hexadecimal.
fn escaped(first: u8, rest: &mut impl Iterator<Item = u8>) -> Option<u8> {
    if b" \"#+,;<=>\\".contains(&first) {
        return Some(first);
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(first)? * 16 + digit(rest.next()?)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn common(text: &str) -> Option<String> {
        Dn::parse(text).map(|dn| dn.to_string())
    }

    #[test]
    fn names_have_one_common_form() {
        for (given, expected) in [
            ("cn=devs,ou=groups,dc=example,dc=org", "cn=devs,ou=groups,dc=example,dc=org"),
            (" CN = Devs , OU=Groups,DC=Example, DC=ORG ", "cn=devs,ou=groups,dc=example,dc=org"),
            (r"cn=Smith\, John,dc=x", r"cn=smith\2c john,dc=x"),
            (r"cn=Smith\2C John,dc=x", r"cn=smith\2c john,dc=x"),
            (r"cn=a\=b=c,dc=x", r"cn=a\3db\3dc,dc=x"),
            (r"cn=back\\slash,dc=x", r"cn=back\5cslash,dc=x"),
            (r"cn=back\\,dc=x", r"cn=back\5c,dc=x"),
            (r"cn=\ padded\ ,dc=x", "cn=padded,dc=x"),
            (r"cn=\#1,dc=x", r"cn=\231,dc=x"),
            ("1.2.3=#04024869,dc=x", "1.2.3=#04024869,dc=x"),
            ("1.2.3=#0402AB69 ,dc=x", "1.2.3=#0402ab69,dc=x"),
            ("uid=B+CN=a,dc=x", "cn=a+uid=b,dc=x"),
            (r"cn=J\C3\BCrgen,dc=x", "cn=jürgen,dc=x"),
            ("cn=JÜRGEN,dc=x", "cn=jürgen,dc=x"),
            (r"cn=x\0ACNF:7,dc=x", r"cn=x\0acnf:7,dc=x"),
            ("cn=,dc=x", "cn=,dc=x"),
            ("cn=ops (eu) *,dc=x", "cn=ops (eu) *,dc=x"),
        ] {
            assert_eq!(common(given).as_deref(), Some(expected), "{given}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = format!("cn={}", "a".repeat(MAX_DN_BYTES));
        for given in [
            "",
            " ",
            "devs",
            "cn",
            ",",
            "cn=a,",
            ",cn=a",
            "cn=a,,dc=x",
            "=a",
            "c n=a",
            "cn=a;dc=x",
            "cn=\"a\"",
            "cn=a\\",
            "cn=a\\zz",
            "cn=a\\4",
            "cn=\\ff",
            "cn=#",
            "cn=#1",
            "cn=#xy",
            "cn=a+",
            "cn=a<b",
            "cn=\0",
            "cn)(x=a",
            &long,
        ] {
            assert_eq!(common(given), None, "{given}");
        }
    }

    #[test]
    fn a_name_is_some_levels_below_another() {
        let base = Dn::parse("ou=groups,dc=x").unwrap();
        for (name, depth) in [
            ("OU=Groups, DC=x", Some(0)),
            ("cn=a,ou=groups,dc=x", Some(1)),
            ("cn=a,ou=eu,ou=groups,dc=x", Some(2)),
            ("cn=a,ou=other,dc=x", None),
            ("cn=a,ou=groups,dc=y", None),
            (r"cn=a\,ou=groups,dc=x", None),
            ("dc=x", None),
        ] {
            assert_eq!(Dn::parse(name).unwrap().depth_below(&base), depth, "{name}");
        }
    }

    proptest! {
        #[test]
        fn the_common_form_is_its_own(value in "\\PC{0,20}", other in "[A-Za-z ,+\\\\#\"=0-9]{0,20}") {
            let written = format!("cn={},ou={}", escape(&value), escape(&other));
            let once = common(&written).expect("an escaped name is a name");
            prop_assert_eq!(common(&once), Some(once));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}|[cn=,+\\\\# ]{0,20}") {
            if let Some(once) = common(&text) {
                prop_assert_eq!(common(&once), Some(once));
            }
        }
    }
}
