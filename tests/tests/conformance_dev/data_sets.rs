//! Every kind of content, from its push to its deletion.

use berth_tests::{Mode, SeededBytes, in_all_modes};
use serde_json::{Value, json};

use crate::data::{DataSet, FIRST_EXAMPLE, Layers, MANIFEST, SECOND_EXAMPLE};
use crate::digests::Algorithm;
use crate::lifecycle;

macro_rules! data_sets {
    ($($name:ident),+ $(,)?) => {
        mod check {
            $(pub(super) fn $name(mode: berth_tests::Mode) {
                crate::lifecycle::check(mode, stringify!($name), &super::$name(super::DataSet::new(stringify!($name))));
            })+
        }
        mod whole_life {
            use super::check::*;
            berth_tests::in_all_modes!($($name),+);
        }
    };
}

data_sets!(
    image,
    image_uncompressed,
    large_manifest,
    index,
    nested_index,
    empty_index,
    artifact,
    artifact_index,
    artifact_without_layers,
    artifacts_with_subject,
    index_with_subject,
    missing_subject,
    data_field,
    non_distributable_layers,
    custom_fields,
    no_layers,
    sha512,
    tag_parameters,
    tag_parameters_sha512,
);

in_all_modes!(content_is_shared_between_tags);

fn image(set: DataSet) -> DataSet {
    set.image(Layers::Gzip(2), json!({})).tag("image")
}

fn image_uncompressed(set: DataSet) -> DataSet {
    set.image(Layers::Tar(2), json!({})).tag("image-uncompressed")
}

/// 390 annotations of 10,000 characters stay just below the 4 MiB that a registry has to take.
fn large_manifest(set: DataSet) -> DataSet {
    let text = "A".repeat(10_000);
    let annotations: Value =
        (0..390).map(|number| (format!("large-annotation-{number}"), text.as_str())).collect();
    set.image(Layers::Gzip(2), json!({ "annotations": annotations })).tag("large-manifest")
}

fn index(set: DataSet) -> DataSet {
    set.index(json!({})).tag("index")
}

fn nested_index(mut set: DataSet) -> DataSet {
    let mut children = Vec::new();
    for _ in 0..2 {
        set = set.index(json!({}));
        children.push(set.last());
    }
    set.index_of(&children, json!({})).tag("index-of-indexes")
}

fn empty_index(set: DataSet) -> DataSet {
    set.index_of(&[], json!({})).tag("index")
}

fn artifact(set: DataSet) -> DataSet {
    set.artifact(FIRST_EXAMPLE, json!({})).tag("artifact")
}

fn artifact_index(mut set: DataSet) -> DataSet {
    let mut children = Vec::new();
    for _ in 0..2 {
        set = set.artifact(FIRST_EXAMPLE, json!({}));
        children.push(set.last());
    }
    set.index_of(&children, json!({ "artifactType": FIRST_EXAMPLE })).tag("artifact-index")
}

fn artifact_without_layers(set: DataSet) -> DataSet {
    set.artifact_without_layers().tag("artifact-without-layers")
}

fn artifacts_with_subject(set: DataSet) -> DataSet {
    let set = set.image(Layers::Gzip(2), json!({})).tag("image");
    let subject = set.last();
    set.image(Layers::Gzip(2), json!({ "subject": subject }))
        .artifact(FIRST_EXAMPLE, referrer(&subject, "first"))
        .tag("tagged-artifact1")
        .artifact(SECOND_EXAMPLE, referrer(&subject, "second"))
        .tag("tagged-artifact2")
}

fn index_with_subject(set: DataSet) -> DataSet {
    let set = set.index(json!({})).tag("index");
    let mut fields = referrer(&set.last(), "an index");
    fields["artifactType"] = json!(FIRST_EXAMPLE);
    set.index(fields).tag("tagged-artifact")
}

fn missing_subject(set: DataSet) -> DataSet {
    let digest = Algorithm::Sha256.digest(b"never pushed");
    let subject = json!({ "mediaType": MANIFEST, "digest": digest, "size": 123 });
    set.artifact(FIRST_EXAMPLE, referrer(&subject, "of nothing")).tag("tagged-artifact")
}

fn data_field(set: DataSet) -> DataSet {
    set.with_data().image(Layers::Gzip(2), json!({})).tag("data-field")
}

/// Layers that the registry does not have and need not have.
fn non_distributable_layers(mut set: DataSet) -> DataSet {
    let elsewhere = |form: &str, size: u64| {
        let digest = Algorithm::Sha256.digest(&SeededBytes::take_vec(form, 256));
        let url = format!("https://store.example.com/blobs/{}", digest.replace(':', "/"));
        let media_type = format!("application/vnd.oci.image.layer.nondistributable.v1.{form}");
        json!({ "mediaType": media_type, "digest": digest, "size": size, "urls": [url] })
    };
    let here = set.fresh_blob("application/vnd.oci.image.layer.v1.tar+gzip");
    let layers = [elsewhere("tar+gzip", 123_456), elsewhere("tar", 12_345), here];
    set.image_of("amd64", &layers, json!({})).tag("non-distributable-image")
}

fn custom_fields(set: DataSet) -> DataSet {
    set.with_custom_fields().index(json!({})).tag("custom-fields")
}

fn no_layers(set: DataSet) -> DataSet {
    set.image(Layers::Gzip(0), json!({})).tag("no-layers")
}

/// A tag in the path would mean SHA-256, so there is none.
fn sha512(set: DataSet) -> DataSet {
    set.algorithm(Algorithm::Sha512).index(json!({}))
}

fn tag_parameters(set: DataSet) -> DataSet {
    set.index(json!({})).tag_all_by_parameter()
}

fn tag_parameters_sha512(set: DataSet) -> DataSet {
    set.algorithm(Algorithm::Sha512).index(json!({})).tag_all_by_parameter()
}

fn referrer(subject: &Value, note: &str) -> Value {
    json!({
        "subject": subject,
        "annotations": { "org.opencontainers.conformance": "hello", "org.example.note": note },
    })
}

/// Deleting a tag leaves the manifest and its other tags; deleting the manifest takes them along.
fn content_is_shared_between_tags(mode: Mode) {
    let set =
        DataSet::new("shared").image(Layers::Gzip(1), json!({})).tag("first").tag("second").tag("third");
    let repository = lifecycle::push(mode, "shared", &set);
    let digest = &set.manifests[0].digest;
    repository.delete_at_once("manifests/first");
    repository.head("manifests/second").is(200).has("docker-content-digest", digest);
    repository.head(&format!("manifests/{digest}")).is(200);
    repository.delete_at_once(&format!("manifests/{digest}"));
    repository.head("manifests/second").is(404);
    repository.get("manifests/third").is(404).has_error("MANIFEST_UNKNOWN");
}
