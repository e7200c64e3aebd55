//! The function as Lambda calls it, on events as AWS sends them.

use std::sync::Arc;

use berth_function_promote::{Batch, FailedItem, handle};
use berth_protocol::{Digest, RepositoryName};
use berth_registry::upload::Signer;
use berth_registry::{Config, Delivery, Registry};
use berth_testkit::Memory;
use berth_testkit::wrap::{Stopping, wrap};
use bytes::Bytes;

const BATCH: &str = include_str!("sqs-event.json");
const CONTENT: &[u8] = b"a staged layer";

fn registry(memory: &Memory) -> Registry {
    Registry::new(memory.ports(), Config::new(Signer::new("a key for tests", None), Delivery::Edge))
}

fn batch() -> Batch {
    serde_json::from_str(BATCH).expect("a batch")
}

fn failed(id: &str) -> FailedItem {
    FailedItem { item_identifier: id.to_owned() }
}

fn app() -> RepositoryName {
    RepositoryName::parse("team/app__x").expect("a name")
}

#[tokio::test]
async fn a_staged_object_becomes_a_blob_and_what_is_no_event_comes_again() {
    let (memory, digest) = (Memory::new(), Digest::sha256(CONTENT));
    memory.stage(&app(), &digest, Bytes::from_static(CONTENT));
    let answer = handle(&registry(&memory), batch()).await;
    assert_eq!(answer.batch_item_failures, [failed("bad")]);
    assert!(!memory.is_staged(&app(), &digest));
    assert!(memory.ports().link_read.get(&app(), &digest).await.expect("a read").is_some());
    let again = handle(&registry(&memory), batch()).await;
    assert_eq!(again.batch_item_failures, [failed("bad")], "an event that comes twice does no harm");
}

#[tokio::test]
async fn an_object_that_lies_about_its_digest_is_removed_and_does_not_come_again() {
    let (memory, digest) = (Memory::new(), Digest::sha256(CONTENT));
    memory.stage(&app(), &digest, Bytes::from_static(b"something else"));
    let answer = handle(&registry(&memory), batch()).await;
    assert_eq!(answer.batch_item_failures, [failed("bad")]);
    assert!(!memory.is_staged(&app(), &digest));
    assert!(memory.ports().link_read.get(&app(), &digest).await.expect("a read").is_none());
}

#[tokio::test]
async fn when_storage_fails_the_message_comes_again() {
    let (memory, digest) = (Memory::new(), Digest::sha256(CONTENT));
    memory.stage(&app(), &digest, Bytes::from_static(CONTENT));
    let broken = wrap(memory.ports(), Arc::new(Stopping::before(1)));
    let registry = Registry::new(broken, Config::new(Signer::new("a key for tests", None), Delivery::Edge));
    let mut answer = handle(&registry, batch()).await.batch_item_failures;
    answer.sort_by(|one, other| one.item_identifier.cmp(&other.item_identifier));
    assert_eq!(answer, [failed("bad"), failed("good")]);
}
