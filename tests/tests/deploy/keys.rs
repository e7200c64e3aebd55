//! Keys are replaced while the registry runs, and nobody notices; after a second time the first key is worth nothing.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use berth_tests::{Mode, SeededBytes, sha256_digest};
use reqwest::Method;

use crate::push::{Repository, refused, send};
use crate::stack::Stack;

/// The stack whose keys change; one rotation at a time, as an operator would.
fn stack() -> (&'static Stack, MutexGuard<'static, ()>) {
    static STACK: OnceLock<Stack> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    (STACK.get_or_init(|| Stack::deploy(Mode::Deployed, &["--users"])), turn)
}

#[test]
fn an_upload_and_a_blob_link_outlive_one_rotation_of_the_upload_key_and_not_two() {
    let (stack, _turn) = stack();
    let token = stack.bearer("keys/upload");
    let repository = Repository { berth: &stack.berth, name: "keys/upload", credentials: Some(&token) };
    let blobs = ["whole", "pieces", "late"].map(|seed| SeededBytes::take_vec(seed, 300_000));
    let [whole, pieces, late] = blobs.each_ref().map(|blob| (blob.clone(), sha256_digest(blob)));
    let pushed = repository.push_blob(b"linked");
    let link = repository.blob_link(&pushed);
    let [for_whole, for_pieces, for_late] = [(); 3].map(|()| repository.start_upload());
    let patched = send(repository.request_to(Method::PATCH, &for_pieces).body(pieces.0[..100_000].to_vec()));
    assert_eq!(patched.status(), 202);
    let for_pieces = crate::push::location(&stack.berth, &patched);

    stack.script("rotate-key", &["upload"]);
    assert_eq!(repository.put(&for_whole, &whole.1, whole.0.clone()).status(), 201);
    let last = repository.put(&for_pieces, &pieces.1, pieces.0[100_000..].to_vec());
    assert_eq!(last.status(), 201, "{}", stack.berth.log_tail());
    for (blob, digest) in [&whole, &pieces] {
        assert!(repository.pull_blob(digest) == *blob);
    }
    let linked = send(repository.request_to(Method::GET, &link));
    assert_eq!(linked.text().expect("a body"), "linked");

    stack.script("rotate-key", &["upload", "--now"]);
    refused(repository.put(&for_late, &late.1, late.0.clone()), 404, "BLOB_UPLOAD_UNKNOWN");
    refused(send(repository.request_to(Method::GET, &for_late)), 404, "BLOB_UPLOAD_UNKNOWN");
    refused(send(repository.request_to(Method::GET, &link)), 403, "DENIED");
    // New ones are good.
    repository.push_blob(&late.0);
    assert!(repository.pull_blob(&late.1) == late.0);
}

#[test]
fn a_token_outlives_one_rotation_of_the_token_key_and_not_two() {
    let (stack, _turn) = stack();
    let token = stack.bearer("keys/token");
    let repository = Repository { berth: &stack.berth, name: "keys/token", credentials: Some(&token) };
    repository.push_blob(b"signed in");

    stack.script("rotate-key", &["token"]);
    assert_eq!(repository.blob_status(&sha256_digest(b"signed in")), 200);
    let newer = stack.bearer("keys/token");
    stack.script("rotate-key", &["token", "--now"]);
    assert_eq!(repository.blob_status(&sha256_digest(b"signed in")), 401);
    let newer = Repository { credentials: Some(&newer), ..repository };
    assert_eq!(newer.blob_status(&sha256_digest(b"signed in")), 200, "of the key between them");
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn the_distribution_reaches_the_functions_after_each_rotation_of_their_secret() {
    let (stack, _turn) = stack();
    let mut seen = Vec::new();
    for more in [&[][..], &["--now"]] {
        stack.script("rotate-key", &[&["origin"], more].concat());
        let token = stack.bearer("keys/origin");
        let repository = Repository { berth: &stack.berth, name: "keys/origin", credentials: Some(&token) };
        let digest = repository.push_blob(b"through the distribution");
        assert_eq!(repository.blob_status(&digest), 200);
        let pinged = send(stack.berth.client().get(stack.berth.url("/api/v2.0/ping")));
        assert_eq!(pinged.status(), 200, "the management function has the new secret too");
        seen.push(stack.secret("OriginSecretArn")["current"].clone());
    }
    assert_ne!(seen[0], seen[1]);
}
