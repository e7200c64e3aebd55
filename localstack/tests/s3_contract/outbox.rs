//! Events of creation.

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::support::{BUCKET, Stack, refusal};

async fn names(stack: &Stack) -> Vec<(String, String)> {
    let events = stack.store.events_pending(100).await.unwrap();
    events.into_iter().map(|event| (event.name, event.key)).collect()
}

fn named(name: &str, key: &str) -> (String, String) {
    (format!("ObjectCreated:{name}"), key.to_owned())
}

#[tokio::test]
async fn each_creation_of_a_watched_key_is_told_once() {
    let stack = Stack::new().await;
    let etag = stack.put("watched/put", "content").await;
    stack.put("unwatched", "content").await;
    let copy = stack.client.copy_object().bucket(BUCKET).key("watched/copy").copy_source("blobs/unwatched");
    copy.send().await.unwrap();
    let upload =
        stack.client.create_multipart_upload().bucket(BUCKET).key("watched/large").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let part = stack.client.upload_part().bucket(BUCKET).key("watched/large").upload_id(id).part_number(1);
    let part = part.body(vec![1].into()).send().await.unwrap();
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let complete = stack.client.complete_multipart_upload().bucket(BUCKET).key("watched/large").upload_id(id);
    let complete = complete.multipart_upload(CompletedMultipartUpload::builder().parts(part).build());
    complete.send().await.unwrap();
    stack.client.delete_object().bucket(BUCKET).key("watched/put").send().await.unwrap();

    let expected = [
        named("Put", "watched/put"),
        named("Copy", "watched/copy"),
        named("CompleteMultipartUpload", "watched/large"),
    ];
    assert_eq!(names(&stack).await, expected);
    let event = stack.store.events_pending(1).await.unwrap().remove(0);
    assert_eq!((event.bucket.as_str(), event.size, event.time_ms), (BUCKET, 7, 1_700_000_000_000));
    assert_eq!(format!("\"{}\"", event.etag), etag);
}

#[tokio::test]
async fn a_refused_put_tells_nothing() {
    let stack = Stack::new().await;
    stack.put("watched/a", "one").await;
    let put = stack.client.put_object().bucket(BUCKET).key("watched/a").if_none_match("*").send().await;
    assert_eq!(refusal(put).0, 412);
    assert_eq!(names(&stack).await.len(), 1);
}

#[tokio::test]
async fn an_event_stays_until_it_is_done_also_across_a_restart() {
    let stack = Stack::new().await;
    stack.put("watched/a", "one").await;
    stack.put("watched/b", "two").await;
    let first = stack.store.events_pending(1).await.unwrap().remove(0);
    stack.store.event_done(first.id).await.unwrap();
    stack.store.event_done(first.id).await.unwrap();
    let stack = stack.reopen();
    assert_eq!(names(&stack).await, [named("Put", "watched/b")]);
    stack.put("watched/c", "three").await;
    let events = stack.store.events_pending(10).await.unwrap();
    let sequence: Vec<_> =
        std::iter::once(&first).chain(&events).map(|event| event.sequencer.as_str()).collect();
    assert!(sequence.is_sorted_by(|a, b| a.len() == b.len() && a < b), "{sequence:?}");
}

#[tokio::test]
async fn the_reader_is_woken_also_by_what_came_before() {
    let stack = Stack::new().await;
    stack.put("watched/a", "one").await;
    stack.store.events_created().notified().await;
    assert_eq!(names(&stack).await.len(), 1);
    let (_, ()) = tokio::join!(stack.put("watched/b", "two"), stack.store.events_created().notified());
    assert_eq!(names(&stack).await.len(), 2);
}
