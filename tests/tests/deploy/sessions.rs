//! Upload sessions and blob links that are not what they say, and bodies that are not, at the edge and behind it.

use std::io::{Read, repeat};
use std::sync::OnceLock;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use berth_tests::{SeededBytes, sha256_digest};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use reqwest::blocking::Body;
use reqwest::header::USER_AGENT;
use sha2::Sha256;

use crate::client::REMEDIES;
use crate::push::{Repository, location, refused, send};
use crate::stack::{Stack, wait_for};

/// In 1970, and in 2100.
const PAST: u64 = 1000;
const FUTURE: u64 = 4_102_444_800;
/// More than a function is ever handed.
const TOO_LARGE: u64 = 7_000_000;

fn repository(name: &str) -> Repository<'_> {
    Repository::new(&Stack::open().berth, name)
}

/// What the registry would sign, signed by us with the key of the stack (../../../infra/edge/README.md).
fn signed(text: &str) -> String {
    static KEY: OnceLock<String> = OnceLock::new();
    let key = KEY.get_or_init(|| {
        let secret = Stack::open().secret("UploadKeyArn");
        secret["current"].as_str().expect("the key is text").to_owned()
    });
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// The address of an upload in `name` that expires then.
fn session(name: &str, id: &str, expiry: u64) -> String {
    let mac = signed(&format!("upload\n{name}\n{id}\n{expiry}"));
    Stack::open().berth.url(&format!("/v2/{name}/blobs/uploads/{id}.{expiry}.{mac}"))
}

/// [session-bound] Whether S3, the function or the edge would take the request.
fn is_unknown(repository: &Repository<'_>, upload: &str, blob: &[u8]) {
    let digest = sha256_digest(blob);
    refused(repository.put(upload, &digest, blob.to_vec()), 404, "BLOB_UPLOAD_UNKNOWN");
    refused(repository.put(upload, &digest, ""), 404, "BLOB_UPLOAD_UNKNOWN");
    for method in [Method::PATCH, Method::GET, Method::DELETE] {
        let body = if method == Method::PATCH { blob.to_vec() } else { Vec::new() };
        let request = repository.request_to(method.clone(), upload);
        let request = if body.is_empty() { request } else { request.body(body) };
        refused(send(request), 404, "BLOB_UPLOAD_UNKNOWN");
    }
    assert_eq!(repository.blob_status(&digest), 404);
}

#[test]
fn a_session_that_we_sign_with_the_stacks_key_is_good() {
    let repository = repository("sessions/signed");
    let answer = repository.put(&session(repository.name, "ours", FUTURE), &sha256_digest(b"good"), "good");
    assert_eq!(answer.status(), 201);
    assert_eq!(repository.pull_blob(&sha256_digest(b"good")), b"good");
}

#[test]
fn an_expired_session_is_unknown_to_whoever_is_asked() {
    let repository = repository("sessions/expired");
    is_unknown(&repository, &session(repository.name, "old", PAST), b"too late");
}

#[test]
fn an_altered_session_is_unknown_to_whoever_is_asked() {
    let repository = repository("sessions/altered");
    let upload = repository.start_upload();
    let (front, mac) = upload.rsplit_once('.').expect("a session has a MAC");
    let (front, expiry) = front.rsplit_once('.').expect("a session has an expiry");
    let other_mac: String = mac.chars().rev().collect();
    let later = expiry.parse::<u64>().expect("an expiry is a number") + 1;
    for altered in [
        format!("{front}.{expiry}.{other_mac}"),
        format!("{front}.{later}.{mac}"),
        format!("{front}0.{expiry}.{mac}"),
        format!("{front}-pieces.{expiry}.{mac}"),
        format!("{front}.{expiry}"),
    ] {
        is_unknown(&repository, &altered, b"altered");
    }
}

#[test]
fn a_session_of_another_repository_is_unknown() {
    let (ours, theirs) = (repository("sessions/ours"), repository("sessions/theirs"));
    let upload = theirs.start_upload().replace(theirs.name, ours.name);
    is_unknown(&ours, &upload, b"foreign");
}

/// [digest-proven] S3 compares, and stores nothing.
#[test]
fn a_digest_that_lies_makes_no_blob() {
    let repository = repository("sessions/lie");
    let (said, sent) = (b"what was said".to_vec(), SeededBytes::take_vec("sessions lie", 500_000));
    let upload = repository.start_upload();
    let answer = repository.put(&upload, &sha256_digest(&said), sent.clone());
    assert_eq!(answer.status(), 400, "{}", repository.berth.log_tail());
    for blob in [&said, &sent] {
        assert_eq!(repository.blob_status(&sha256_digest(blob)), 404);
    }
    assert!(Stack::open().objects(&format!("uploads/{}/", repository.name)).is_empty());
    // The session is still good for the truth.
    assert_eq!(repository.put(&upload, &sha256_digest(&sent), sent.clone()).status(), 201);
    assert_eq!(repository.pull_blob(&sha256_digest(&sent)), sent);
}

#[test]
fn a_finished_put_may_be_sent_again_but_with_the_same_content_only() {
    let repository = repository("sessions/again");
    let blob = SeededBytes::take_vec("sessions again", 500_000);
    let (digest, upload) = (sha256_digest(&blob), repository.start_upload());
    for _ in 0..2 {
        assert_eq!(repository.put(&upload, &digest, blob.clone()).status(), 201);
    }
    // Visible now, and so promoted.
    assert_eq!(repository.blob_status(&digest), 200);
    assert_eq!(repository.put(&upload, &digest, blob.clone()).status(), 201);
    assert_eq!(repository.put(&upload, &digest, "a lie").status(), 400);
    assert_eq!(repository.pull_blob(&digest), blob);
    let staged = format!("uploads/{}/", repository.name);
    wait_for("the event of the last PUT", || Stack::open().objects(&staged).is_empty().then_some(()));
    assert_eq!(repository.pull_blob(&digest), blob);
}

/// S3 wants a length, so such a body goes to the function, which takes what fits into an event.
#[test]
fn a_put_of_unknown_length_is_verified_by_the_function() {
    let repository = repository("sessions/chunked");
    let blob = SeededBytes::take_vec("sessions chunked", 500_000);
    let digest = sha256_digest(&blob);
    let stream = |blob: &[u8]| Body::new(std::io::Cursor::new(blob.to_vec()));
    let lie = repository.put(&repository.start_upload(), &digest, stream(b"a lie"));
    refused(lie, 400, "DIGEST_INVALID");
    assert_eq!(repository.blob_status(&digest), 404);
    let large = repository.put(&repository.start_upload(), &digest, Body::new(repeat(7).take(TOO_LARGE)));
    assert_eq!(large.status(), 413);
    let answer = repository.put(&repository.start_upload(), &digest, stream(&blob));
    assert_eq!(answer.status(), 201, "{}", repository.berth.log_tail());
    assert_eq!(repository.pull_blob(&digest), blob);
}

#[test]
fn a_large_piece_is_refused_with_the_ways_out() {
    let repository = repository("sessions/pieces");
    let upload = repository.start_upload();
    let known = Body::sized(repeat(7).take(TOO_LARGE), TOO_LARGE);
    let unknown = Body::new(repeat(7).take(TOO_LARGE));
    for (body, agent) in [(known, "any/1"), (unknown, "docker/27.0 go/1.22")] {
        let request = repository.request_to(Method::PATCH, &upload).body(body);
        let message = refused(send(request.header(USER_AGENT, agent)), 413, "UNSUPPORTED");
        for remedy in REMEDIES {
            assert!(message.to_lowercase().contains(remedy), "{message} does not name {remedy}");
        }
    }
    // An agent that is not known for endless streams may send one, and Lambda refuses what is too much.
    let request = repository.request_to(Method::PATCH, &upload).body(Body::new(repeat(7).take(TOO_LARGE)));
    assert_eq!(send(request).status(), 413);
}

/// The function takes pieces that fit, and the last PUT finds them, also when it brings a body.
#[test]
fn small_pieces_and_a_last_one_in_the_put_make_a_blob() {
    let repository = repository("sessions/small-pieces");
    let blob = SeededBytes::take_vec("sessions pieces", 3_000_000);
    let (first, last) = blob.split_at(2_000_000);
    let answer = send(repository.request_to(Method::PATCH, &repository.start_upload()).body(first.to_vec()));
    assert_eq!(answer.status(), 202, "{}", repository.berth.log_tail());
    let digest = sha256_digest(&blob);
    let answer = repository.put(&location(repository.berth, &answer), &digest, last.to_vec());
    assert_eq!(answer.status(), 201, "{}", repository.berth.log_tail());
    assert_eq!(repository.pull_blob(&digest), blob);
}

#[test]
fn an_expired_or_altered_blob_link_is_denied() {
    let repository = repository("sessions/links");
    let digest = repository.push_blob(b"linked");
    let link = repository.blob_link(&digest);
    let get = |url: &str| send(repository.request_to(Method::GET, url));
    assert_eq!(get(&link).text().expect("a body"), "linked");

    let make = |digest: &str, expiry: u64| {
        let mac = signed(&format!("blob\n{digest}\n{expiry}"));
        repository.berth.url(&format!("/blobs/{digest}/{expiry}.{mac}"))
    };
    assert_eq!(get(&make(&digest, FUTURE)).status(), 200, "a link that we sign is good");
    assert!(refused(get(&make(&digest, PAST)), 403, "DENIED").contains("expired"));
    let other = sha256_digest(b"another");
    for altered in [
        link.replace(&digest, &other),
        format!("{link}x"),
        make(&digest, FUTURE).replace(&FUTURE.to_string(), &(FUTURE + 1).to_string()),
        repository.berth.url(&format!("/blobs/{}", digest.replace(':', "/"))),
    ] {
        refused(get(&altered), 403, "DENIED");
    }
}
