//! Manifests that are not there, are not what they say, or name what is not there.

use berth_tests::{Mode, in_all_modes};
use serde_json::json;

use crate::data::{DataSet, Layers, MANIFEST};
use crate::digests::Algorithm;
use crate::lifecycle::list_referrers;
use crate::repository::Repository;
use crate::uploads::Flow;

in_all_modes!(
    the_registry_answers_to_a_ping,
    an_unknown_repository_is_empty,
    a_missing_manifest_is_not_found,
    a_body_of_another_digest_is_refused,
    a_malformed_digest_is_refused,
    a_manifest_without_its_blobs_is_refused,
    a_broken_manifest_is_refused,
);

fn the_registry_answers_to_a_ping(mode: Mode) {
    let repository = Repository::new(mode, "ping");
    let base = repository.url("").join("/v2/").expect("the path is well-formed");
    repository.get_url(&base).is(200);
}

fn an_unknown_repository_is_empty(mode: Mode) {
    let repository = Repository::new(mode, "unknown");
    repository.get("tags/list").status_in(&[200, 404]);
    assert!(list_referrers(&repository, &Algorithm::Sha256.digest(b"nothing"), None).is_empty());
}

fn a_missing_manifest_is_not_found(mode: Mode) {
    let repository = Repository::new(mode, "missing-manifest");
    for reference in ["missing", &Algorithm::Sha256.digest(b"missing"), &Algorithm::Sha512.digest(b"missing")]
    {
        let path = format!("manifests/{reference}");
        repository.get(&path).is(404);
        repository.head(&path).is(404);
        repository.delete(&path).is(404);
    }
}

fn a_body_of_another_digest_is_refused(mode: Mode) {
    for algorithm in Algorithm::ALL {
        let (repository, set) = pushed_blobs(mode, &format!("other-body-{}", algorithm.name()), algorithm);
        let manifest = &set.manifests[0];
        let padded = [&manifest.body[..], b"  "].concat();
        repository.put_manifest(&manifest.digest, MANIFEST, &padded, &[]).is(400).has_error("DIGEST_INVALID");
        repository.head(&format!("manifests/{}", manifest.digest)).is(404);
    }
}

fn a_malformed_digest_is_refused(mode: Mode) {
    let (repository, set) = pushed_blobs(mode, "malformed-digest", Algorithm::Sha256);
    let manifest = &set.manifests[0];
    repository.put_manifest("sha256:baddigeststring", MANIFEST, &manifest.body, &[]).is(400);
    repository.get("manifests/sha256:baddigeststring").status_in(&[400, 404]);
}

fn a_manifest_without_its_blobs_is_refused(mode: Mode) {
    let repository = Repository::new(mode, "without-blobs");
    let set = DataSet::new("without-blobs").image(Layers::Gzip(1), json!({}));
    let manifest = &set.manifests[0];
    for missing in 0..set.blobs.len() {
        let answer = repository.put_manifest("v1", MANIFEST, &manifest.body, &[]).status_in(&[400, 404]);
        answer.has_error("MANIFEST_BLOB_UNKNOWN");
        let (digest, content) = &set.blobs[missing];
        Flow::PostPut.upload(&repository, digest, content).is(201);
    }
    repository.put_manifest("v1", MANIFEST, &manifest.body, &[]).is(201);
}

fn a_broken_manifest_is_refused(mode: Mode) {
    let repository = Repository::new(mode, "broken");
    for body in [&b""[..], b"{", b"[]", b"null", br#"{"schemaVersion":1}"#] {
        repository.put_manifest("v1", MANIFEST, body, &[]).is(400);
    }
    repository.head("manifests/v1").is(404);
}

/// A repository that has the blobs of an image whose manifest is still to come.
fn pushed_blobs(mode: Mode, name: &str, algorithm: Algorithm) -> (Repository, DataSet) {
    let repository = Repository::new(mode, name);
    let set = DataSet::new(name).algorithm(algorithm).image(Layers::Gzip(1), json!({}));
    for (digest, content) in &set.blobs {
        Flow::PostPut.upload(&repository, digest, content).is(201);
    }
    (repository, set)
}
