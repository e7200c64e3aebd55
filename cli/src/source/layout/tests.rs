use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

/// A layout in the making.
struct Made(TempDir);

impl Made {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
        Self(folder)
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn add(&self, media_type: &str, body: &[u8]) -> Value {
        let digest = Digest::sha256(body);
        std::fs::write(self.folder().join(path(&digest)), body).unwrap();
        json!({ "mediaType": media_type, "digest": digest, "size": body.len() })
    }

    fn image(&self, layer: &[u8]) -> Value {
        let config = self.add("application/vnd.oci.image.config.v1+json", b"{}");
        let layer = self.add("application/vnd.oci.image.layer.v1.tar", layer);
        let media_type = MediaType::OCI_IMAGE_MANIFEST;
        let manifest = json!({ "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [layer, layer] });
        self.add(media_type.as_str(), manifest.to_string().as_bytes())
    }

    fn index(&self, entries: &[Value]) -> Value {
        let index = json!({ "schemaVersion": 2, "mediaType": MediaType::OCI_INDEX, "manifests": entries });
        self.add(MediaType::OCI_INDEX.as_str(), index.to_string().as_bytes())
    }

    fn top(&self, entries: &[Value]) -> &Self {
        let index = json!({ "schemaVersion": 2, "manifests": entries }).to_string();
        std::fs::write(self.folder().join("index.json"), index).unwrap();
        self
    }

    fn read(&self) -> Result<Image, SourceError> {
        self.select(&Selection::default())
    }

    fn select(&self, selection: &Selection) -> Result<Image, SourceError> {
        read(&Tree::folder(self.folder()), selection)
    }
}

fn with(mut descriptor: Value, key: &str, value: Value) -> Value {
    descriptor[key] = value;
    descriptor
}

fn for_platform(descriptor: Value, architecture: &str) -> Value {
    with(descriptor, "platform", json!({ "os": "linux", "architecture": architecture }))
}

fn digests(image: &Image) -> Vec<String> {
    image.manifests.iter().map(|manifest| manifest.digest.to_string()).collect()
}

#[test]
fn children_come_first_and_everything_comes_once() {
    let made = Made::new();
    let (first, second) = (made.image(b"one"), made.image(b"two"));
    let root = made.index(&[first.clone(), second.clone(), first.clone()]);
    let image = made.top(std::slice::from_ref(&root)).read().unwrap();
    let expected = [first, second, root].map(|descriptor| descriptor["digest"].as_str().unwrap().to_owned());
    assert_eq!(digests(&image), expected);
    assert_eq!(image.blobs.len(), 3, "one config and two layers");
}

#[test]
fn one_image_is_chosen_by_name_digest_or_platform() {
    let made = Made::new();
    let (first, second) = (made.image(b"one"), made.image(b"two"));
    let name =
        |descriptor: &Value, name: &str| with(descriptor.clone(), "annotations", json!({ NAMES[0]: name }));
    made.top(&[name(&first, "v1"), name(&second, "v2"), name(&first, "latest")]);
    assert!(matches!(made.read(), Err(SourceError::Several { .. })));
    for wanted in ["v1", "latest", first["digest"].as_str().unwrap()] {
        let image = made.select(&Selection { image: Some(wanted.to_owned()), platform: None }).unwrap();
        assert_eq!(digests(&image), [first["digest"].as_str().unwrap()], "{wanted}");
    }

    let root = made.index(&[for_platform(first.clone(), "amd64"), for_platform(second, "arm64")]);
    made.top(&[root]);
    let platform = |text: &str| Selection { image: None, platform: Some(text.parse().unwrap()) };
    assert_eq!(digests(&made.select(&platform("linux/amd64")).unwrap()), [first["digest"].as_str().unwrap()]);
    assert!(matches!(made.select(&platform("linux/s390x")), Err(SourceError::NoSuchPlatform { .. })));
}

#[test]
fn a_platform_that_was_not_saved_needs_a_choice() {
    let made = Made::new();
    let (first, second) = (made.image(b"one"), made.image(b"two"));
    let missing: Digest = serde_json::from_value(second["digest"].clone()).unwrap();
    made.top(&[made.index(&[for_platform(first, "amd64"), for_platform(second, "arm64")])]);
    std::fs::remove_file(made.folder().join(path(&missing))).unwrap();
    assert!(matches!(made.read(), Err(SourceError::MissingPlatform { digest }) if digest == missing));
    let selection = Selection { image: None, platform: Some("linux/amd64".parse().unwrap()) };
    assert_eq!(made.select(&selection).unwrap().manifests.len(), 1);
}

#[test]
fn damage_is_noticed() {
    let damaged = |harm: &dyn Fn(&Path)| {
        let made = Made::new();
        let root = made.image(b"layer");
        made.top(std::slice::from_ref(&root));
        harm(made.folder());
        made.read().expect_err("damaged").to_string()
    };
    let layer = path(&Digest::sha256(b"layer"));
    let error = damaged(&|folder| std::fs::write(folder.join(&layer), "longer than it was").unwrap());
    assert!(error.contains("5 bytes"), "{error}");
    let error = damaged(&|folder| std::fs::remove_file(folder.join(&layer)).unwrap());
    assert!(error.contains("incomplete"), "{error}");
    let error = damaged(&|folder| std::fs::write(folder.join("index.json"), "[]").unwrap());
    assert!(error.contains("index.json"), "{error}");
    let error = damaged(&|folder| {
        let index = std::fs::read_to_string(folder.join("index.json")).unwrap();
        let index: Value = serde_json::from_str(&index).unwrap();
        let digest: Digest = serde_json::from_value(index["manifests"][0]["digest"].clone()).unwrap();
        let manifest = std::fs::read_to_string(folder.join(path(&digest))).unwrap();
        std::fs::write(folder.join(path(&digest)), manifest.replace('2', "3")).unwrap();
    });
    assert!(error.contains("damaged"), "{error}");
}
