//! Blobs and manifests from small calls.
//!
//! ```
//! use berth_testkit::build::{image, index};
//!
//! let app = image().layer(b"files").annotation("made", "today").build();
//! let all = index().child(&app).build();
//! assert_eq!(all.children, [app.digest]);
//! ```

use std::collections::BTreeMap;

use berth_protocol::{Algorithm, Descriptor, Digest, MediaType, RepositoryName, Tag};
use berth_registry::ports::ManifestRecord;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// A repository's name; `text` must be one.
pub fn repository(text: &str) -> RepositoryName {
    RepositoryName::parse(text).expect("a repository name")
}

/// A tag; `text` must be one.
pub fn tag(text: &str) -> Tag {
    Tag::parse(text).expect("a tag")
}

/// Content and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The digest.
    pub digest: Digest,
    /// The content.
    pub content: Bytes,
}

/// A blob with a SHA-256 digest.
pub fn blob(content: impl Into<Bytes>) -> Blob {
    let content = content.into();
    Blob { digest: Digest::sha256(&content), content }
}

/// A finished manifest and all that it needs.
#[derive(Debug, Clone)]
pub struct Built {
    /// The digest of the body.
    pub digest: Digest,
    /// The media type, which is also in the body.
    pub media_type: MediaType,
    /// The body.
    pub body: Bytes,
    /// The blobs that a repository must hold, each once.
    pub blobs: Vec<Blob>,
    /// The manifests that a repository must hold.
    pub children: Vec<Digest>,
    /// The subject's digest.
    pub subject: Option<Digest>,
    artifact_type: Option<String>,
    annotations: BTreeMap<String, String>,
}

impl Built {
    /// The manifest as a push commits it.
    pub fn record(&self) -> ManifestRecord {
        ManifestRecord {
            digest: self.digest.clone(),
            media_type: self.media_type.to_string(),
            size_bytes: self.size_bytes(),
            body: Some(self.body.clone()),
        }
    }

    /// The manifest as its subject's referrers list it.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor {
            media_type: self.media_type.to_string(),
            digest: self.digest.clone(),
            size: self.size_bytes(),
            artifact_type: self.artifact_type.clone(),
            annotations: self.annotations.clone(),
            urls: Vec::new(),
            platform: None,
        }
    }

    /// The digests of all blobs and manifests that it needs.
    pub fn needs(&self) -> Vec<Digest> {
        self.blob_digests().into_iter().chain(self.children.clone()).collect()
    }

    /// The digests of its blobs.
    pub fn blob_digests(&self) -> Vec<Digest> {
        self.blobs.iter().map(|blob| blob.digest.clone()).collect()
    }

    /// The same manifest under its SHA-512 digest.
    #[must_use]
    pub fn under_sha512(mut self) -> Self {
        self.digest = Digest::of(Algorithm::Sha512, &self.body);
        self
    }

    fn size_bytes(&self) -> u64 {
        self.body.len() as u64
    }
}

/// A manifest in the making.
#[derive(Debug, Clone)]
pub struct Builder {
    media_type: MediaType,
    config: Option<(Blob, String)>,
    layers: Vec<Blob>,
    children: Vec<Built>,
    subject: Option<Value>,
    subject_digest: Option<Digest>,
    artifact_type: Option<String>,
    annotations: BTreeMap<String, String>,
}

/// An OCI image manifest, with the config `{}` until another one is given.
pub fn image() -> Builder {
    let config = (blob(&b"{}"[..]), "application/vnd.oci.image.config.v1+json".to_owned());
    Builder { config: Some(config), ..Builder::new(MediaType::OCI_IMAGE_MANIFEST) }
}

/// An OCI image index.
pub fn index() -> Builder {
    Builder::new(MediaType::OCI_INDEX)
}

/// An image manifest that carries something else than an image, and refers to `subject`.
pub fn artifact(subject: &Built, artifact_type: &str) -> Builder {
    let config = (blob(&b"{}"[..]), MediaType::OCI_EMPTY_JSON.to_string());
    let builder = Builder { config: Some(config), ..Builder::new(MediaType::OCI_IMAGE_MANIFEST) };
    builder.subject(subject).artifact_type(artifact_type)
}

impl Builder {
    fn new(media_type: MediaType) -> Self {
        Self {
            media_type,
            config: None,
            layers: Vec::new(),
            children: Vec::new(),
            subject: None,
            subject_digest: None,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }

    /// Sets the config of an image.
    #[must_use]
    pub fn config(mut self, content: impl Into<Bytes>) -> Self {
        self.config = self.config.map(|(_, media_type)| (blob(content), media_type));
        self
    }

    /// Adds a layer to an image.
    #[must_use]
    pub fn layer(mut self, content: impl AsRef<[u8]>) -> Self {
        self.layers.push(blob(Bytes::copy_from_slice(content.as_ref())));
        self
    }

    /// Adds a manifest to an index.
    #[must_use]
    pub fn child(mut self, child: &Built) -> Self {
        self.children.push(child.clone());
        self
    }

    /// Makes the manifest a referrer of `subject`.
    #[must_use]
    pub fn subject(mut self, subject: &Built) -> Self {
        self.subject = Some(descriptor(subject.media_type.as_str(), &subject.digest, subject.body.len()));
        self.subject_digest = Some(subject.digest.clone());
        self
    }

    /// Sets the artifact type.
    #[must_use]
    pub fn artifact_type(mut self, artifact_type: &str) -> Self {
        self.artifact_type = Some(artifact_type.to_owned());
        self
    }

    /// Adds an annotation.
    #[must_use]
    pub fn annotation(mut self, key: &str, value: impl Into<String>) -> Self {
        self.annotations.insert(key.to_owned(), value.into());
        self
    }

    /// The manifest.
    pub fn build(self) -> Built {
        let body = Bytes::from(self.document().to_string());
        let of_config = self.config.as_ref().map(|(_, media_type)| media_type.clone());
        let mut blobs: Vec<Blob> =
            self.config.into_iter().map(|(config, _)| config).chain(self.layers).collect();
        blobs.sort_by(|one, other| one.digest.cmp(&other.digest));
        blobs.dedup();
        Built {
            digest: Digest::sha256(&body),
            media_type: self.media_type,
            body,
            blobs,
            children: self.children.into_iter().map(|child| child.digest).collect(),
            subject: self.subject_digest,
            artifact_type: self.artifact_type.or(of_config),
            annotations: self.annotations,
        }
    }

    fn document(&self) -> Value {
        let mut document = Map::new();
        let mut set = |field: &str, value: Value| document.insert(field.to_owned(), value);
        set("schemaVersion", json!(2));
        set("mediaType", json!(self.media_type.as_str()));
        if let Some((config, media_type)) = &self.config {
            set("config", blob_descriptor(media_type, config));
            let layers = self.layers.iter().map(|layer| blob_descriptor(LAYER, layer));
            set("layers", layers.collect());
        } else {
            let child =
                |child: &Built| descriptor(child.media_type.as_str(), &child.digest, child.body.len());
            set("manifests", self.children.iter().map(child).collect());
        }
        if let Some(subject) = &self.subject {
            set("subject", subject.clone());
        }
        if let Some(artifact_type) = &self.artifact_type {
            set("artifactType", json!(artifact_type));
        }
        if !self.annotations.is_empty() {
            set("annotations", json!(self.annotations));
        }
        Value::Object(document)
    }
}

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn blob_descriptor(media_type: &str, blob: &Blob) -> Value {
    descriptor(media_type, &blob.digest, blob.content.len())
}

fn descriptor(media_type: &str, digest: &Digest, size: usize) -> Value {
    json!({ "mediaType": media_type, "digest": digest.to_string(), "size": size })
}
