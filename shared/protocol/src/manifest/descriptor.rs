use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document::null_as_default;
use super::{ManifestError, ManifestKind};
use crate::Digest;
use crate::limits::MAX_DESCRIPTOR_BYTES;

/// A reference to content (image-spec, "OCI Content Descriptors"). Fields the registry has no use for are
/// dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The media type of the content, as written.
    pub media_type: String,
    /// The digest of the content.
    pub digest: Digest,
    /// The length of the content in bytes.
    pub size: u64,
    /// The type of artifact, in entries of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Annotations of the reference, in the referrers API those of the manifest.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Other places to get the content from.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// What an image runs on, in entries of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

/// What an image runs on (image-spec, "Image Index").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// The processor, in Go's words: `amd64`.
    pub architecture: String,
    /// The operating system, in Go's words: `linux`.
    pub os: String,
    /// The version of the operating system, which Windows images need.
    #[serde(rename = "os.version", skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// The variant of the processor: `v8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl Descriptor {
    /// Whether the content is a manifest by its media type.
    pub fn is_manifest(&self) -> bool {
        ManifestKind::of(&self.media_type).is_some()
    }

    /// Whether the content is a layer that registries need not hold (image-spec, "Non-Distributable Layers").
    pub fn is_foreign(&self) -> bool {
        self.media_type.contains("nondistributable") || self.media_type.contains(".foreign.")
    }

    pub(super) fn check(&self) -> Result<(), ManifestError> {
        if self.size > MAX_DESCRIPTOR_BYTES { Err(ManifestError::DescriptorSize) } else { Ok(()) }
    }
}
