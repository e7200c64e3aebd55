use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_TAG_CHARS;
use crate::{Digest, DigestError};

/// A tag: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}` (distribution-spec, `<reference>` as a tag). Case matters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

/// A text that is no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "tag must be 1 to {MAX_TAG_CHARS} letters, digits, '_', '.' and '-', and start with a letter, a digit or '_'"
)]
pub struct TagError;

impl Tag {
    /// Reads a tag.
    pub fn parse(text: &str) -> Result<Self, TagError> {
        let is_first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_rest = |byte: u8| is_first(byte) || byte == b'.' || byte == b'-';
        let starts_well = text.bytes().next().is_some_and(is_first);
        if !starts_well || text.len() > MAX_TAG_CHARS || !text.bytes().all(is_rest) {
            return Err(TagError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The tag as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Tag {
    type Error = TagError;

    fn try_from(text: String) -> Result<Self, TagError> {
        Self::parse(&text)
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

/// What names a manifest in a repository (distribution-spec, `<reference>`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// By a name that can move.
    Tag(Tag),
    /// By its content.
    Digest(Digest),
}

/// Why a text is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It has no colon and is no tag.
    #[error(transparent)]
    Tag(#[from] TagError),
    /// It has a colon and is no digest.
    #[error(transparent)]
    Digest(#[from] DigestError),
}

impl Reference {
    /// Reads a digest if there is a colon, which no tag can have, and a tag otherwise.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.contains(':') {
            return Ok(Self::Digest(Digest::parse(text)?));
        }
        Ok(Self::Tag(Tag::parse(text)?))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        Self::parse(text)
    }
}

impl From<Tag> for Reference {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag)
    }
}

impl From<Digest> for Reference {
    fn from(digest: Digest) -> Self {
        Self::Digest(digest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_follow_the_grammar() {
        for tag in ["latest", "1.0", "_", "v1.2.3-rc.1_x", "UPPER", &"t".repeat(128)] {
            assert_eq!(Tag::parse(tag).map(|tag| tag.to_string()), Ok(tag.to_owned()));
        }
        for tag in ["", ".", "-a", ".a", "a b", "a/b", "a:b", "a+b", "é", "a\0", &"t".repeat(129)] {
            assert_eq!(Tag::parse(tag), Err(TagError), "{tag:?}");
        }
    }

    #[test]
    fn a_colon_makes_a_digest() {
        let digest = Digest::sha256(b"x");
        assert_eq!(Reference::parse(&digest.to_string()), Ok(Reference::Digest(digest)));
        assert_eq!(Reference::parse("latest"), Ok(Reference::Tag(Tag::parse("latest").unwrap())));
        assert_eq!(Reference::parse("a b"), Err(ReferenceError::Tag(TagError)));
        assert!(matches!(Reference::parse("sha256:00"), Err(ReferenceError::Digest(_))));
    }

    proptest! {
        #[test]
        fn generated_tags_round_trip(tag in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}") {
            let parsed = Tag::parse(&tag).unwrap();
            prop_assert_eq!(parsed.as_str(), &tag);
            prop_assert_eq!(Reference::parse(&tag), Ok(Reference::Tag(parsed)));
        }

        #[test]
        fn other_texts_do_not_panic(text in "\\PC*") {
            if let Ok(reference) = Reference::parse(&text) {
                prop_assert_eq!(reference.to_string(), text);
            }
        }
    }
}
