mod depth;
mod descriptor;
mod document;
mod error;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

pub use descriptor::{Descriptor, Platform};
pub use error::ManifestError;

use crate::limits::{MAX_MANIFEST_BYTES, MAX_MANIFEST_DEPTH, MAX_MANIFEST_REFERENCES};
use crate::{Digest, MediaType};
use document::Document;

/// The shapes a manifest can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ManifestKind {
    /// A config and layers: an OCI image manifest or a Docker manifest of schema 2.
    Image,
    /// A list of manifests: an OCI image index or a Docker manifest list.
    Index,
    /// A list of blobs: the OCI artifact manifest of the 1.1 release candidates.
    Artifact,
}

impl ManifestKind {
    /// The kind of a media type; `None` if it is no manifest's.
    pub fn of(media_type: &str) -> Option<Self> {
        let kinds = [
            (MediaType::OCI_IMAGE_MANIFEST, Self::Image),
            (MediaType::DOCKER_MANIFEST, Self::Image),
            (MediaType::OCI_INDEX, Self::Index),
            (MediaType::DOCKER_MANIFEST_LIST, Self::Index),
            (MediaType::OCI_ARTIFACT_MANIFEST, Self::Artifact),
        ];
        kinds.into_iter().find(|(known, _)| known.as_str() == media_type).map(|(_, kind)| kind)
    }
}

/// What the registry needs to know of a manifest. It is no substitute for the body, which is kept byte for
/// byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    kind: ManifestKind,
    media_type: MediaType,
    document: Document,
}

impl Manifest {
    /// Reads a manifest that is pushed with `content_type`, or that was stored.
    ///
    /// The media type is that of the body, which must not differ from `content_type`; else `content_type`;
    /// else it is guessed from the fields that are present. Unknown fields are ignored. Guaranteed on
    /// success: the fields belong to the media type's kind and to no other, no field that the registry reads
    /// occurs twice, and the descriptors are at most [`MAX_MANIFEST_REFERENCES`] with sizes whose sum fits a
    /// `u64`. Memory and stack are bounded for any body.
    pub fn read(body: &[u8], content_type: Option<&MediaType>) -> Result<Self, ManifestError> {
        if body.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLarge);
        }
        if depth::exceeds(body, MAX_MANIFEST_DEPTH) {
            return Err(ManifestError::TooDeep);
        }
        let document = Document::read(body)?;
        let media_type = effective_media_type(&document, content_type)?;
        let kind = kind_of(&document, &media_type)?;
        document.check(kind)?;
        Ok(Self { kind, media_type, document })
    }

    /// The shape of the manifest.
    pub const fn kind(&self) -> ManifestKind {
        self.kind
    }

    /// The media type to serve the manifest with.
    pub const fn media_type(&self) -> &MediaType {
        &self.media_type
    }

    /// The config of an image.
    pub const fn config(&self) -> Option<&Descriptor> {
        self.document.config.as_ref()
    }

    /// The layers of an image or the blobs of an artifact manifest, in order.
    pub fn layers(&self) -> &[Descriptor] {
        let layers = self.document.layers.as_deref().or(self.document.blobs.as_deref());
        layers.unwrap_or_default()
    }

    /// The entries of an index, in order.
    pub fn manifests(&self) -> &[Descriptor] {
        self.document.manifests.as_deref().unwrap_or_default()
    }

    /// The manifest that this one refers to; it need not exist (distribution-spec, "Pushing Manifests with
    /// Subject").
    pub const fn subject(&self) -> Option<&Descriptor> {
        self.document.subject.as_ref()
    }

    /// The artifact type as the referrers API lists it: `artifactType`, else the media type of an image's
    /// config.
    pub fn artifact_type(&self) -> Option<&str> {
        let of_config = || self.config().map(|config| config.media_type.as_str());
        self.document.artifact_type.as_deref().or_else(of_config)
    }

    /// The annotations of the manifest itself.
    pub const fn annotations(&self) -> &BTreeMap<String, String> {
        &self.document.annotations
    }

    /// The blobs that the registry must hold, one descriptor for each digest: config and layers, without
    /// layers that may not be distributed. An index entry that is no manifest counts as a blob; build caches
    /// are pushed like that.
    pub fn blob_references(&self) -> Vec<&Descriptor> {
        let entries = self.manifests().iter().filter(|entry| !entry.is_manifest());
        let layers = self.layers().iter().filter(|layer| !layer.is_foreign());
        unique(self.config().into_iter().chain(layers).chain(entries))
    }

    /// The manifests that the registry must hold, one descriptor for each digest: the children of an index.
    pub fn manifest_references(&self) -> Vec<&Descriptor> {
        unique(self.manifests().iter().filter(|entry| entry.is_manifest()))
    }
}

fn unique<'a>(descriptors: impl Iterator<Item = &'a Descriptor>) -> Vec<&'a Descriptor> {
    let mut seen: HashSet<&Digest> = HashSet::new();
    descriptors.filter(|descriptor| seen.insert(&descriptor.digest)).collect()
}

/// The media type that body or header name; `None` if neither does.
fn declared_media_type(
    document: &Document,
    content_type: Option<&MediaType>,
) -> Result<Option<MediaType>, ManifestError> {
    let Some(in_body) = &document.media_type else { return Ok(content_type.cloned()) };
    match content_type {
        Some(in_header) if in_header.as_str() != in_body => {
            Err(ManifestError::MediaTypeMismatch { body: in_body.clone(), header: in_header.clone() })
        }
        Some(in_header) => Ok(Some(in_header.clone())),
        None => MediaType::parse(in_body)
            .map(Some)
            .map_err(|_| ManifestError::UnknownMediaType { media_type: in_body.clone() }),
    }
}

fn effective_media_type(
    document: &Document,
    content_type: Option<&MediaType>,
) -> Result<MediaType, ManifestError> {
    if let Some(media_type) = declared_media_type(document, content_type)? {
        return Ok(media_type);
    }
    match (&document.config, &document.layers, &document.manifests) {
        (Some(_), Some(_), None) => Ok(MediaType::OCI_IMAGE_MANIFEST),
        (None, None, Some(_)) => Ok(MediaType::OCI_INDEX),
        (_, Some(_), Some(_)) => Err(ManifestError::Ambiguous),
        _ if document.schema_version == Some(1) => Err(ManifestError::SchemaOne),
        _ => Err(ManifestError::NoMediaType),
    }
}

fn kind_of(document: &Document, media_type: &MediaType) -> Result<ManifestKind, ManifestError> {
    const SCHEMA_ONE: &str = "application/vnd.docker.distribution.manifest.v1+";
    if document.schema_version == Some(1) || media_type.as_str().starts_with(SCHEMA_ONE) {
        return Err(ManifestError::SchemaOne);
    }
    ManifestKind::of(media_type.as_str())
        .ok_or_else(|| ManifestError::UnknownMediaType { media_type: media_type.as_str().to_owned() })
}

impl Document {
    /// Whether the fields are those of `kind`, and within the limits.
    fn check(&self, kind: ManifestKind) -> Result<(), ManifestError> {
        match (kind, self.schema_version) {
            (_, Some(2)) | (ManifestKind::Artifact, None) => {}
            _ => return Err(ManifestError::SchemaVersion),
        }
        self.check_fields(kind)?;
        if self.descriptors().count() > MAX_MANIFEST_REFERENCES {
            return Err(ManifestError::TooManyReferences);
        }
        self.descriptors().try_for_each(Descriptor::check)
    }

    fn check_fields(&self, kind: ManifestKind) -> Result<(), ManifestError> {
        if self.layers.is_some() && self.manifests.is_some() {
            return Err(ManifestError::Ambiguous);
        }
        let fields = [
            ("config", self.config.is_some(), kind == ManifestKind::Image, kind == ManifestKind::Image),
            ("layers", self.layers.is_some(), kind == ManifestKind::Image, kind == ManifestKind::Image),
            ("manifests", self.manifests.is_some(), kind == ManifestKind::Index, kind == ManifestKind::Index),
            ("blobs", self.blobs.is_some(), kind == ManifestKind::Artifact, false),
        ];
        for (field, is_present, is_allowed, is_required) in fields {
            if is_present && !is_allowed {
                return Err(ManifestError::UnexpectedField { field });
            }
            if !is_present && is_required {
                return Err(ManifestError::MissingField { field });
            }
        }
        Ok(())
    }

    fn descriptors(&self) -> impl Iterator<Item = &Descriptor> {
        let lists = [&self.layers, &self.manifests, &self.blobs];
        let listed = lists.into_iter().flatten().flatten();
        self.config.iter().chain(&self.subject).chain(listed)
    }
}
