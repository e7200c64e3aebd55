//! Images made on the spot, as OCI image layouts.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::layer::write_layer;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const LAYOUT_TAG: &str = "v1";

/// What an image shall hold. The same recipe always gives the same digests.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Makes the content unique to whoever asks for it, so that no other test has pushed it before.
    pub seed: String,
    /// The size of the one file in each layer.
    pub layer_bytes: Vec<u64>,
}

impl Recipe {
    /// Three layers of 200 kB together.
    pub fn small(seed: &str) -> Self {
        Self { seed: seed.to_owned(), layer_bytes: vec![120_000, 70_000, 10_000] }
    }

    /// A small layer and one of `bytes`.
    pub fn with_layer_of(seed: &str, bytes: u64) -> Self {
        Self { seed: seed.to_owned(), layer_bytes: vec![10_000, bytes] }
    }
}

/// A reference to content, as manifests have it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the content is.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// Its length in bytes.
    pub size: u64,
    /// What it runs on, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Value>,
}

/// An OCI image layout with one image or index, which has the tag `v1`.
#[derive(Clone, Debug)]
pub struct Layout {
    folder: PathBuf,
    root: Descriptor,
}

impl Layout {
    /// Writes an image for linux/amd64 into `folder`.
    pub fn image(folder: &Path, recipe: &Recipe) -> Self {
        create_blob_folder(folder);
        let root = write_image(folder, recipe, "amd64").expect("the folder is writable");
        Self::finish(folder, root)
    }

    /// Writes an index of two images, for linux/amd64 and linux/arm64, into `folder`.
    pub fn index(folder: &Path, recipe: &Recipe) -> Self {
        create_blob_folder(folder);
        let manifests = ["amd64", "arm64"].map(|architecture| {
            let recipe = Recipe { seed: format!("{} {architecture}", recipe.seed), ..recipe.clone() };
            let image = write_image(folder, &recipe, architecture).expect("the folder is writable");
            Descriptor { platform: Some(json!({ "os": "linux", "architecture": architecture })), ..image }
        });
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        let root = write_json(folder, INDEX, &index).expect("the folder is writable");
        Self::finish(folder, root)
    }

    /// Reads the layout that a client has written; panics unless all content has the digests that it is named by.
    pub fn open(folder: &Path) -> Self {
        let index: Value = read_json(&folder.join("index.json"));
        let manifests: Vec<Descriptor> =
            serde_json::from_value(index["manifests"].clone()).expect("a layout lists its manifests");
        let [root] = &manifests[..] else { panic!("one manifest was expected in {index}") };
        let layout = Self { folder: folder.to_owned(), root: root.clone() };
        for descriptor in layout.contents() {
            let path = layout.blob(&descriptor.digest);
            let found =
                File::open(&path).and_then(digest_of).expect("what a manifest names is in the layout");
            assert_eq!(found, (descriptor.digest, descriptor.size), "{} is damaged", path.display());
        }
        layout
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The tagged manifest or index.
    pub fn root(&self) -> &Descriptor {
        &self.root
    }

    /// The configuration of the image; panics when the layout is of an index.
    pub fn config(&self) -> Descriptor {
        descriptor(&self.read(&self.root.digest)["config"])
    }

    /// The layers of the image; panics when the layout is of an index.
    pub fn layers(&self) -> Vec<Descriptor> {
        descriptors(&self.read(&self.root.digest)["layers"])
    }

    /// Everything below the root and the root itself.
    pub fn contents(&self) -> Vec<Descriptor> {
        let mut found = vec![self.root.clone()];
        let mut next = 0;
        while let Some(current) = found.get(next).filter(|_| next < 1000).cloned() {
            next += 1;
            if [MANIFEST, INDEX].contains(&current.media_type.as_str()) {
                let document = self.read(&current.digest);
                found.extend(document.get("config").map(descriptor));
                found.extend(["layers", "manifests"].iter().flat_map(|list| descriptors(&document[*list])));
            }
        }
        found
    }

    /// The file that holds the content of `digest`.
    pub fn blob(&self, digest: &str) -> PathBuf {
        blob_path(&self.folder, digest)
    }

    fn finish(folder: &Path, root: Descriptor) -> Self {
        let mut tagged = serde_json::to_value(&root).expect("a descriptor is plain JSON");
        tagged["annotations"] = json!({ "org.opencontainers.image.ref.name": LAYOUT_TAG });
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [tagged] });
        fs::write(folder.join("index.json"), index.to_string()).expect("the folder is writable");
        fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)
            .expect("the folder is writable");
        Self { folder: folder.to_owned(), root }
    }

    fn read(&self, digest: &str) -> Value {
        read_json(&self.blob(digest))
    }
}

/// The SHA-256 digest of `bytes`, in the notation of the specification.
pub fn sha256_digest(bytes: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(bytes);
    digest_text(hasher)
}

pub(crate) fn digest_text(hasher: Sha256) -> String {
    hasher.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all text");
        text
    })
}

fn write_image(folder: &Path, recipe: &Recipe, architecture: &str) -> io::Result<Descriptor> {
    let mut layers = Vec::new();
    let mut diff_ids = Vec::new();
    for (number, bytes) in recipe.layer_bytes.iter().enumerate() {
        let unnamed = folder.join("blobs/sha256/unnamed");
        let layer = write_layer(&unnamed, &format!("{} {number}", recipe.seed), *bytes)?;
        fs::rename(unnamed, blob_path(folder, &layer.digest))?;
        diff_ids.push(layer.diff_id);
        layers.push(json!({ "mediaType": LAYER, "digest": layer.digest, "size": layer.size }));
    }
    let config = json!({
        "architecture": architecture,
        "os": "linux",
        "config": { "Labels": { "seed": recipe.seed } },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": diff_ids.iter().map(|_| json!({ "created_by": "a test" })).collect::<Vec<_>>(),
    });
    let config = write_json(folder, CONFIG, &config)?;
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers });
    write_json(folder, MANIFEST, &manifest)
}

fn write_json(folder: &Path, media_type: &str, document: &Value) -> io::Result<Descriptor> {
    let text = document.to_string();
    let digest = sha256_digest(text.as_bytes());
    fs::write(blob_path(folder, &digest), &text)?;
    Ok(Descriptor { media_type: media_type.to_owned(), digest, size: text.len() as u64, platform: None })
}

fn create_blob_folder(folder: &Path) {
    fs::create_dir_all(folder.join("blobs/sha256")).expect("the folder is writable");
}

fn blob_path(folder: &Path, digest: &str) -> PathBuf {
    folder.join("blobs/sha256").join(hex(digest))
}

pub(crate) fn hex(digest: &str) -> &str {
    digest.strip_prefix("sha256:").expect("the layouts of these tests use SHA-256")
}

fn read_json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).expect("the document is JSON")
}

fn descriptor(value: &Value) -> Descriptor {
    serde_json::from_value(value.clone()).expect("the value is a descriptor")
}

fn descriptors(list: &Value) -> Vec<Descriptor> {
    list.as_array().into_iter().flatten().map(descriptor).collect()
}

fn digest_of(file: File) -> io::Result<(String, u64)> {
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut buffer = vec![0; 1 << 20];
    let mut hasher = Sha256::new();
    let mut size = 0;
    loop {
        let length = reader.read(&mut buffer)?;
        if length == 0 {
            return Ok((digest_text(hasher), size));
        }
        hasher.update(&buffer[..length]);
        size += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_always_gives_the_same_image() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("the temporary folder is writable"));
        let digests = folders.each_ref().map(|folder| {
            Layout::index(folder.path(), &Recipe::small("twice"));
            Layout::open(folder.path()).root().digest.clone()
        });
        assert_eq!(digests[0], digests[1]);
    }

    #[test]
    fn a_layout_holds_everything_it_names() {
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let layout = Layout::index(folder.path(), &Recipe::small("complete"));
        // The index, two manifests, and for each a configuration and three layers.
        assert_eq!(layout.contents().len(), 1 + 2 * (1 + 1 + 3));
    }

    #[test]
    #[should_panic(expected = "damaged")]
    fn damage_is_noticed() {
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let layout = Layout::image(folder.path(), &Recipe::small("damage"));
        fs::write(layout.blob(&layout.layers()[0].digest), "other").expect("the file is writable");
        Layout::open(folder.path());
    }
}
