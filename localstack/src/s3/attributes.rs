//! The headers that an object keeps for its readers.

use std::collections::HashMap;

use s3s::S3ErrorCode;
use serde::{Deserialize, Serialize};

use super::{error::Error, limits::MAX_USER_METADATA_BYTES};

/// System-defined and user-defined metadata. The field names are part of the index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Attributes {
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) metadata: Option<HashMap<String, String>>,
}

impl Attributes {
    /// Refuses user metadata over 2 KB.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let metadata_bytes: usize =
            self.metadata.iter().flatten().map(|(name, value)| name.len() + value.len()).sum();
        if metadata_bytes > MAX_USER_METADATA_BYTES {
            return Err(Error::refused(S3ErrorCode::MetadataTooLarge, "the user metadata exceed 2 KB"));
        }
        Ok(self)
    }
}

/// Takes the attributes out of a request. The generated inputs share the field names and no trait.
macro_rules! attributes {
    ($input:expr) => {
        $crate::s3::attributes::Attributes {
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $input.content_encoding.take(),
            content_language: $input.content_language.take(),
            content_type: $input.content_type.take(),
            metadata: $input.metadata.take(),
        }
        .checked()
    };
}
pub(crate) use attributes;
