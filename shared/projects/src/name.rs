//! Names of projects.

use std::fmt;
use std::str::FromStr;

use berth_protocol::RepositoryName;
use serde::{Deserialize, Serialize};

/// The longest name.
const MAX_CHARS: usize = 255;

/// The name of a project: lower case letters, digits, and `.`, `_`, `-` between them. What a repository's name begins with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectName(String);

/// A text that names no project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("project name is not in lower case or contains illegal characters")]
pub struct InvalidProjectName;

impl ProjectName {
    /// The project that a repository is in; `None` if its name has one component only.
    pub fn of(repository: &RepositoryName) -> Option<Self> {
        repository.as_str().split_once('/')?.0.parse().ok()
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProjectName {
    type Err = InvalidProjectName;

    fn from_str(text: &str) -> Result<Self, InvalidProjectName> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        let ends_well =
            bytes.first().copied().is_some_and(is_word) && bytes.last().copied().is_some_and(is_word);
        let is_good = |pair: &[u8]| is_word(pair[0]) || (b"._-".contains(&pair[0]) && is_word(pair[1]));
        if ends_well && bytes.len() <= MAX_CHARS && bytes.windows(2).all(is_good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidProjectName)
        }
    }
}

impl TryFrom<String> for ProjectName {
    type Error = InvalidProjectName;

    fn try_from(text: String) -> Result<Self, InvalidProjectName> {
        text.parse()
    }
}

impl From<ProjectName> for String {
    fn from(name: ProjectName) -> Self {
        name.0
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harbors() {
        for good in ["a", "0", "a.b", "a-b_c.d", "library", &"a".repeat(255)] {
            assert!(good.parse::<ProjectName>().is_ok(), "{good}");
        }
        for bad in ["", "A", "a..b", "-a", "a-", "a+b", "a/b", "a b", "ä", "a--b", &"a".repeat(256)] {
            assert!(bad.parse::<ProjectName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_repository_is_in_the_project_that_it_begins_with() {
        let of = |name: &str| ProjectName::of(&name.parse().unwrap()).map(String::from);
        assert_eq!(of("team/app").as_deref(), Some("team"));
        assert_eq!(of("team/a/b").as_deref(), Some("team"));
        assert_eq!(of("app"), None);
        // The grammar of repositories has more in it than that of projects.
        assert_eq!(of("a__b/app"), None);
    }
}
