use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_NAME_CHARS;

/// The name of a repository (distribution-spec, `<name>`): components `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
/// joined by slashes, at most [`MAX_NAME_CHARS`] characters. Never empty, never with an empty or dotted
/// component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryName(String);

/// Why a text is no repository name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It has more than [`MAX_NAME_CHARS`] characters.
    #[error("repository name must have at most {MAX_NAME_CHARS} characters")]
    TooLong,
    /// A component does not match the grammar.
    #[error(
        "repository name must be components of lower-case letters and digits, separated within by one of '.', '_', \
         '__' or dashes, joined by '/'"
    )]
    Grammar,
}

impl RepositoryName {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > MAX_NAME_CHARS {
            return Err(NameError::TooLong);
        }
        if !text.split('/').all(is_component) {
            return Err(NameError::Grammar);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RepositoryName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for RepositoryName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<RepositoryName> for String {
    fn from(name: RepositoryName) -> Self {
        name.0
    }
}

fn is_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    is_word(first) && is_word(last) && bytes.split(|&byte| is_word(byte)).all(is_separator)
}

/// Whether the run of bytes between two words is a separator; an empty run joins two characters of a word.
fn is_separator(run: &[u8]) -> bool {
    matches!(run, b"" | b"." | b"_" | b"__") || run.iter().all(|&byte| byte == b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_follow_the_grammar() {
        for name in ["a", "0", "library/alpine", "a.b_c__d-e---f/0/1", "a/manifests/b", &"a".repeat(255)] {
            assert_eq!(RepositoryName::parse(name).map(|name| name.to_string()), Ok(name.to_owned()));
        }
        let malformed = [
            "", "/", "a/", "/a", "a//b", "A", "a/B", ".", "..", "a/../b", ".a", "a.", "-a", "a-", "_a", "a_",
            "a..b", "a___b", "a._b", "a-.b", "a_-b", "a b", "a:b", "a@b", "a\0", "é", "a%2fb", "_catalog",
        ];
        for name in malformed {
            assert_eq!(RepositoryName::parse(name), Err(NameError::Grammar), "{name:?}");
        }
        assert_eq!(RepositoryName::parse(&"a".repeat(256)), Err(NameError::TooLong));
    }

    proptest! {
        #[test]
        fn generated_names_round_trip(name in "[a-z0-9]{1,9}((\\.|_|__|-{1,3})[a-z0-9]{1,9}){0,3}(/[a-z0-9]{1,9}){0,4}") {
            let parsed = RepositoryName::parse(&name).unwrap();
            prop_assert_eq!(parsed.as_str(), &name);
            let json = serde_json::to_string(&parsed).unwrap();
            prop_assert_eq!(serde_json::from_str::<RepositoryName>(&json).unwrap(), parsed);
        }

        #[test]
        fn other_texts_do_not_panic(text in "[a-c0._/-]{0,12}|\\PC*") {
            if let Ok(name) = RepositoryName::parse(&text) {
                prop_assert!(!name.as_str().contains("..") && !name.as_str().contains("//"));
            }
        }
    }
}
