//! `CopyObject`.

use aws_sdk_s3::types::{ChecksumAlgorithm, MetadataDirective, ObjectAttributes};

use crate::support::{BUCKET, Stack, noise, refusal, refused, sha256};

fn source(key: &str) -> String {
    format!("{BUCKET}/{key}")
}

#[tokio::test]
async fn a_copy_shares_the_file_of_its_source() {
    let stack = Stack::new().await;
    let content = noise(200_000);
    stack.put("from", content.clone()).await;
    stack.client.copy_object().bucket(BUCKET).key("to").copy_source(source("from")).send().await.unwrap();
    assert_eq!(stack.data_files().len(), 1);
    stack.client.delete_object().bucket(BUCKET).key("from").send().await.unwrap();
    assert!(stack.get("to").await == content);
    assert_eq!(stack.data_files().len(), 1);
    stack.client.delete_object().bucket(BUCKET).key("to").send().await.unwrap();
    stack.until_data_files(0).await;
}

#[tokio::test]
async fn a_small_object_is_copied_too() {
    let stack = Stack::new().await;
    stack.put("from", "small").await;
    stack.client.copy_object().bucket(BUCKET).key("to").copy_source(source("from")).send().await.unwrap();
    stack.client.delete_object().bucket(BUCKET).key("from").send().await.unwrap();
    assert_eq!(stack.get("to").await, b"small");
}

#[tokio::test]
async fn an_object_may_be_copied_onto_itself() {
    let stack = Stack::new().await;
    let content = noise(200_000);
    stack.put("k", content.clone()).await;
    let copy = stack.client.copy_object().bucket(BUCKET).key("k").copy_source(source("k"));
    copy.metadata_directive(MetadataDirective::Replace).content_type("text/plain").send().await.unwrap();
    assert!(stack.get("k").await == content);
    assert_eq!(stack.data_files().len(), 1);
}

#[tokio::test]
async fn metadata_are_copied_or_replaced() {
    let stack = Stack::new().await;
    let put = stack.client.put_object().bucket(BUCKET).key("from").content_type("text/plain");
    put.metadata("name", "old").send().await.unwrap();
    let copy = || stack.client.copy_object().bucket(BUCKET).key("to").copy_source(source("from"));
    let head = || stack.client.head_object().bucket(BUCKET).key("to").send();
    copy().send().await.unwrap();
    assert_eq!(head().await.unwrap().metadata().unwrap()["name"], "old");
    copy().metadata_directive(MetadataDirective::Replace).metadata("name", "new").send().await.unwrap();
    let replaced = head().await.unwrap();
    assert_eq!(replaced.metadata().unwrap()["name"], "new");
    assert_ne!(replaced.content_type(), Some("text/plain"));
}

#[tokio::test]
async fn a_copy_can_compute_the_sha256_of_the_whole() {
    let stack = Stack::new().await;
    for length in [100, 3_000_000] {
        let content = noise(length);
        stack.put("from", content.clone()).await;
        let copy = stack.client.copy_object().bucket(BUCKET).key("to").copy_source(source("from"));
        let copy = copy.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
        assert_eq!(copy.copy_object_result().unwrap().checksum_sha256(), Some(&*sha256(&content)));
        let kept = stack.client.get_object_attributes().bucket(BUCKET).key("to");
        let kept = kept.object_attributes(ObjectAttributes::Checksum).send().await.unwrap();
        assert_eq!(kept.checksum().unwrap().checksum_sha256(), Some(&*sha256(&content)));
    }
}

#[tokio::test]
async fn conditions_on_the_source() {
    let stack = Stack::new().await;
    let etag = stack.put("from", "content").await;
    let copy = || stack.client.copy_object().bucket(BUCKET).key("to").copy_source(source("from"));
    let failed = refused(412, "PreconditionFailed");
    assert_eq!(refusal(copy().copy_source_if_match("\"0\"").send().await), failed);
    assert_eq!(refusal(copy().copy_source_if_none_match(&etag).send().await), failed);
    assert!(!stack.exists("to").await);
    copy().copy_source_if_match(&etag).send().await.unwrap();
    copy().copy_source_if_none_match("\"0\"").send().await.unwrap();
}

#[tokio::test]
async fn if_none_match_on_the_target() {
    let stack = Stack::new().await;
    stack.put("from", "content").await;
    let copy =
        || stack.client.copy_object().bucket(BUCKET).key("to").copy_source(source("from")).if_none_match("*");
    copy().send().await.unwrap();
    assert_eq!(refusal(copy().send().await), refused(412, "PreconditionFailed"));
}

#[tokio::test]
async fn a_missing_source_is_refused() {
    let stack = Stack::new().await;
    let copy = |from: &str| stack.client.copy_object().bucket(BUCKET).key("to").copy_source(from).send();
    assert_eq!(refusal(copy("blobs/missing").await), refused(404, "NoSuchKey"));
    assert_eq!(refusal(copy("missing/key").await), refused(404, "NoSuchBucket"));
}

#[tokio::test]
async fn the_source_may_have_an_odd_name() {
    let stack = Stack::new().await;
    stack.put("odd ü+%/name", "content").await;
    let copy = stack.client.copy_object().bucket(BUCKET).key("to");
    copy.copy_source("blobs/odd%20%C3%BC%2B%25/name").send().await.unwrap();
    assert_eq!(stack.get("to").await, b"content");
}
