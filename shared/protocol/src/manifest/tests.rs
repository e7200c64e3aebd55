use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::limits::MAX_DESCRIPTOR_BYTES;
use crate::{ApiError, ErrorCode};

fn descriptor(media_type: &str, content: &str) -> Value {
    let digest = Digest::sha256(content.as_bytes());
    json!({ "mediaType": media_type, "digest": digest, "size": content.len() })
}

fn layer(content: &str) -> Value {
    descriptor("application/vnd.oci.image.layer.v1.tar+gzip", content)
}

fn image() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_IMAGE_MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", "config"),
        "layers": [layer("one"), layer("two")],
        "unknown": { "kept": [1, "by", null] },
    })
}

fn index() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_INDEX,
        "manifests": [descriptor(MediaType::OCI_IMAGE_MANIFEST.as_str(), "child")],
    })
}

fn artifact() -> Value {
    json!({
        "mediaType": MediaType::OCI_ARTIFACT_MANIFEST,
        "artifactType": "application/vnd.example",
        "blobs": [layer("blob")],
        "subject": descriptor(MediaType::OCI_IMAGE_MANIFEST.as_str(), "subject"),
    })
}

fn with(mut manifest: Value, field: &str, value: Value) -> Value {
    manifest[field] = value;
    manifest
}

fn without(mut manifest: Value, field: &str) -> Value {
    manifest.as_object_mut().unwrap().remove(field);
    manifest
}

fn read(manifest: &Value) -> Result<Manifest, ManifestError> {
    Manifest::read(manifest.to_string().as_bytes(), None)
}

fn digests(contents: &[&str]) -> Vec<Digest> {
    contents.iter().map(|content| Digest::sha256(content.as_bytes())).collect()
}

fn digests_of(descriptors: &[&Descriptor]) -> Vec<Digest> {
    descriptors.iter().map(|descriptor| descriptor.digest.clone()).collect()
}

#[test]
fn an_image() {
    let manifest = read(&with(image(), "annotations", json!({ "a": "b" }))).unwrap();
    assert_eq!(manifest.kind(), ManifestKind::Image);
    assert_eq!(manifest.media_type(), &MediaType::OCI_IMAGE_MANIFEST);
    assert_eq!(manifest.config().unwrap().size, 6);
    assert_eq!(manifest.layers().len(), 2);
    assert_eq!(manifest.artifact_type(), Some("application/vnd.oci.image.config.v1+json"));
    assert_eq!(manifest.annotations()["a"], "b");
    assert_eq!(manifest.subject(), None);
    assert_eq!(digests_of(&manifest.blob_references()), digests(&["config", "one", "two"]));
    assert!(manifest.manifest_references().is_empty());
}

#[test]
fn an_index() {
    let platform = json!({ "architecture": "arm64", "os": "linux", "variant": "v8", "os.features": ["x"] });
    let mut child = descriptor(MediaType::DOCKER_MANIFEST.as_str(), "other");
    child["platform"] = platform;
    let entries = json!([child, descriptor(MediaType::OCI_INDEX.as_str(), "nested"), child, layer("cache")]);
    let manifest = read(&with(index(), "manifests", entries)).unwrap();
    assert_eq!(manifest.kind(), ManifestKind::Index);
    assert_eq!(manifest.manifests().len(), 4);
    assert_eq!(manifest.manifests()[0].platform.as_ref().unwrap().variant.as_deref(), Some("v8"));
    assert_eq!(digests_of(&manifest.manifest_references()), digests(&["other", "nested"]));
    assert_eq!(digests_of(&manifest.blob_references()), digests(&["cache"]));
    assert_eq!(manifest.artifact_type(), None);
}

#[test]
fn an_artifact_manifest() {
    let manifest = read(&artifact()).unwrap();
    assert_eq!(manifest.kind(), ManifestKind::Artifact);
    assert_eq!(manifest.artifact_type(), Some("application/vnd.example"));
    assert_eq!(manifest.subject().unwrap().digest, Digest::sha256(b"subject"));
    assert_eq!(digests_of(&manifest.blob_references()), digests(&["blob"]));
}

#[test]
fn references_are_unique_and_without_foreign_layers() {
    let foreign = [
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ];
    let layers =
        json!([layer("one"), descriptor(foreign[0], "a"), descriptor(foreign[1], "b"), layer("one")]);
    let manifest = read(&with(image(), "layers", layers)).unwrap();
    assert_eq!(manifest.layers().len(), 4);
    assert_eq!(digests_of(&manifest.blob_references()), digests(&["config", "one"]));
}

#[test]
fn tolerated_forms() {
    let table = [
        ("no layers", with(image(), "layers", json!([])), None),
        ("layers as Go writes nil", with(image(), "layers", Value::Null), None),
        ("no children", with(index(), "manifests", json!([])), None),
        ("children as Go writes nil", with(index(), "manifests", Value::Null), None),
        ("artifact without blobs", without(artifact(), "blobs"), None),
        ("empty media type", with(image(), "mediaType", json!("")), Some(MediaType::OCI_IMAGE_MANIFEST)),
        ("empty artifact type", with(image(), "artifactType", json!("")), None),
        ("null fields", with(with(image(), "subject", Value::Null), "annotations", Value::Null), None),
        ("media type from the header", without(image(), "mediaType"), Some(MediaType::DOCKER_MANIFEST)),
        ("guessed image", without(image(), "mediaType"), None),
        ("guessed index", without(index(), "mediaType"), None),
        ("manifest list", with(index(), "mediaType", json!(MediaType::DOCKER_MANIFEST_LIST)), None),
    ];
    for (case, manifest, content_type) in table {
        let read = Manifest::read(manifest.to_string().as_bytes(), content_type.as_ref());
        let read = read.unwrap_or_else(|error| panic!("{case}: {error}"));
        if let Some(content_type) = content_type {
            assert_eq!(read.media_type(), &content_type, "{case}");
        }
        assert_ne!(read.artifact_type(), Some(""), "{case}");
    }
    let guessed = read(&without(index(), "mediaType")).unwrap();
    assert_eq!((guessed.kind(), guessed.media_type()), (ManifestKind::Index, &MediaType::OCI_INDEX));
}

#[test]
fn refused_forms() {
    let both = with(image(), "manifests", json!([]));
    let mismatched = with(image(), "mediaType", json!(MediaType::OCI_INDEX));
    let mut huge = image();
    huge["config"]["size"] = json!(MAX_DESCRIPTOR_BYTES + 1);
    let table = [
        (both.clone(), "both layers and manifests"),
        (without(both, "mediaType"), "both layers and manifests"),
        (mismatched, "must not have config"),
        (with(index(), "blobs", json!([])), "must not have blobs"),
        (with(index(), "mediaType", json!(MediaType::OCI_IMAGE_MANIFEST)), "must have config"),
        (with(artifact(), "manifests", json!([])), "must not have manifests"),
        (without(image(), "config"), "must have config"),
        (without(image(), "layers"), "must have layers"),
        (without(index(), "manifests"), "must have manifests"),
        (without(without(image(), "mediaType"), "layers"), "no mediaType"),
        (json!({}), "no mediaType"),
        (with(image(), "schemaVersion", json!(1)), "schema 1"),
        (json!({ "schemaVersion": 1, "name": "a", "fsLayers": [] }), "schema 1"),
        (
            with(image(), "mediaType", json!("application/vnd.docker.distribution.manifest.v1+prettyjws")),
            "schema 1",
        ),
        (with(image(), "schemaVersion", json!(3)), "schemaVersion 2"),
        (with(artifact(), "schemaVersion", json!(3)), "schemaVersion 2"),
        (without(image(), "schemaVersion"), "schemaVersion 2"),
        (with(image(), "schemaVersion", json!("2")), "not valid"),
        (with(image(), "mediaType", json!("application/json")), "media type: application/json"),
        (with(image(), "mediaType", json!("x")), "media type: x"),
        (huge, "descriptor size"),
        (json!([2, MediaType::OCI_IMAGE_MANIFEST]), "an object"),
        (with(image(), "config", json!(["a", "b", 1])), "an object"),
        (with(image(), "layers", json!([["a", "b", 1]])), "an object"),
        (with(image(), "layers", json!({})), "not valid"),
        (with(image(), "annotations", json!({ "a": 1 })), "not valid"),
    ];
    for (manifest, message) in table {
        let error = read(&manifest).map(|manifest| manifest.kind()).expect_err(message).to_string();
        assert!(error.contains(message), "{error:?} has no {message:?}: {manifest}");
    }
}

#[test]
fn sizes_and_digests_are_checked() {
    for (from, to) in [
        ("\"size\":3", "\"size\":-3"),
        ("\"size\":3", "\"size\":3.0"),
        ("\"size\":3", "\"size\":3e0"),
        ("\"size\":3", "\"size\":\"3\""),
        ("\"size\":3", "\"size\":18446744073709551616"),
        ("\"size\":3", "\"size\":null"),
        ("\"size\":3", "\"length\":3"),
        ("\"sha256:", "\"sha257:"),
        ("\"sha256:", "\"sha256:0"),
    ] {
        let body = image().to_string();
        assert!(body.contains(from));
        let error = Manifest::read(body.replace(from, to).as_bytes(), None);
        assert!(matches!(error, Err(ManifestError::Json(_))), "{to}");
    }
}

#[test]
fn fields_must_not_occur_twice() {
    for (manifest, fields) in [
        (
            image(),
            &["schemaVersion", "mediaType", "config", "layers", "subject", "annotations", "artifactType"][..],
        ),
        (index(), &["manifests"]),
        (artifact(), &["blobs"]),
    ] {
        for &field in fields {
            let mut manifest = manifest.clone();
            if manifest.get(field).is_none() {
                manifest[field] = Value::Null;
            }
            let body = manifest.to_string();
            let twice = format!("{{\"{field}\":{},{}", manifest[field], &body[1..]);
            assert!(Manifest::read(body.as_bytes(), None).is_ok(), "{field}");
            let error = Manifest::read(twice.as_bytes(), None).unwrap_err().to_string();
            assert!(error.contains(&format!("duplicate field `{field}`")), "{error}");
        }
    }
}

#[test]
fn the_header_must_agree_with_the_body() {
    let body = image().to_string();
    assert!(Manifest::read(body.as_bytes(), Some(&MediaType::OCI_IMAGE_MANIFEST)).is_ok());
    let error = Manifest::read(body.as_bytes(), Some(&MediaType::DOCKER_MANIFEST));
    assert!(matches!(error, Err(ManifestError::MediaTypeMismatch { .. })));
    let body = without(image(), "mediaType").to_string();
    let error = Manifest::read(body.as_bytes(), Some(&MediaType::OCI_INDEX));
    assert!(matches!(error, Err(ManifestError::UnexpectedField { field: "config" })));
}

#[test]
fn references_are_limited() {
    let layers = |count: usize| (0..count).map(|index| layer(&index.to_string())).collect::<Vec<_>>();
    let most = with(image(), "layers", json!(layers(MAX_MANIFEST_REFERENCES - 1)));
    assert_eq!(read(&most).unwrap().blob_references().len(), MAX_MANIFEST_REFERENCES);
    let more = with(image(), "layers", json!(layers(MAX_MANIFEST_REFERENCES)));
    assert!(matches!(read(&more), Err(ManifestError::TooManyReferences)));
}

#[test]
fn bodies_are_limited() {
    let body = |length: usize| {
        let body = with(image(), "padding", json!("")).to_string();
        let padding = format!("\"padding\":\"{}\"", "x".repeat(length - body.len()));
        body.replace("\"padding\":\"\"", &padding)
    };
    assert!(Manifest::read(body(MAX_MANIFEST_BYTES).as_bytes(), None).is_ok());
    let error = Manifest::read(body(MAX_MANIFEST_BYTES + 1).as_bytes(), None).unwrap_err();
    assert!(matches!(error, ManifestError::TooLarge));
    assert_eq!(ApiError::from(error).code, ErrorCode::ManifestTooLarge);
}

#[test]
fn deep_bodies_do_not_overflow_the_stack() {
    let nested = |open: &str, close: &str, levels: usize| {
        let value = format!("{}1{}", open.repeat(levels), close.repeat(levels));
        image().to_string().replacen('{', &format!("{{\"x\":{value},"), 1)
    };
    assert!(Manifest::read(nested("[", "]", MAX_MANIFEST_DEPTH - 1).as_bytes(), None).is_ok());
    for (open, close) in [("[", "]"), ("{\"x\":", "}")] {
        for levels in [MAX_MANIFEST_DEPTH, 500_000] {
            let error = Manifest::read(nested(open, close, levels).as_bytes(), None).unwrap_err();
            assert!(matches!(error, ManifestError::TooDeep), "{error}");
        }
    }
    for open in ["[", "{\"config\":", "{\"layers\":["] {
        let error =
            Manifest::read(open.repeat(MAX_MANIFEST_BYTES / open.len()).as_bytes(), None).unwrap_err();
        assert!(matches!(error, ManifestError::TooDeep), "{error}");
    }
    let brackets = with(image(), "x", json!("\\\"[".repeat(MAX_MANIFEST_DEPTH + 1)));
    assert!(read(&brackets).is_ok(), "brackets in a string do not nest");
}

#[test]
fn descriptors_are_written_without_empty_fields() {
    let value = layer("one");
    let read: Descriptor = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), value);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(body: Vec<u8>) {
        prop_assert!(Manifest::read(&body, None).is_err());
    }

    #[test]
    fn mutated_manifests_are_read_without_panic(
        which in 0_usize..3,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..9, "[\\[\\]{}\":,0-9a-zé\\\\]{0,6}"), 1..5),
    ) {
        let mut body = [image(), index(), artifact()][which].to_string().into_bytes();
        for (at, length, text) in edits {
            let start = at.index(body.len());
            let end = body.len().min(start + length);
            body.splice(start..end, text.bytes());
        }
        if let Ok(manifest) = Manifest::read(&body, None) {
            let sizes = manifest.blob_references().iter().map(|blob| blob.size).sum::<u64>();
            prop_assert!(sizes < u64::MAX);
            prop_assert_eq!(ManifestKind::of(manifest.media_type().as_str()), Some(manifest.kind()));
        }
    }

    #[test]
    fn fields_swapped_between_manifests_stay_unambiguous(
        fields in prop::collection::btree_set(
            prop::sample::select(vec!["config", "layers", "manifests", "blobs", "mediaType", "subject"]), 0..6),
        which in 0_usize..3,
    ) {
        let sources = [image(), index(), artifact()];
        let mut manifest = json!({ "schemaVersion": 2 });
        for field in fields {
            let source = std::iter::once(&sources[which]).chain(&sources).find_map(|source| source.get(field));
            manifest[field] = source.unwrap().clone();
        }
        if let Ok(manifest) = read(&manifest) {
            let has_children = !manifest.manifests().is_empty();
            prop_assert_eq!(has_children, manifest.kind() == ManifestKind::Index);
            prop_assert_eq!(manifest.config().is_some(), manifest.kind() == ManifestKind::Image);
        }
    }
}
