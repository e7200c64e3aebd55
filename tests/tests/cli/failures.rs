//! What goes wrong, and the exit code that says so.

use std::fs;
use std::net::TcpListener;

use berth_tests::{Berth, Mode, Recipe};

use crate::place::{Place, finish};
use crate::stub::{Reply, Stub};

#[test]
fn cli_usage_is_exit_2() {
    let place = Place::new();
    for (arguments, words) in [
        (vec!["push", "x"], "REFERENCE"),
        (vec!["push", "x", "app:1"], "host[:port]/name[:tag]"),
        (vec!["push", "x", "https://h.test/app"], "no scheme"),
        (vec!["push", "x", "localhost:1/app", "--jobs=0"], "--jobs"),
        (vec!["push", "x", "localhost:1/app", "--username=ann"], "--password-stdin"),
        (vec!["push", "-", "localhost:1/app", "--username=ann", "--password-stdin"], "standard input"),
        (vec!["relay"], "--to"),
        (vec!["relay", "--to=localhost:1", "--bind=0.0.0.0"], "--allow-remote"),
        (vec!["relay", "--to=http://localhost:1"], "no scheme"),
    ] {
        finish(&mut place.berth(arguments)).fails(2, words);
    }
    let help = finish(&mut place.berth(["push", "--help"])).succeeds();
    assert!(help.stdout.contains("Exit codes:"), "{}", help.stdout);
}

#[test]
fn cli_source_that_is_no_image_is_exit_3() {
    let (berth, place) = (Berth::shared(Mode::LambdaLimits), Place::new());
    let reference = format!("{}/failures/source:v1", berth.host());
    place.push(&place.path("nothing"), &reference, &[]).fails(3, "nothing");
    fs::write(place.path("text"), "no archive").expect("the folder is writable");
    place.push(&place.path("text"), &reference, &[]).fails(3, "no archive");
    fs::create_dir(place.path("empty")).expect("the folder is writable");
    let failed = place.push(&place.path("empty"), &reference, &["--json"]).fails(3, "neither an OCI layout");
    assert_eq!(failed.events()[0]["event"], "failed");
    assert_eq!(failed.events()[0]["exit_code"], 3);

    let layout = place.image(&Recipe::small("cli cut archive"));
    layout.write_archive(&place.path("cut.tar"));
    let file = fs::OpenOptions::new().write(true).open(place.path("cut.tar")).expect("the archive is there");
    file.set_len(100_000).expect("the file is ours");
    place.push(&place.path("cut.tar"), &reference, &[]).fails(3, "cut.tar");
}

#[test]
fn cli_damaged_layer_is_exit_3_and_never_arrives() {
    let (berth, place) = (Berth::shared(Mode::LambdaLimits), Place::new());
    let layout = place.image(&Recipe::with_layer_of("cli damaged", 3_000_000));
    let layer = layout.layers().pop().expect("a layer");
    let mut bytes = fs::read(layout.blob(&layer.digest)).expect("the layer is there");
    bytes[1_000_000] ^= 1;
    fs::write(layout.blob(&layer.digest), &bytes).expect("the file is ours");
    let reference = format!("{}/failures/damaged:v1", berth.host());
    place.push(layout.folder(), &reference, &[]).fails(3, "damaged");
    let blob = berth.url(&format!("/v2/failures/damaged/blobs/{}", layer.digest));
    assert_eq!(berth.client().head(blob).send().expect("an answer").status(), 404);
}

#[test]
fn cli_refusal_is_exit_4() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli refused"));
    let denied = r#"{"errors":[{"code":"DENIED","message":"ask an admin"}]}"#;
    let stub = Stub::start(move |seen, _| (seen.method == "POST").then(|| Reply::new(403).body(denied)));
    let refused = place.push(layout.folder(), &format!("{}/a:1", stub.host), &["--jobs=1"]);
    refused.fails(4, "DENIED: ask an admin");
    assert_eq!(stub.count("POST", "uploads"), 1, "a refusal is not tried again");

    let stub = Stub::start(|_, _| Some(Reply::new(401).header("WWW-Authenticate: Basic realm=\"x\"")));
    place.push(layout.folder(), &format!("{}/a:1", stub.host), &[]).fails(4, "docker login");

    let stub = Stub::start(|seen, _| (seen.method == "PATCH").then(|| Reply::new(405)));
    let large = place.push(layout.folder(), &format!("{}/a:1", stub.host), &["--max-put-bytes=50000"]);
    large.fails(4, "gateway");
    assert!(stub.count("PATCH", "uploads") >= 2, "small chunks are tried too");
}

#[test]
fn cli_unreachable_is_exit_5() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli unreachable"));
    let closed =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    place.push(layout.folder(), &format!("{closed}/a:1"), &[]).fails(5, "cannot be reached");
    let stub = Stub::start(|_, _| Some(Reply::new(503)));
    place.push(layout.folder(), &format!("{}/a:1", stub.host), &["--jobs=1"]).fails(5, "503");
    assert_eq!(stub.seen().len(), 2, "one retry was asked for");
    finish(&mut place.berth(["relay", "--retries=0", "--port=0", "--to", &closed.to_string()]))
        .fails(5, "reached");
}

#[test]
fn cli_push_tries_again_what_may_succeed_later() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli again"));
    // Busy, then a connection that breaks at the end of a blob, then an answer that is lost although the blob arrived.
    let stub = Stub::start(|seen, before| match (before, seen.method.as_str()) {
        (0, _) => Some(Reply::new(429).header("Retry-After: 1")),
        (3, "PUT") => Some(Reply::new(0)),
        (6, "PUT") => Some(Reply::new(502)),
        _ => None,
    });
    let pushed =
        place.push(layout.folder(), &format!("{}/a:1", stub.host), &["--jobs=1", "--json", "--retries=3"]);
    let pushed = pushed.succeeds();
    assert_eq!(pushed.blobs("pushed"), 4);
    let retries = pushed.events().into_iter().filter(|event| event["event"] == "retry").count();
    assert_eq!(retries, 3, "{}", pushed.stdout);
    // Every attempt asks first whether the blob is there: 429 and 200, and again for each of the broken ones.
    assert_eq!(stub.count("HEAD", "/blobs/"), 1 + 4 + 2);
}
