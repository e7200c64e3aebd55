//! The images, indexes and artifacts that are pushed, each a set of blobs, manifests and tags.

use berth_tests::SeededBytes;
use serde_json::{Map, Value, json};

use crate::digests::Algorithm;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
pub(crate) const FIRST_EXAMPLE: &str = "application/vnd.example.conformance.v1";
pub(crate) const SECOND_EXAMPLE: &str = "application/vnd.example.conformance.v2";

/// Where the layers of an image are, and how.
#[derive(Clone, Copy)]
pub(crate) enum Layers {
    Gzip(usize),
    Tar(usize),
}

/// A manifest as it is pushed.
pub(crate) struct Pushed {
    pub(crate) digest: String,
    pub(crate) body: Vec<u8>,
    pub(crate) document: Value,
}

impl Pushed {
    pub(crate) fn media_type(&self) -> &str {
        self.document["mediaType"].as_str().expect("all manifests here have a media type")
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        self.document["subject"]["digest"].as_str()
    }

    /// What a referrer is listed as.
    pub(crate) fn artifact_type(&self) -> Option<&str> {
        self.document["artifactType"].as_str().or_else(|| self.document["config"]["mediaType"].as_str())
    }
}

/// A set in the making, and made.
#[derive(Default)]
pub(crate) struct DataSet {
    name: String,
    algorithm: Option<Algorithm>,
    with_data: bool,
    with_custom_fields: bool,
    pub(crate) blobs: Vec<(String, Vec<u8>)>,
    /// What they refer to comes before them.
    pub(crate) manifests: Vec<Pushed>,
    /// Each tag with the place of its manifest in the list.
    pub(crate) tags: Vec<(String, usize)>,
    /// Tags are given as parameters when the manifest is pushed by its digest.
    pub(crate) with_tag_parameters: bool,
}

impl DataSet {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.replace('_', "-"), ..Self::default() }
    }

    pub(crate) fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Descriptors carry their content.
    pub(crate) fn with_data(mut self) -> Self {
        self.with_data = true;
        self
    }

    /// Documents have fields that no specification knows.
    pub(crate) fn with_custom_fields(mut self) -> Self {
        self.with_custom_fields = true;
        self
    }

    /// Gives the last manifest a tag.
    pub(crate) fn tag(mut self, tag: &str) -> Self {
        let last = self.manifests.len() - 1;
        self.tags.push((tag.to_owned(), last));
        self
    }

    /// Gives each manifest a tag of its own and the last one two, all as parameters.
    pub(crate) fn tag_all_by_parameter(mut self) -> Self {
        self.with_tag_parameters = true;
        self.tags =
            (0..self.manifests.len()).map(|place| (format!("{}-{place}", self.name), place)).collect();
        let name = self.name.clone();
        self.tag(&name)
    }

    /// The descriptor of the manifest that was made last.
    pub(crate) fn last(&self) -> Value {
        let last = self.manifests.last().expect("a manifest was made before");
        let mut descriptor = descriptor(last.media_type(), &last.digest, last.body.len());
        if self.with_data {
            descriptor["data"] = json!(base64(&last.body));
        }
        descriptor
    }

    /// An image with fresh layers.
    pub(crate) fn image(self, layers: Layers, fields: Value) -> Self {
        self.image_for("amd64", layers, fields)
    }

    pub(crate) fn image_for(mut self, architecture: &str, layers: Layers, fields: Value) -> Self {
        let layers: Vec<Value> = match layers {
            Layers::Gzip(count) => (0..count).map(|_| self.fresh_blob(&layer("tar+gzip"))).collect(),
            Layers::Tar(count) => (0..count).map(|_| self.fresh_blob(&layer("tar"))).collect(),
        };
        self.image_of(architecture, &layers, fields)
    }

    /// An image with given layers and a fresh configuration.
    pub(crate) fn image_of(mut self, architecture: &str, layers: &[Value], fields: Value) -> Self {
        let number = self.blobs.len();
        let diff_ids: Vec<_> = layers.iter().map(|layer| layer["digest"].clone()).collect();
        let mut config = json!({
            "author": format!("{} {number}", self.name),
            "architecture": architecture,
            "os": "linux",
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        });
        self.add_custom_field(&mut config);
        let config = self.blob(CONFIG, config.to_string().into_bytes());
        self.manifest(json!({ "mediaType": MANIFEST, "config": config, "layers": layers }), fields)
    }

    /// An artifact with one fresh blob and the empty configuration.
    pub(crate) fn artifact(mut self, artifact_type: &str, fields: Value) -> Self {
        let blob = self.fresh_blob(FIRST_EXAMPLE);
        let config = self.blob(EMPTY, b"{}".to_vec());
        let manifest = json!({
            "mediaType": MANIFEST,
            "artifactType": artifact_type,
            "config": config,
            "layers": [blob],
        });
        self.manifest(manifest, fields)
    }

    /// An artifact that is all in its manifest.
    pub(crate) fn artifact_without_layers(mut self) -> Self {
        let empty = self.blob(EMPTY, b"{}".to_vec());
        let manifest = json!({
            "mediaType": MANIFEST,
            "artifactType": FIRST_EXAMPLE,
            "config": empty,
            "layers": [empty],
        });
        self.manifest(manifest, json!({}))
    }

    /// An index of an image for each of two platforms.
    pub(crate) fn index(mut self, fields: Value) -> Self {
        let mut children = Vec::new();
        for architecture in ["amd64", "arm64"] {
            self = self.image_for(architecture, Layers::Gzip(2), json!({}));
            let mut child = self.last();
            child["platform"] = json!({ "os": "linux", "architecture": architecture });
            children.push(child);
        }
        self.index_of(&children, fields)
    }

    pub(crate) fn index_of(self, children: &[Value], fields: Value) -> Self {
        self.manifest(json!({ "mediaType": INDEX, "manifests": children }), fields)
    }

    /// Adds a blob and gives its descriptor.
    pub(crate) fn blob(&mut self, media_type: &str, content: Vec<u8>) -> Value {
        let digest = self.digest(&content);
        let mut descriptor = descriptor(media_type, &digest, content.len());
        if self.with_data {
            descriptor["data"] = json!(base64(&content));
        }
        if self.blobs.iter().all(|(known, _)| *known != digest) {
            self.blobs.push((digest, content));
        }
        descriptor
    }

    /// Adds a blob that no other set has.
    pub(crate) fn fresh_blob(&mut self, media_type: &str) -> Value {
        let content = SeededBytes::take_vec(&format!("{} blob {}", self.name, self.blobs.len()), 2048);
        self.blob(media_type, content)
    }

    fn manifest(mut self, mut document: Value, fields: Value) -> Self {
        document["schemaVersion"] = json!(2);
        let fields: Map<String, Value> = serde_json::from_value(fields).expect("fields are an object");
        document.as_object_mut().expect("a manifest is an object").extend(fields);
        self.add_custom_field(&mut document);
        let body = document.to_string().into_bytes();
        self.manifests.push(Pushed { digest: self.digest(&body), body, document });
        self
    }

    fn add_custom_field(&self, document: &mut Value) {
        if self.with_custom_fields {
            document["org.example.custom"] = json!({ "in": self.name, "numbers": [1, 2.5, -3] });
        }
    }

    fn digest(&self, content: &[u8]) -> String {
        self.algorithm.unwrap_or(Algorithm::Sha256).digest(content)
    }
}

fn descriptor(media_type: &str, digest: &str, size: usize) -> Value {
    json!({ "mediaType": media_type, "digest": digest, "size": size })
}

fn layer(form: &str) -> String {
    format!("application/vnd.oci.image.layer.v1.{form}")
}

fn base64(content: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(content)
}
