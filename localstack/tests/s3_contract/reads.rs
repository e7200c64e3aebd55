//! `GetObject`, `HeadObject` and `GetObjectAttributes`.

use aws_sdk_s3::{
    primitives::DateTime,
    types::{ChecksumMode, ObjectAttributes},
};

use crate::support::{BUCKET, MIB, Stack, noise, refusal, refused, sha256};

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let stack = Stack::new().await;
    let get = |bucket: &str| stack.client.get_object().bucket(bucket).key("missing").send();
    assert_eq!(refusal(get(BUCKET).await), refused(404, "NoSuchKey"));
    assert_eq!(refusal(get("missing").await), refused(404, "NoSuchBucket"));
    let head = stack.client.head_object().bucket(BUCKET).key("missing").send().await;
    assert!(head.unwrap_err().into_service_error().is_not_found());
}

#[tokio::test]
async fn ranges() {
    let stack = Stack::new().await;
    for length in [1000, 100_000, 2 * MIB] {
        let content = noise(length);
        stack.put("k", content.clone()).await;
        for (range, start, end) in [
            ("bytes=0-0", 0, 1),
            ("bytes=10-19", 10, 20),
            ("bytes=500-", 500, length),
            ("bytes=-7", length - 7, length),
            ("bytes=-99999999", 0, length),
            ("bytes=900-99999999", 900, length),
        ] {
            let got = stack.client.get_object().bucket(BUCKET).key("k").range(range).send().await.unwrap();
            let expected = format!("bytes {start}-{}/{length}", end - 1);
            assert_eq!(got.content_range(), Some(&*expected), "{range}");
            assert_eq!(got.content_length(), Some(i64::try_from(end - start).unwrap()), "{range}");
            assert!(got.body.collect().await.unwrap().to_vec() == content[start..end], "{range} of {length}");
        }
        let beyond = format!("bytes={length}-");
        let got = stack.client.get_object().bucket(BUCKET).key("k").range(beyond).send().await;
        assert_eq!(refusal(got), refused(416, "InvalidRange"));
    }
}

#[tokio::test]
async fn an_empty_object_has_no_range() {
    let stack = Stack::new().await;
    stack.put("k", "").await;
    assert_eq!(stack.get("k").await, b"");
    let got = stack.client.get_object().bucket(BUCKET).key("k").range("bytes=0-").send().await;
    assert_eq!(refusal(got), refused(416, "InvalidRange"));
}

#[tokio::test]
async fn preconditions() {
    let stack = Stack::new().await;
    let etag = stack.put("k", "content").await;
    let get = || stack.client.get_object().bucket(BUCKET).key("k");
    let head = || stack.client.head_object().bucket(BUCKET).key("k");
    let now = DateTime::from_secs(1_700_000_000);
    let before = DateTime::from_secs(1_699_999_999);
    assert_eq!(refusal(get().if_none_match(&etag).send().await).0, 304);
    assert_eq!(refusal(head().if_none_match(&etag).send().await).0, 304);
    assert_eq!(refusal(get().if_match("\"0\"").send().await), refused(412, "PreconditionFailed"));
    assert_eq!(refusal(get().if_modified_since(now).send().await).0, 304);
    assert_eq!(refusal(get().if_unmodified_since(before).send().await), refused(412, "PreconditionFailed"));
    get().if_match(&etag).send().await.unwrap();
    get().if_none_match("\"0\"").send().await.unwrap();
    get().if_modified_since(before).send().await.unwrap();
    get().if_unmodified_since(now).send().await.unwrap();
}

#[tokio::test]
async fn the_query_overrides_headers() {
    let stack = Stack::new().await;
    stack.put("k", "content").await;
    let get = stack.client.get_object().bucket(BUCKET).key("k").response_content_type("text/html");
    let got = get
        .response_content_disposition("attachment")
        .response_cache_control("private")
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_type(), Some("text/html"));
    assert_eq!(got.content_disposition(), Some("attachment"));
    assert_eq!(got.cache_control(), Some("private"));
}

#[tokio::test]
async fn checksums_are_told_when_asked_for() {
    let stack = Stack::new().await;
    let sum = sha256(b"content");
    let put = stack.client.put_object().bucket(BUCKET).key("k").checksum_sha256(&sum);
    put.body(b"content".to_vec().into()).send().await.unwrap();
    let head = || stack.client.head_object().bucket(BUCKET).key("k");
    assert_eq!(head().send().await.unwrap().checksum_sha256(), None);
    let head = head().checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(head.checksum_sha256(), Some(&*sum));
    let get = stack.client.get_object().bucket(BUCKET).key("k").checksum_mode(ChecksumMode::Enabled);
    let got = get.send().await.unwrap();
    assert_eq!(got.checksum_sha256(), Some(&*sum));
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"content");
}

#[tokio::test]
async fn attributes_are_told_as_asked_for() {
    let stack = Stack::new().await;
    let sum = sha256(b"content");
    let put = stack.client.put_object().bucket(BUCKET).key("k").checksum_sha256(&sum);
    put.body(b"content".to_vec().into()).send().await.unwrap();
    let ask = || stack.client.get_object_attributes().bucket(BUCKET).key("k");
    let all =
        ask().object_attributes(ObjectAttributes::Checksum).object_attributes(ObjectAttributes::ObjectSize);
    let all = all.object_attributes(ObjectAttributes::Etag).send().await.unwrap();
    assert_eq!(all.checksum().unwrap().checksum_sha256(), Some(&*sum));
    assert_eq!(all.object_size(), Some(7));
    assert!(all.e_tag().is_some());
    let size = ask().object_attributes(ObjectAttributes::ObjectSize).send().await.unwrap();
    assert!(size.checksum().is_none() && size.e_tag().is_none());
}

#[tokio::test]
async fn a_read_goes_on_while_its_object_is_replaced_and_deleted() {
    let stack = Stack::new().await;
    let content = noise(8 * MIB);
    stack.put("k", content.clone()).await;
    let early = stack.client.get_object().bucket(BUCKET).key("k").send().await.unwrap();
    stack.put("k", "replaced").await;
    stack.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert!(early.body.collect().await.unwrap().to_vec() == content);
    stack.until_data_files(0).await;
}

#[tokio::test]
async fn a_read_that_is_dropped_lets_go_of_its_file() {
    let stack = Stack::new().await;
    stack.put("k", noise(8 * MIB)).await;
    let early = stack.client.get_object().bucket(BUCKET).key("k").send().await.unwrap();
    stack.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    drop(early);
    stack.until_data_files(0).await;
}
