//! Pushes that take longer than a token lives.

use std::io::{self, Cursor, Read};
use std::path::Path;

use berth_tests::{Layout, Recipe, Run, Tool, sha256_digest};
use reqwest::Method;
use reqwest::blocking::{Body, Response};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use crate::client::Client;
use crate::containerd::{Current, shared_socket};
use crate::oras::Oras;
use crate::place::Place;
use crate::push::{IMAGE, Repository, location, send};
use crate::sign_in::challenge;
use crate::slow_line::SlowLine;
use crate::stack::{Stack, wait_for};

const LARGE_LAYER_BYTES: u64 = 300_000_000;
/// The layer takes five seconds, more than twice what a token lives.
const BYTES_PER_SECOND: usize = 60_000_000;

/// What `request` gives with a fresh token; again, if the token has ended before it was looked at.
fn within_a_token(request: impl Fn(&Repository<'_>) -> Response, name: &str) -> (String, Response) {
    let stack = Stack::short_lived();
    wait_for("an answer within the life of a token", || {
        let token = stack.bearer(name);
        let answer = request(&Repository { berth: &stack.berth, name, credentials: Some(&token) });
        (answer.status() != 401).then_some((token, answer))
    })
}

/// The session in the path is what counts while a body is sent, so a token may end meanwhile.
#[test]
fn an_upload_outlives_its_token_and_the_next_request_needs_a_new_one() {
    let name = "outlives/half-way";
    let berth = &Stack::short_lived().berth;
    let start =
        |repository: &Repository<'_>| send(repository.request(Method::POST, "blobs/uploads/").body(""));
    let (token, answer) = within_a_token(start, name);
    let repository = Repository { berth, name, credentials: Some(&token) };
    let halves = [vec![7; 500_000], vec![8; 500_000]];
    let (blob, [first, second]) = (halves.concat(), halves);
    let digest = sha256_digest(&blob);
    let body = Cursor::new(first).chain(UntilRefused(token.clone())).chain(Cursor::new(second));
    let answer = repository.put(&location(berth, &answer), &digest, Body::sized(body, blob.len() as u64));
    assert_eq!(answer.status(), 201, "{}", berth.log_tail());

    let push = repository.request(Method::PUT, "manifests/v1").header(CONTENT_TYPE, IMAGE).body("{}");
    assert!(challenge(&send(push)).ends_with(r#"error="invalid_token""#));
    let get = |repository: &Repository<'_>| send(repository.request(Method::GET, &format!("blobs/{digest}")));
    let (_, answer) = within_a_token(get, name);
    assert_eq!(answer.bytes().expect("a body"), blob);
}

/// The part of a body that has no bytes and ends when the registry refuses the token.
struct UntilRefused(String);

impl Read for UntilRefused {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let berth = &Stack::short_lived().berth;
        wait_for("the end of a token", || {
            let request = berth.client().get(berth.url("/v2/")).header(AUTHORIZATION, &self.0);
            (send(request).status() == 401).then_some(())
        });
        Ok(0)
    }
}

#[test]
fn oras_gets_a_new_token_after_a_long_layer() {
    let Some(oras) = Oras::find() else { return };
    let stack = Stack::short_lived();
    outlives_a_token("oras", |place, folder, reference| {
        let credentials = ["--username", "admin", "--password", &stack.password()];
        let (host, _) = reference.split_once('/').expect("a reference begins with a host");
        place.run(&oras.0).args(["login", "--plain-http"]).args(credentials).arg(host).succeeds();
        let source = format!("{folder}:v1");
        place.run(&oras.0).args(["cp", "--from-oci-layout", "--to-plain-http", &source, reference])
    });
}

#[test]
fn containerd_gets_a_new_token_after_a_long_layer() {
    let (Some(ctr), Some(socket)) = (Tool::find("ctr-2"), shared_socket::<Current>()) else { return };
    let user = format!("admin:{}", Stack::short_lived().password());
    outlives_a_token("ctr", |place, folder, reference| {
        let run =
            || place.run(&ctr).arg("--address").arg(&socket).args(["--namespace", "outlives", "images"]);
        let archive = place.path("layout.tar");
        Layout::open(Path::new(folder)).write_archive(&archive);
        let repository = reference.trim_end_matches(":v1");
        run().args(["import", "--no-unpack", "--base-name", repository]).arg(&archive).succeeds();
        run().args(["push", "--plain-http", "--user", &user, reference])
    });
}

/// `push` makes the command that pushes the layout in a folder, through a line.
fn outlives_a_token<'a>(name: &str, push: impl FnOnce(&Place<'a>, &str, &str) -> Run<'a>) {
    let stack = Stack::short_lived();
    let place = Place::new(&stack.berth);
    let line = SlowLine::to(stack.berth.host(), BYTES_PER_SECOND);
    let layout = place.image(&Recipe::with_layer_of(&format!("outlives {name}"), LARGE_LAYER_BYTES));
    let repository = format!("outlives/{name}");
    let reference = format!("{}/{repository}:v1", line.host());
    push(&place, &layout.folder().display().to_string(), &reference).succeeds();

    let tokens_at = line.tokens_at();
    let layer = usize::try_from(LARGE_LAYER_BYTES).expect("the layer fits into memory");
    assert!(tokens_at.iter().any(|bytes| *bytes < layer), "before the layer: {tokens_at:?}");
    assert!(tokens_at.iter().any(|bytes| *bytes > layer), "and after it: {tokens_at:?}");
    let get = |repository: &Repository<'_>| send(repository.request(Method::GET, "manifests/v1"));
    let (_, answer) = within_a_token(get, &repository);
    let manifest: Value = answer.json().expect("a manifest is JSON");
    assert_eq!(manifest["config"]["digest"], layout.config().digest);
}
