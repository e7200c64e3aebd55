use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_MEDIA_TYPE_PART_CHARS;

/// A media type `type/subtype` without parameters (RFC 6838 section 4.2). Kept and compared as written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MediaType(Cow<'static, str>);

/// A text that is no media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("media type must be <type>/<subtype>")]
pub struct MediaTypeError;

impl MediaType {
    /// An OCI image manifest.
    pub const OCI_IMAGE_MANIFEST: Self = Self::known("application/vnd.oci.image.manifest.v1+json");
    /// An OCI image index, also the body of the referrers API.
    pub const OCI_INDEX: Self = Self::known("application/vnd.oci.image.index.v1+json");
    /// The OCI artifact manifest of the 1.1 release candidates, which some old clients still push.
    pub const OCI_ARTIFACT_MANIFEST: Self = Self::known("application/vnd.oci.artifact.manifest.v1+json");
    /// A Docker image manifest, version 2, schema 2.
    pub const DOCKER_MANIFEST: Self = Self::known("application/vnd.docker.distribution.manifest.v2+json");
    /// A Docker manifest list.
    pub const DOCKER_MANIFEST_LIST: Self =
        Self::known("application/vnd.docker.distribution.manifest.list.v2+json");
    /// The two-byte document `{}` that stands for "no config".
    pub const OCI_EMPTY_JSON: Self = Self::known("application/vnd.oci.empty.v1+json");
    /// Bytes of no declared type.
    pub const OCTET_STREAM: Self = Self::known("application/octet-stream");
    /// Plain JSON, the type of lists and errors.
    pub const JSON: Self = Self::known("application/json");

    const fn known(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Reads exactly `type/subtype`.
    pub fn parse(text: &str) -> Result<Self, MediaTypeError> {
        let (kind, subtype) = text.split_once('/').ok_or(MediaTypeError)?;
        if !is_restricted_name(kind) || !is_restricted_name(subtype) {
            return Err(MediaTypeError);
        }
        Ok(Self(Cow::Owned(text.to_owned())))
    }

    /// Reads the value of a `Content-Type` header; parameters and blanks around the type are dropped.
    pub fn from_header(value: &str) -> Result<Self, MediaTypeError> {
        let end = value.find(';').unwrap_or(value.len());
        Self::parse(value[..end].trim_matches([' ', '\t']))
    }

    /// The media type as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MediaType {
    type Err = MediaTypeError;

    fn from_str(text: &str) -> Result<Self, MediaTypeError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for MediaType {
    type Error = MediaTypeError;

    fn try_from(text: String) -> Result<Self, MediaTypeError> {
        Self::parse(&text)
    }
}

impl From<MediaType> for String {
    fn from(media_type: MediaType) -> Self {
        media_type.0.into_owned()
    }
}

fn is_restricted_name(text: &str) -> bool {
    text.len() <= MAX_MEDIA_TYPE_PART_CHARS
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_follow_rfc_6838() {
        let longest = format!("a/{}", "b".repeat(127));
        for text in [
            "application/json",
            "application/vnd.oci.image.manifest.v1+json",
            "a/b",
            "0/1!#$&-^_.+",
            &longest,
        ] {
            assert_eq!(MediaType::parse(text).map(|media_type| media_type.to_string()), Ok(text.to_owned()));
        }
        let malformed = [
            "", "/", "json", "a/", "/b", "a/b/c", "a/b;c=d", " a/b", "a/b ", "*/*", "a/\u{e9}", "a/b\0",
            "a/.b",
        ];
        for text in malformed {
            assert_eq!(MediaType::parse(text), Err(MediaTypeError), "{text:?}");
        }
        assert!(MediaType::parse(&format!("{longest}b")).is_err());
    }

    #[test]
    fn a_header_loses_its_parameters() {
        for header in [
            "application/json",
            "application/json; charset=utf-8",
            " application/json ;q=\"a;b\"",
            "application/json;",
        ] {
            assert_eq!(MediaType::from_header(header), Ok(MediaType::JSON), "{header:?}");
        }
        for header in ["", ";", "; charset=utf-8", "text", "a/b, c/d"] {
            assert_eq!(MediaType::from_header(header), Err(MediaTypeError), "{header:?}");
        }
    }

    #[test]
    fn constants_are_well_formed() {
        let constants = [
            MediaType::OCI_IMAGE_MANIFEST,
            MediaType::OCI_INDEX,
            MediaType::OCI_ARTIFACT_MANIFEST,
            MediaType::DOCKER_MANIFEST,
            MediaType::DOCKER_MANIFEST_LIST,
            MediaType::OCI_EMPTY_JSON,
            MediaType::OCTET_STREAM,
            MediaType::JSON,
        ];
        for constant in constants {
            assert_eq!(MediaType::parse(constant.as_str()).as_ref(), Ok(&constant));
        }
    }
}
