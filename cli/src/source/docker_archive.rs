//! What `docker save` wrote before docker 25, and podman, crane and kaniko still write: `manifest.json`, a configuration
//! and layers, without an OCI manifest.
//!
//! A manifest is made for it, always the same one for the same image. Layers are sent as they are and not compressed: their
//! digests are then those that the configuration lists, so a second push knows what it can skip without reading a layer,
//! and digests do not depend on which version of a compressor was at work.

use std::io::Read;

use berth_protocol::limits::MAX_MANIFEST_REFERENCES;
use berth_protocol::{Algorithm, Digest, MediaType};
use serde::{Deserialize, Serialize};

use super::tree::{Tree, read_document};
use super::{Image, ImageManifest, Selection, SourceError, choose};
use crate::content::Content;
use crate::registry::Blob;

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// An element of `manifest.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct Config {
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    /// The digests of the layers when they are not compressed.
    diff_ids: Vec<Digest>,
}

/// The manifest that is made. The order of the fields is part of its digest.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    schema_version: u8,
    media_type: MediaType,
    config: Part,
    layers: Vec<Part>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    media_type: String,
    digest: Digest,
    size: u64,
}

pub(super) fn read(tree: &Tree, selection: &Selection) -> Result<Image, SourceError> {
    let saved: Vec<Saved> = serde_json::from_slice(&tree.document("manifest.json")?)
        .map_err(|error| invalid("manifest.json", error.to_string()))?;
    let named = saved.into_iter().map(|saved| (saved.repo_tags.clone().unwrap_or_default(), saved)).collect();
    let saved = choose(named, selection.image.as_deref())?;
    if saved.layers.len() >= MAX_MANIFEST_REFERENCES {
        return Err(invalid("manifest.json", format!("it has {} layers", saved.layers.len())));
    }
    let content = tree.need(&saved.config)?;
    let body = read_document(&content, &saved.config)?;
    let config: Config =
        serde_json::from_slice(&body).map_err(|error| invalid(&saved.config, error.to_string()))?;
    let diff_ids = config.rootfs.diff_ids;
    if diff_ids.len() != saved.layers.len() {
        let reason = format!("it lists {} layers and the archive has {}", diff_ids.len(), saved.layers.len());
        return Err(invalid(&saved.config, reason));
    }
    let config = part(CONFIG.to_owned(), Digest::sha256(&body), &content);
    let mut blobs = vec![Blob { digest: config.digest.clone(), content }];
    let mut layers = Vec::new();
    for (name, diff_id) in saved.layers.iter().zip(diff_ids) {
        let content = tree.need(name)?;
        let layer = layer(name, &content, diff_id)?;
        if !blobs.iter().any(|blob| blob.digest == layer.digest) {
            blobs.push(Blob { digest: layer.digest.clone(), content });
        }
        layers.push(layer);
    }
    let manifest = Made { schema_version: 2, media_type: MediaType::OCI_IMAGE_MANIFEST, config, layers };
    let body = serde_json::to_vec(&manifest).map_err(|error| invalid("manifest.json", error.to_string()))?;
    let manifest =
        ImageManifest { digest: Digest::sha256(&body), media_type: manifest.media_type, body: body.into() };
    Ok(Image { blobs, manifests: vec![manifest] })
}

/// A layer that is not compressed has the digest that the configuration says, which is compared when it is sent. Some
/// programs save compressed layers; those must be read to know theirs.
fn layer(name: &str, content: &Content, diff_id: Digest) -> Result<Part, SourceError> {
    let unreadable = SourceError::read(name);
    match compression(content) {
        Ok(None) => Ok(part(LAYER.to_owned(), diff_id, content)),
        Ok(Some(suffix)) => {
            let digest = content.digest(Algorithm::Sha256).map_err(unreadable)?;
            Ok(part(format!("{LAYER}{suffix}"), digest, content))
        }
        Err(error) => Err(unreadable(error)),
    }
}

fn part(media_type: String, digest: Digest, content: &Content) -> Part {
    Part { media_type, digest, size: content.len() }
}

/// What a media type says of content that begins like this (image-spec, "Layer Media Types").
fn compression(content: &Content) -> std::io::Result<Option<&'static str>> {
    let mut start = Vec::new();
    content.open()?.take(4).read_to_end(&mut start)?;
    Ok(match start[..] {
        [0x1f, 0x8b, ..] => Some("+gzip"),
        [0x28, 0xb5, 0x2f, 0xfd] => Some("+zstd"),
        _ => None,
    })
}

fn invalid(file: &str, reason: String) -> SourceError {
    SourceError::Invalid { file: file.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;

    fn write(folder: &Path, layers: &[(&str, &[u8])], tags: &Value) {
        let diff_ids: Vec<Digest> = layers.iter().map(|(_, content)| Digest::sha256(content)).collect();
        let config = json!({ "rootfs": { "type": "layers", "diff_ids": diff_ids } });
        std::fs::write(folder.join("c.json"), config.to_string()).unwrap();
        for (name, content) in layers {
            std::fs::write(folder.join(name), content).unwrap();
        }
        let names: Vec<&str> = layers.iter().map(|(name, _)| *name).collect();
        let saved = json!([{ "Config": "c.json", "RepoTags": tags, "Layers": names }]);
        std::fs::write(folder.join("manifest.json"), saved.to_string()).unwrap();
    }

    fn read_folder(folder: &Path) -> Result<Image, SourceError> {
        read(&Tree::folder(folder), &Selection::default())
    }

    fn layers(image: &Image) -> Vec<(String, String)> {
        let manifest: Value = serde_json::from_slice(&image.manifests[0].body).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let layers = manifest["layers"].as_array().unwrap().iter();
        layers.map(|layer| (text(&layer["mediaType"]), text(&layer["digest"]))).collect()
    }

    #[test]
    fn a_manifest_is_made_always_the_same_one() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("a.tar", b"one"), ("b.tar", b"two"), ("c.tar", b"one")], &Value::Null);
        let image = read_folder(folder.path()).unwrap();
        let of = |content: &[u8]| (LAYER.to_owned(), Digest::sha256(content).to_string());
        assert_eq!(layers(&image), [of(b"one"), of(b"two"), of(b"one")]);
        assert_eq!(image.blobs.len(), 3, "the configuration and two layers");
        let manifest = berth_protocol::Manifest::read(&image.manifests[0].body, None).unwrap();
        assert_eq!(manifest.media_type(), &MediaType::OCI_IMAGE_MANIFEST);
        // A change here changes the digest of every image that was pushed from an archive.
        let digest = "sha256:6a9ea3c27093d9bd1d140a62393c4257a13ac218a9a77757ed587a56d0cdc35f";
        assert_eq!(image.manifests[0].digest.to_string(), digest);
    }

    #[test]
    fn compressed_layers_are_named_by_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let (gzip, zstd) = (&[0x1f, 0x8b, 8, 0, 1][..], &[0x28, 0xb5, 0x2f, 0xfd, 1][..]);
        write(folder.path(), &[("a.tar.gz", gzip), ("b", zstd), ("c", b"x")], &json!(["app:1"]));
        let found: Vec<String> = layers(&read_folder(folder.path()).unwrap())
            .into_iter()
            .map(|(media_type, _)| media_type)
            .collect();
        assert_eq!(found, [format!("{LAYER}+gzip"), format!("{LAYER}+zstd"), LAYER.to_owned()]);
    }

    #[test]
    fn an_incomplete_archive_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("a.tar", b"one")], &Value::Null);
        std::fs::remove_file(folder.path().join("a.tar")).unwrap();
        assert!(matches!(read_folder(folder.path()), Err(SourceError::Missing { .. })));
        std::fs::write(folder.path().join("c.json"), r#"{"rootfs":{"diff_ids":[]}}"#).unwrap();
        assert!(matches!(read_folder(folder.path()), Err(SourceError::Invalid { .. })));
        for text in ["{}", "[]", "[{}]", "x"] {
            std::fs::write(folder.path().join("manifest.json"), text).unwrap();
            assert!(matches!(read_folder(folder.path()), Err(SourceError::Invalid { .. })), "{text}");
        }
    }
}
