//! Patterns for claims, anchored at both ends and per segment.

use serde::{Deserialize, Serialize};

/// Longest pattern, in bytes.
const MAX_BYTES: usize = 1024;

/// A pattern. `/` and `:` separate segments; `*` stands for any characters within one segment and never for a separator.
///
/// A segment with a `*` does not match an empty segment. There is no `**`, no `?` and no escape: a literal `*` needs an equality.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Glob(String);

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// It is empty or longer than 1024 bytes.
    #[error("a pattern has between 1 and 1024 bytes")]
    Length,
    /// It has `**`, which elsewhere matches across separators.
    #[error("** is not offered: * matches within one segment")]
    DoubleStar,
}

impl Glob {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        if text.is_empty() || text.len() > MAX_BYTES {
            return Err(GlobError::Length);
        }
        if text.contains("**") {
            return Err(GlobError::DoubleStar);
        }
        Ok(Self(text.to_owned()))
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        let (mut pattern, mut text) = (self.0.as_str(), text);
        loop {
            let (pattern_segment, pattern_rest) = first_segment(pattern);
            let (text_segment, text_rest) = first_segment(text);
            if !segment_matches(pattern_segment, text_segment) {
                return false;
            }
            match (pattern_rest, text_rest) {
                (None, None) => return true,
                (Some((a, after_pattern)), Some((b, after_text))) if a == b => {
                    (pattern, text) = (after_pattern, after_text);
                }
                _ => return false,
            }
        }
    }

    /// Whether the first `count` segments are there, have text and no `*`.
    pub(crate) fn starts_with_literals(&self, count: usize) -> bool {
        let segments: Vec<_> = self.0.split(SEPARATORS).take(count).collect();
        segments.len() == count && segments.iter().all(|segment| is_literal(segment))
    }

    /// Whether any segment has text and no `*`.
    pub(crate) fn has_a_literal(&self) -> bool {
        self.0.split(SEPARATORS).any(is_literal)
    }
}

impl TryFrom<String> for Glob {
    type Error = GlobError;

    fn try_from(text: String) -> Result<Self, GlobError> {
        Self::parse(&text)
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> Self {
        glob.0
    }
}

const SEPARATORS: [char; 2] = ['/', ':'];

fn is_literal(segment: &str) -> bool {
    !segment.is_empty() && !segment.contains('*')
}

/// The text up to the first separator, and the separator with what follows it.
fn first_segment(text: &str) -> (&str, Option<(u8, &str)>) {
    match text.find(SEPARATORS) {
        Some(at) => (&text[..at], Some((text.as_bytes()[at], &text[at + 1..]))),
        None => (text, None),
    }
}

/// Stars as usual; `pattern` and `text` have no separators.
fn segment_matches(pattern: &str, text: &str) -> bool {
    let Some((head, after_head)) = pattern.split_once('*') else { return pattern == text };
    let (middle, tail) = after_head.rsplit_once('*').unwrap_or(("", after_head));
    let Some(rest) = text.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) else { return false };
    // The earliest place for each piece leaves the most room for the next.
    let mut rest = rest;
    for piece in middle.split('*') {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_texts() {
        let table = [
            ("a", "a", true),
            ("a", "b", false),
            ("a", "A", false),
            ("a", "aa", false),
            ("a", "", false),
            ("*", "a", true),
            ("*", "", false),
            ("*", "a/b", false),
            ("*", "a:b", false),
            ("v*", "v", true),
            ("v*", "v1.2", true),
            ("v*", "w1", false),
            ("*-x", "a-x", true),
            ("*-x", "-x", true),
            ("*-x", "a-y", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "acb", false),
            ("*a*a*", "aa", true),
            ("*a*a*", "a", false),
            ("*ab*ab", "xabab", true),
            ("*ab*ab", "xab", false),
            ("a/*", "a/b", true),
            ("a/*", "a/", false),
            ("a/*", "a", false),
            ("a/*", "a/b/c", false),
            ("a/*", "a:b", false),
            ("*/*", "a/b", true),
            ("a::b", "a::b", true),
            ("a:*:b", "a::b", false),
            ("a?", "ab", false),
            ("a.c", "abc", false),
            ("[ab]", "a", false),
            ("é*", "éa", true),
            ("repo:o/*:ref:refs/heads/main", "repo:o/x:ref:refs/heads/main", true),
            ("repo:o/*:ref:refs/heads/main", "repo:o/x:environment:y:ref:refs/heads/main", false),
            ("repo:o/*:ref:refs/heads/main", "repo:o/x:ref:refs/heads/main:ref:refs/heads/main", false),
            ("repo:o/*:ref:refs/heads/main", "repo:o/x/y:ref:refs/heads/main", false),
            ("repo:o/*:ref:refs/heads/main", "repo:o/x:ref:refs/heads/main/evil", false),
            ("repo:o/*:ref:refs/heads/main", "repo:o/x:ref:refs/heads/main ", false),
            ("repo:o/*:ref:refs/heads/main", "repo:o2/x:ref:refs/heads/main", false),
            ("repo:o/*:ref:refs/heads/*", "repo:o/x:ref:refs/heads/a/b", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(Glob::parse(pattern).unwrap().matches(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_is_no_pattern() {
        assert_eq!(Glob::parse(""), Err(GlobError::Length));
        assert_eq!(Glob::parse(&"a".repeat(1025)), Err(GlobError::Length));
        for text in ["**", "a/**", "a***b"] {
            assert_eq!(Glob::parse(text), Err(GlobError::DoubleStar), "{text}");
            assert!(serde_json::from_value::<Glob>(text.into()).is_err(), "{text}");
        }
    }

    #[test]
    fn literals() {
        for (pattern, count, expected) in [
            ("repo:o/x", 2, true),
            ("repo:*/x", 2, false),
            ("repo:o*/x", 2, false),
            ("repo", 2, false),
            ("repo:", 2, false),
            ("*", 0, true),
        ] {
            assert_eq!(Glob::parse(pattern).unwrap().starts_with_literals(count), expected, "{pattern}");
        }
        assert!(!Glob::parse("*:*/*").unwrap().has_a_literal());
        assert!(Glob::parse("*:a").unwrap().has_a_literal());
    }
}
