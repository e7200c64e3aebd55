//! Every kind of source, to a registry without a gateway.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use berth_tests::{Berth, Layout, Mode, Recipe, sha256_digest};
use serde_json::Value;

use crate::place::{Finished, Place, finish};

/// More than a function can take in one request.
const LARGE_LAYER_BYTES: u64 = 300_000_000;
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn manifest(berth: &Berth, name: &str, tag: &str) -> Value {
    let request = berth.client().get(berth.url(&format!("/v2/{name}/manifests/{tag}")));
    request.header("accept", OCI_MANIFEST).send().expect("an answer").json().expect("a manifest")
}

/// Downloads every blob of an image and compares it with its digest.
fn pull(berth: &Berth, name: &str) {
    let manifest = manifest(berth, name, "v1");
    for blob in manifest["layers"].as_array().expect("layers").iter().chain([&manifest["config"]]) {
        let digest = blob["digest"].as_str().expect("a digest");
        let answer = berth.client().get(berth.url(&format!("/v2/{name}/blobs/{digest}"))).send();
        let bytes = answer.expect("an answer").bytes().expect("a blob");
        assert_eq!(sha256_digest(&bytes), digest);
    }
}

#[test]
fn cli_push_takes_layouts_and_archives() {
    let (berth, place) = (Berth::shared(Mode::LambdaLimits), Place::new());
    let layout = place.image(&Recipe::small("cli push sources"));
    let (tar, docker) = (place.path("layout.tar"), place.path("docker.tar"));
    layout.write_archive(&tar);
    layout.write_docker_archive(&docker);
    let reference = |name: &str| format!("{}/{name}:v1", berth.host());
    for (source, name) in [(layout.folder(), "push/folder"), (&tar, "push/tar")] {
        let pushed = place.push(source, &reference(name), &[]).succeeds();
        let digest = &layout.root().digest;
        assert_eq!(pushed.stdout, format!("{}/{name}@{digest}", berth.host()));
        assert_eq!(berth.manifest_digest(name, "v1"), *digest);
        pull(berth, name);
    }
    place.push(&docker, &reference("push/docker"), &[]).succeeds();
    assert_eq!(manifest(berth, "push/docker", "v1")["config"]["digest"], layout.config().digest.as_str());
    pull(berth, "push/docker");
}

#[test]
fn cli_push_takes_an_index_children_first() {
    let (berth, place) = (Berth::shared(Mode::LambdaLimits), Place::new());
    fs::create_dir(place.path("index")).expect("the folder is writable");
    let layout = Layout::index(&place.path("index"), &Recipe::small("cli push index"));
    let reference = format!("{}/push/index:v1", berth.host());
    let pushed = place.push(layout.folder(), &reference, &["--json"]).succeeds();
    assert_eq!(berth.manifest_digest("push/index", "v1"), layout.root().digest);
    let manifests: Vec<_> =
        pushed.events().into_iter().filter(|event| event["event"] == "manifest").collect();
    assert_eq!(manifests.len(), 3);
    assert_eq!(manifests[2]["reference"], "v1");

    let one = format!("{}/push/index:arm64", berth.host());
    place.push(layout.folder(), &one, &["--platform=linux/arm64"]).succeeds();
    let arm64 = berth.manifest_digest("push/index", "arm64");
    assert!(manifests.iter().any(|event| event["digest"] == arm64.as_str()));
}

#[test]
fn cli_push_takes_archives_from_a_pipe_and_from_the_engine() {
    let (berth, place) = (Berth::shared(Mode::LambdaLimits), Place::new());
    let layout = place.image(&Recipe::small("cli push pipe"));
    let archive = place.path("docker.tar");
    layout.write_docker_archive(&archive);
    let digest_of = |name: &str, finished: Finished| {
        finished.succeeds();
        berth.manifest_digest(name, "v1")
    };
    let reference = |name: &str| format!("{}/{name}:v1", berth.host());
    let expected = digest_of("pipe/file", place.push(&archive, &reference("pipe/file"), &[]));

    let mut gzip = flate2::write::GzEncoder::new(
        File::create(place.path("docker.tar.gz")).expect("the folder is writable"),
        flate2::Compression::fast(),
    );
    gzip.write_all(&fs::read(&archive).expect("the archive is there")).expect("the folder is writable");
    gzip.finish().expect("the folder is writable");
    for file in ["docker.tar", "docker.tar.gz"] {
        let mut command = place.berth(["push", "-", &reference("pipe/stdin")]);
        command.stdin(File::open(place.path(file)).expect("the archive is there"));
        assert_eq!(digest_of("pipe/stdin", finish(&mut command)), expected, "{file}");
    }

    let script = format!("test \"$*\" = 'save -- app:1' && exec cat '{}'", archive.display());
    let search = place.script("docker", &script);
    for source in ["docker:app:1", "docker-daemon:app:1"] {
        let mut command = place.berth(["push", source, &reference("pipe/engine")]);
        assert_eq!(digest_of("pipe/engine", finish(command.env("PATH", &search))), expected, "{source}");
    }
    let mut command = place.berth(["push", "docker:other", &reference("pipe/engine")]);
    finish(command.env("PATH", &search)).fails(3, "docker save");
}

#[test]
fn cli_push_again_skips_every_blob_and_says_so_in_json() {
    let (berth, place) = (Berth::shared(Mode::LambdaLimits), Place::new());
    let layout = place.image(&Recipe::small("cli push again"));
    let archive = place.path("docker.tar");
    layout.write_docker_archive(&archive);
    for (source, name) in [(layout.folder(), "again/layout"), (&archive, "again/archive")] {
        let reference = format!("{}/{name}:v1", berth.host());
        let first = place.push(source, &reference, &["--json"]).succeeds();
        assert_eq!((first.blobs("pushed"), first.blobs("skipped")), (4, 0));
        let second = place.push(source, &reference, &["--json", "--jobs=1"]).succeeds();
        assert_eq!((second.blobs("pushed"), second.blobs("skipped")), (0, 4));
        let (first, second) = (first.events(), second.events());
        let finished = second.last().expect("an event");
        assert_eq!(finished["event"], "finished");
        assert_eq!(finished["reference"], reference.as_str());
        assert_eq!(finished["digest"], berth.manifest_digest(name, "v1").as_str());
        assert_eq!(finished["pushed_bytes"], 0);
        assert_eq!(finished["skipped_bytes"], first.last().expect("an event")["pushed_bytes"]);
        for blob in first.iter().filter(|event| event["event"] == "blob") {
            assert!(blob["digest"].is_string() && blob["size"].is_u64(), "{blob}");
        }
    }
    let quiet =
        place.push(layout.folder(), &format!("{}/again/layout:v1", berth.host()), &["--quiet"]).succeeds();
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout.lines().count(), 1);
}

#[test]
fn cli_push_sends_a_large_layer_past_the_function() {
    let (berth, place) = (Berth::start(Mode::LambdaLimits), Place::new());
    let layout = place.image(&Recipe::with_layer_of("cli push large", LARGE_LAYER_BYTES));
    place.push(layout.folder(), &format!("{}/push/large:v1", berth.host()), &[]).succeeds();
    pull(&berth, "push/large");
}

#[test]
fn cli_push_resumes_after_it_was_killed() {
    let (berth, place) = (Berth::start(Mode::LambdaLimits), Place::new());
    let recipe = Recipe { seed: "cli push killed".to_owned(), layer_bytes: vec![20_000_000; 6] };
    let layout = place.image(&recipe);
    let reference = format!("{}/push/killed:v1", berth.host());
    let mut command = place.berth(["push", "--json", "--jobs=1"]);
    command.arg(layout.folder()).arg(&reference).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(line.contains(r#""status":"pushed""#), "{line}");
    let again = place.push(layout.folder(), &reference, &["--json"]).succeeds();
    assert!(again.blobs("skipped") >= 1, "{again:?}");
    assert_eq!(again.blobs("skipped") + again.blobs("pushed"), 7);
    pull(&berth, "push/killed");
}

#[test]
fn cli_push_sends_in_chunks_what_is_too_large_for_one_put() {
    let place = Place::new();
    for mode in [Mode::Gateway, Mode::LambdaLimits] {
        let berth = Berth::shared(mode);
        let layout = place.image(&Recipe::with_layer_of(&format!("cli push chunks {mode}"), 70_000_000));
        let reference = format!("{}/push/chunks:v1", berth.host());
        place.push(layout.folder(), &reference, &["--max-put-bytes=1000000"]).succeeds();
        pull(berth, "push/chunks");
    }
}

#[test]
fn cli_push_leaves_no_files() {
    let (berth, place) = (Berth::shared(Mode::LambdaLimits), Place::new());
    let layout = place.image(&Recipe::small("cli push files"));
    let (archive, temporary) = (place.path("docker.tar"), place.path("temporary"));
    layout.write_docker_archive(&archive);
    fs::create_dir(&temporary).expect("the folder is writable");
    let mut command = place.berth(["push", "-", &format!("{}/push/files:v1", berth.host())]);
    command.env("TMPDIR", &temporary).stdin(File::open(&archive).expect("the archive is there"));
    finish(&mut command).succeeds();
    assert_eq!(fs::read_dir(&temporary).expect("the folder is there").count(), 0);
    assert!(Path::new(&archive).is_file());
}
