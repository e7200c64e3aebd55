//! Names in arguments.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// A name of something. The registry knows what it may consist of; here it must be able to stand in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

/// A text that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cannot be a name")]
pub(super) struct NoName;

impl FromStr for Name {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let is_bad = text.is_empty() || [".", ".."].contains(&text) || text.contains(char::is_control);
        if is_bad { Err(NoName) } else { Ok(Self(text.to_owned())) }
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
