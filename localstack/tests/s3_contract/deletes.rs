//! `DeleteObject`, `DeleteObjects` and expiry.

use aws_sdk_s3::types::{Delete, MultipartUpload, Object, ObjectIdentifier};

use crate::support::{BUCKET, Stack, noise, refusal, refused};

fn named(keys: &[&str]) -> Delete {
    let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(*key).build().unwrap());
    Delete::builder().set_objects(Some(objects.collect())).build().unwrap()
}

#[tokio::test]
async fn deletion_is_idempotent_and_frees_the_file() {
    let stack = Stack::new().await;
    stack.put("k", noise(100_000)).await;
    for _ in 0..2 {
        stack.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
        assert!(!stack.exists("k").await);
    }
    stack.until_data_files(0).await;
}

#[tokio::test]
async fn deletion_in_a_missing_bucket_is_refused() {
    let stack = Stack::new().await;
    let delete = stack.client.delete_object().bucket("missing").key("k").send().await;
    assert_eq!(refusal(delete), refused(404, "NoSuchBucket"));
}

#[tokio::test]
async fn if_match_deletes_the_version_that_was_seen() {
    let stack = Stack::new().await;
    let delete = |etag: &str| stack.client.delete_object().bucket(BUCKET).key("k").if_match(etag).send();
    let first = stack.put("k", "one").await;
    let second = stack.put("k", "two").await;
    assert_eq!(refusal(delete(&first).await), refused(412, "PreconditionFailed"));
    delete(&second).await.unwrap();
    delete(&second).await.unwrap();
}

#[tokio::test]
async fn several_objects_go_at_once() {
    let stack = Stack::new().await;
    for key in ["a", "b", "c"] {
        stack.put(key, key).await;
    }
    let deleted = stack.client.delete_objects().bucket(BUCKET).delete(named(&["a", "c", "missing"]));
    let deleted = deleted.send().await.unwrap();
    assert_eq!(deleted.deleted().len(), 3);
    assert!(deleted.errors().is_empty());
    assert!(!stack.exists("a").await && stack.exists("b").await && !stack.exists("c").await);
}

#[tokio::test]
async fn a_new_object_inherits_nothing_from_a_deleted_one() {
    let stack = Stack::new().await;
    let put =
        stack.client.put_object().bucket(BUCKET).key("k").metadata("name", "old").content_type("text/plain");
    let old = put.send().await.unwrap();
    stack.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    let new = stack.put("k", "").await;
    let head = stack.client.head_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_ne!(old.e_tag(), Some(&*new));
    assert!(head.metadata().is_none_or(std::collections::HashMap::is_empty));
    assert_ne!(head.content_type(), Some("text/plain"));
}

#[tokio::test]
async fn expiry_removes_old_objects_and_uploads_below_the_prefix() {
    let stack = Stack::new().await;
    let upload = |key: &str| stack.client.create_multipart_upload().bucket(BUCKET).key(key).send();
    for number in 0..1100 {
        stack.put(&format!("uploads/{number}"), "old").await;
    }
    stack.put("uploads0", "kept").await;
    stack.put("blobs/1", "kept").await;
    upload("uploads/multipart").await.unwrap();
    upload("blobs/multipart").await.unwrap();
    stack.advance_ms(1000);
    stack.put("uploads/new", "kept").await;
    upload("uploads/new").await.unwrap();
    assert_eq!(stack.store.expire(BUCKET, "uploads/", 1000).await.unwrap(), 0);
    assert_eq!(stack.store.expire(BUCKET, "uploads/", 999).await.unwrap(), 1101);
    let left = stack.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    let left: Vec<_> = left.contents().iter().filter_map(Object::key).collect();
    assert_eq!(left, ["blobs/1", "uploads/new", "uploads0"]);
    let uploads = stack.client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
    let uploads: Vec<_> = uploads.uploads().iter().filter_map(MultipartUpload::key).collect();
    assert_eq!(uploads, ["blobs/multipart", "uploads/new"]);
}
