use crate::limits::{MAX_DESCRIPTOR_BYTES, MAX_MANIFEST_BYTES, MAX_MANIFEST_DEPTH, MAX_MANIFEST_REFERENCES};
use crate::{ApiError, ErrorCode, MediaType};

/// Why a body is no manifest this registry takes.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The body is too long.
    #[error("manifest exceeds {MAX_MANIFEST_BYTES} bytes")]
    TooLarge,
    /// The body nests too deep.
    #[error("manifest nests deeper than {MAX_MANIFEST_DEPTH} levels")]
    TooDeep,
    /// The body is no JSON, or a field has the wrong type, is malformed or occurs twice.
    #[error("manifest is not valid: {0}")]
    Json(serde_json::Error),
    /// A Docker manifest of schema 1.
    #[error("docker manifests of schema 1 are not supported, push schema 2 or an oci manifest")]
    SchemaOne,
    /// `schemaVersion` is absent or unknown.
    #[error("manifest must have schemaVersion 2")]
    SchemaVersion,
    /// Neither body nor header tell the media type, and the fields do not either.
    #[error("manifest has no mediaType and no Content-Type, and its fields do not tell it")]
    NoMediaType,
    /// The media type is no manifest's.
    #[error("not a known manifest media type: {media_type}")]
    UnknownMediaType {
        /// What was declared.
        media_type: String,
    },
    /// Body and header contradict each other.
    #[error("mediaType {body} in the manifest differs from Content-Type {header}")]
    MediaTypeMismatch {
        /// What the body says.
        body: String,
        /// What the header says.
        header: MediaType,
    },
    /// The body could be read as an image and as an index.
    #[error("manifest must not have both layers and manifests")]
    Ambiguous,
    /// A field belongs to another kind of manifest.
    #[error("manifest of this media type must not have {field}")]
    UnexpectedField {
        /// The name of the field.
        field: &'static str,
    },
    /// A field that this kind of manifest needs is absent.
    #[error("manifest of this media type must have {field}")]
    MissingField {
        /// The name of the field.
        field: &'static str,
    },
    /// There are too many descriptors.
    #[error("manifest must have at most {MAX_MANIFEST_REFERENCES} descriptors")]
    TooManyReferences,
    /// A descriptor declares a size beyond reason.
    #[error("descriptor size must be at most {MAX_DESCRIPTOR_BYTES}")]
    DescriptorSize,
}

impl From<ManifestError> for ApiError {
    fn from(error: ManifestError) -> Self {
        let code = match error {
            ManifestError::TooLarge => ErrorCode::ManifestTooLarge,
            _ => ErrorCode::ManifestInvalid,
        };
        Self::with_message(code, error.to_string())
    }
}
