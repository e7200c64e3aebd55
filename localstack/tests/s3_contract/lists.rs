//! `ListObjectsV2`.

use aws_sdk_s3::types::{CommonPrefix, EncodingType, Object};

use crate::support::{BUCKET, Stack, refusal, refused};

async fn filled(keys: &[&str]) -> Stack {
    let stack = Stack::new().await;
    for key in keys {
        stack.put(key, *key).await;
    }
    stack
}

#[tokio::test]
async fn objects_come_in_order_with_their_properties() {
    let stack = filled(&["b", "a/2", "a/1", "é", "c"]).await;
    let etag = stack.put("c", "four").await;
    let list = stack.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    let keys: Vec<_> = list.contents().iter().filter_map(Object::key).collect();
    assert_eq!(keys, ["a/1", "a/2", "b", "c", "é"]);
    assert_eq!(list.is_truncated(), Some(false));
    assert_eq!(list.key_count(), Some(5));
    let object = &list.contents()[3];
    assert_eq!((object.size(), object.e_tag()), (Some(4), Some(&*etag)));
    assert_eq!(object.last_modified().unwrap().secs(), 1_700_000_000);
}

#[tokio::test]
async fn a_prefix_and_a_delimiter_roll_keys_up() {
    let stack = filled(&["x/a/1", "x/a/2", "x/b/1", "x/c", "y"]).await;
    let list =
        stack.client.list_objects_v2().bucket(BUCKET).prefix("x/").delimiter("/").send().await.unwrap();
    let common: Vec<_> = list.common_prefixes().iter().filter_map(CommonPrefix::prefix).collect();
    let keys: Vec<_> = list.contents().iter().filter_map(Object::key).collect();
    assert_eq!((common, keys), (vec!["x/a/", "x/b/"], vec!["x/c"]));
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let names: Vec<_> = (0..25).map(|number| format!("{number:02}")).collect();
    let stack = filled(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut pages = stack.client.list_objects_v2().bucket(BUCKET).max_keys(10).into_paginator().send();
    let mut sizes = Vec::new();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.contents().len());
        keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
    }
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(keys, names);
}

#[tokio::test]
async fn a_list_may_start_after_a_key() {
    let stack = filled(&["a", "b", "b\u{1F600}", "c"]).await;
    let list = stack.client.list_objects_v2().bucket(BUCKET).start_after("b").send().await.unwrap();
    let keys: Vec<_> = list.contents().iter().filter_map(Object::key).collect();
    assert_eq!(keys, ["b\u{1F600}", "c"]);
}

#[tokio::test]
async fn keys_are_encoded_when_asked_for() {
    let stack = filled(&["a b/ü"]).await;
    let list =
        stack.client.list_objects_v2().bucket(BUCKET).encoding_type(EncodingType::Url).send().await.unwrap();
    assert_eq!(list.contents()[0].key(), Some("a%20b/%C3%BC"));
}

#[tokio::test]
async fn a_page_of_none_is_empty_and_the_last() {
    let stack = filled(&["a"]).await;
    let list = stack.client.list_objects_v2().bucket(BUCKET).max_keys(0).send().await.unwrap();
    assert_eq!((list.contents().len(), list.is_truncated()), (0, Some(false)));
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let stack = Stack::new().await;
    let missing = stack.client.list_objects_v2().bucket("missing").send().await;
    assert_eq!(refusal(missing), refused(404, "NoSuchBucket"));
    let token = stack.client.list_objects_v2().bucket(BUCKET).continuation_token("?").send().await;
    assert_eq!(refusal(token), refused(400, "InvalidArgument"));
}
