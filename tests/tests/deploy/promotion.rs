//! Events and requests promote the same staged blobs at the same time, and nothing is lost or left over.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use berth_tests::{Mode, SeededBytes, sha256_digest};
use reqwest::Method;
use serde_json::json;

use crate::events::promotions;
use crate::push::{Repository, send};
use crate::stack::{Stack, wait_for};

const WRITERS: usize = 6;
const ROUNDS: usize = 5;
const BLOB_BYTES: usize = 200_000;
const NAMES: [&str; 2] = ["promotion/left", "promotion/right"];

#[test]
fn uploads_beside_events_requests_mounts_and_deletes_lose_nothing() {
    let stack = Stack::open();
    // Digest and repository of what was acknowledged and not deleted afterwards.
    let acknowledged = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let acknowledged = &acknowledged;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    write(stack, writer, round, acknowledged);
                }
            });
        }
    });
    let acknowledged = acknowledged.into_inner().expect("no writer panicked");
    assert!(acknowledged.len() >= WRITERS * ROUNDS);
    for ((name, digest), blob) in &acknowledged {
        let pulled = Repository::new(&stack.berth, name).pull_blob(digest);
        assert!(pulled == *blob, "{name} has another content for {digest}");
    }
    wait_for("the end of all promotions", || stack.objects("uploads/promotion/").is_empty().then_some(()));
    for (name, digest) in acknowledged.keys() {
        assert_eq!(Repository::new(&stack.berth, name).blob_status(digest), 200, "{name} {digest}");
    }
}

type Acknowledged<'a> = Mutex<BTreeMap<(&'a str, String), Vec<u8>>>;

/// One blob that is this writer's own and one that all writers send, and what else a push does around them.
fn write(stack: &Stack, writer: usize, round: usize, acknowledged: &Acknowledged<'_>) {
    let (name, other) = (NAMES[writer % 2], NAMES[(writer + 1) % 2]);
    let (repository, other_repository) =
        (Repository::new(&stack.berth, name), Repository::new(&stack.berth, other));
    let own = SeededBytes::take_vec(&format!("promotion {writer} {round}"), BLOB_BYTES);
    let common = SeededBytes::take_vec(&format!("promotion {round}"), BLOB_BYTES);
    for blob in [&own, &common] {
        let digest = repository.push_blob(blob);
        // Every other writer asks at once, the others leave it to the event.
        if writer.is_multiple_of(2) {
            assert_eq!(repository.blob_status(&digest), 200, "{name} {digest} was acknowledged");
        }
        let mut acknowledged = acknowledged.lock().expect("no writer panicked");
        acknowledged.insert((name, digest), blob.clone());
    }
    repository.push_manifest(&format!("t{writer}-{round}"), &[&own, &common]);

    let digest = sha256_digest(&own);
    let mount = format!("blobs/uploads/?mount={digest}&from={name}");
    let mounted = send(other_repository.request(Method::POST, &mount).body(""));
    assert_eq!(mounted.status(), 201, "{}", stack.berth.log_tail());
    acknowledged.lock().expect("no writer panicked").insert((other, digest), own);

    // What is deleted right after its upload may be gone or, promoted by the event, be there again; it must not disturb.
    let passing =
        repository.push_blob(&SeededBytes::take_vec(&format!("passing {writer} {round}"), BLOB_BYTES));
    let deleted = send(repository.request(Method::DELETE, &format!("blobs/{passing}"))).status();
    assert!([202, 404].contains(&deleted.as_u16()), "a DELETE was answered {deleted}");
    let cancelled = repository.start_upload();
    assert_eq!(send(repository.request_to(Method::DELETE, &cancelled)).status(), 204);
}

fn tell(stack: &Stack, message: &str) {
    let queue = stack.output("UploadsQueueUrl");
    stack.aws("sqs", &["send-message", "--queue-url", queue, "--message-body", message]);
}

fn event(name: &str, digest: &str) -> String {
    let hex = digest.strip_prefix("sha256:").expect("a digest has its algorithm in front");
    let key = format!("uploads/{name}/sha256%2F{hex}");
    json!({ "Records": [{ "eventName": "ObjectCreated:Put", "s3": { "object": { "key": key } } }] })
        .to_string()
}

#[test]
fn an_event_that_comes_twice_and_one_about_nothing_do_no_harm() {
    let stack = Stack::deploy(Mode::Deployed, &[]);
    let repository = Repository::new(&stack.berth, "promotion/twice");
    let blob = SeededBytes::take_vec("promotion twice", BLOB_BYTES);
    let digest = repository.push_blob(&blob);
    wait_for("the event of S3", || promotions(&stack.berth).first().map(drop));
    for event in [event(repository.name, &digest), event(repository.name, &sha256_digest(b"never sent"))] {
        let before = promotions(&stack.berth).len();
        tell(&stack, &event);
        let result_bytes = wait_for("the event of ours", || {
            promotions(&stack.berth).get(before).map(|promotion| promotion.result_bytes)
        });
        assert!(result_bytes <= NOTHING_FAILED_BYTES, "the event failed: {}", stack.berth.log_tail());
        assert!(repository.pull_blob(&digest) == blob);
    }
    assert_eq!(repository.blob_status(&sha256_digest(b"never sent")), 404);
    assert!(stack.objects("uploads/").is_empty());

    a_message_that_is_no_event_holds_nothing_up(&stack);
}

/// The length of `{"batchItemFailures":[]}`, which says that no message has to come again.
pub(crate) const NOTHING_FAILED_BYTES: u64 = 24;

/// It fails alone, and goes to the dead letters when it has failed five times, hours later.
fn a_message_that_is_no_event_holds_nothing_up(stack: &Stack) {
    let repository = Repository::new(&stack.berth, "promotion/garbage");
    for garbage in ["no event at all", "[]", r#"{"Records":1}"#] {
        let before = promotions(&stack.berth).len();
        tell(stack, garbage);
        wait_for("the failure", || {
            let since = promotions(&stack.berth).into_iter().skip(before);
            since.into_iter().find(|promotion| promotion.result_bytes > NOTHING_FAILED_BYTES).map(drop)
        });
        repository.push_blob(garbage.as_bytes());
        wait_for("the promotion of the next", || stack.objects("uploads/").is_empty().then_some(()));
    }
}
