//! Blobs: every way in, out and away, in both digest algorithms.

use berth_tests::{Mode, SeededBytes, in_all_modes};
use reqwest::Method;

use crate::answer::Answer;
use crate::digests::Algorithm;
use crate::repository::{OCTET_STREAM, Repository};
use crate::uploads::{self, Flow, patch_stream, post_with, put, start, three_chunks};

in_all_modes!(
    every_flow_stores_the_blob,
    every_flow_refuses_another_digest,
    out_of_order_chunks_are_refused,
    a_missing_blob_is_not_found,
    an_upload_can_be_cancelled,
    a_mount_needs_no_upload,
    a_mount_without_source_stores_or_asks_for_the_blob,
    a_mount_of_nothing_asks_for_the_blob,
    the_algorithm_can_be_announced,
    well_known_blobs,
    a_stream_of_layers_needs_a_gateway,
);

/// The blob is there under its digest, under the location that the answer names, and after its deletion is not.
#[track_caller]
pub(crate) fn check_stored(repository: &Repository, stored: &Answer, digest: &str, blob: &[u8]) {
    assert_eq!(stored.header("docker-content-digest"), Some(digest));
    repository.get_url(&stored.location()).is(200).has_body(blob);
    check_readable(repository, digest, blob);
    repository.delete_at_once(&format!("blobs/{digest}"));
}

#[track_caller]
pub(crate) fn check_readable(repository: &Repository, digest: &str, blob: &[u8]) {
    let path = format!("blobs/{digest}");
    repository.head(&path).is(200).has_length_of(blob).has("docker-content-digest", digest);
    repository.get(&path).is(200).has_body(blob).has("docker-content-digest", digest);
}

fn every_flow_stores_the_blob(mode: Mode) {
    let repository = Repository::new(mode, "flows");
    for algorithm in Algorithm::ALL {
        for flow in Flow::ALL {
            for length in flow.lengths(&repository) {
                let blob = SeededBytes::take_vec(&format!("{mode} {algorithm:?} {flow:?} {length}"), length);
                let digest = algorithm.digest(&blob);
                let stored = flow.upload(&repository, &digest, &blob).is(201);
                check_stored(&repository, &stored, &digest, &blob);
            }
        }
    }
}

fn every_flow_refuses_another_digest(mode: Mode) {
    let repository = Repository::new(mode, "bad-digest");
    for algorithm in Algorithm::ALL {
        for flow in Flow::ALL {
            let length = three_chunks(&repository);
            let mut blob = SeededBytes::take_vec(&format!("{mode} bad {algorithm:?} {flow:?}"), length);
            let digest = algorithm.digest(&blob);
            blob.extend(b"oh no");
            flow.upload(&repository, &digest, &blob).is(400);
            repository.head(&format!("blobs/{digest}")).is(404);
            repository.head(&format!("blobs/{}", algorithm.digest(&blob))).is(404);
        }
    }
}

fn out_of_order_chunks_are_refused(mode: Mode) {
    let repository = Repository::new(mode, "out-of-order");
    for algorithm in Algorithm::ALL {
        for put_last in [false, true] {
            let length = three_chunks(&repository);
            let blob = SeededBytes::take_vec(&format!("{mode} order {algorithm:?} {put_last}"), length);
            let digest = algorithm.digest(&blob);
            let stored = uploads::out_of_order(&repository, &digest, &blob, put_last).is(201);
            check_stored(&repository, &stored, &digest, &blob);
        }
    }
}

fn a_missing_blob_is_not_found(mode: Mode) {
    let repository = Repository::new(mode, "missing-blob");
    for algorithm in Algorithm::ALL {
        let path = format!("blobs/{}", algorithm.digest(b"never pushed"));
        repository.get(&path).is(404).has_error("BLOB_UNKNOWN");
        repository.head(&path).is(404);
        repository.delete(&path).is(404);
    }
}

fn an_upload_can_be_cancelled(mode: Mode) {
    let repository = Repository::new(mode, "cancelled");
    let unused = start(&repository, &[]).location();
    repository.send(Method::DELETE, &unused, &[], "").is(204);

    let headers = [("content-type", OCTET_STREAM), ("content-range", "0-7")];
    let location = start(&repository, &[]).location();
    let begun = repository.send(Method::PATCH, &location, &headers, "too late").is(202).location();
    repository.send(Method::DELETE, &begun, &[], "").is(204);
    repository.get_url(&begun).is(404).has_error("BLOB_UPLOAD_UNKNOWN");
    put(&repository, begun, &Algorithm::Sha256.digest(b"too late"), &[], &[]).is(404);
}

fn a_mount_needs_no_upload(mode: Mode) {
    let repository = Repository::new(mode, "mount");
    let source = repository.neighbour();
    for algorithm in Algorithm::ALL {
        let blob = SeededBytes::take_vec(&format!("{mode} mount {algorithm:?}"), 512);
        let digest = algorithm.digest(&blob);
        Flow::PostPut.upload(&source, &digest, &blob).is(201);
        repository.head(&format!("blobs/{digest}")).is(404);
        let mounted = post_with(&repository, &[("mount", &digest), ("from", source.name())], &[]).is(201);
        check_stored(&repository, &mounted, &digest, &blob);
        check_readable(&source, &digest, &blob);
    }
}

/// A registry may look for the blob itself or not; both must lead to the blob.
fn a_mount_without_source_stores_or_asks_for_the_blob(mode: Mode) {
    let repository = Repository::new(mode, "anonymous-mount");
    let source = repository.neighbour();
    let blob = SeededBytes::take_vec(&format!("{mode} anonymous mount"), 512);
    let digest = Algorithm::Sha256.digest(&blob);
    Flow::PostPut.upload(&source, &digest, &blob).is(201);
    let answer = post_with(&repository, &[("mount", &digest)], &[]).status_in(&[201, 202]);
    let stored = match answer.status() {
        201 => answer,
        _ => put(&repository, answer.location(), &digest, &[], &blob).is(201),
    };
    check_stored(&repository, &stored, &digest, &blob);
}

fn a_mount_of_nothing_asks_for_the_blob(mode: Mode) {
    let repository = Repository::new(mode, "mount-of-nothing");
    let source = repository.neighbour();
    let blob = SeededBytes::take_vec(&format!("{mode} mount of nothing"), 512);
    let digest = Algorithm::Sha256.digest(&blob);
    let asked = post_with(&repository, &[("mount", &digest), ("from", source.name())], &[]).is(202);
    let stored = put(&repository, asked.location(), &digest, &[], &blob).is(201);
    check_stored(&repository, &stored, &digest, &blob);
}

fn the_algorithm_can_be_announced(mode: Mode) {
    let repository = Repository::new(mode, "algorithm");
    for algorithm in Algorithm::ALL {
        let blob = SeededBytes::take_vec(&format!("{mode} announced {algorithm:?}"), 2000);
        let digest = algorithm.digest(&blob);
        let location = start(&repository, &[("digest-algorithm", algorithm.name())]).location();
        let (left, right) = blob.split_at(1200);
        let headers = [("content-type", OCTET_STREAM), ("content-range", "0-1199")];
        let sent = repository.send(Method::PATCH, &location, &headers, left.to_vec()).is(202);
        let range = ("content-range", "1200-1999");
        let stored = put(&repository, sent.location(), &digest, &[range], right).is(201);
        check_stored(&repository, &stored, &digest, &blob);
    }
    post_with(&repository, &[("digest-algorithm", "md5")], &[]).is(400);
}

/// A client that streams its layers gets a refusal that the Docker engine does not try again, and that names what to do.
fn a_stream_of_layers_needs_a_gateway(mode: Mode) {
    let repository = Repository::new(mode, "stream");
    let answer = patch_stream(&repository, b"some content", &[("user-agent", "Buildah/1.28.2")]);
    if mode.is_functions_alone() {
        let refused = answer.has_error("UNSUPPORTED");
        let message = refused.json()["errors"][0]["message"].to_string();
        assert!(message.contains("gateway"), "{message}");
    } else {
        answer.is(202);
    }
}

fn well_known_blobs(mode: Mode) {
    let repository = Repository::new(mode, "well-known");
    for algorithm in Algorithm::ALL {
        for blob in [&b""[..], b"{}"] {
            let digest = algorithm.digest(blob);
            let stored = Flow::PostPut.upload(&repository, &digest, blob).is(201);
            check_stored(&repository, &stored, &digest, blob);
        }
    }
}
