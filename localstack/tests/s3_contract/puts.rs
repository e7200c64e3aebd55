//! `PutObject` and buckets.

use aws_sdk_s3::{
    primitives::{ByteStream, SdkBody},
    types::ChecksumAlgorithm,
};
use berth_local::s3::SyncMode;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;

use crate::support::{BUCKET, MIB, Stack, noise, refusal, refused, sha256};

fn streamed(chunks: Vec<Result<Vec<u8>, std::io::Error>>) -> ByteStream {
    let frames = stream::iter(chunks).map(|chunk| chunk.map(|chunk| Frame::data(Bytes::from(chunk))));
    ByteStream::new(SdkBody::from_body_1_x(StreamBody::new(frames)))
}

#[tokio::test]
async fn a_bucket_is_created_once() {
    let stack = Stack::new().await;
    let again = stack.client.create_bucket().bucket(BUCKET).send().await;
    assert_eq!(refusal(again), refused(409, "BucketAlreadyOwnedByYou"));
    stack.client.head_bucket().bucket(BUCKET).send().await.unwrap();
    let missing = stack.client.head_bucket().bucket("missing").send().await;
    assert_eq!(refusal(missing).0, 404);
}

#[tokio::test]
async fn an_object_of_any_size_comes_back_whole() {
    for sync in [SyncMode::Off, SyncMode::Full] {
        let stack = Stack::with_sync(sync).await;
        for length in [0, 1, 65_535, 65_536, 65_537, 262_144, 262_145, MIB, 3 * MIB + 7] {
            let content = noise(length);
            stack.put("object", content.clone()).await;
            assert!(stack.get("object").await == content, "{length} bytes with {sync:?}");
        }
    }
}

#[tokio::test]
async fn small_objects_need_no_file() {
    let stack = Stack::new().await;
    stack.put("small", noise(65_536)).await;
    assert_eq!(stack.data_files().len(), 0);
    stack.put("large", noise(65_537)).await;
    assert_eq!(stack.data_files().len(), 1);
}

#[tokio::test]
async fn a_put_replaces_the_object_and_its_file() {
    let stack = Stack::new().await;
    let first = stack.put("object", noise(100_000)).await;
    let second = stack.put("object", noise(200_000)).await;
    assert_ne!(first, second);
    assert_eq!(stack.get("object").await.len(), 200_000);
    stack.until_data_files(1).await;
}

#[tokio::test]
async fn a_put_into_a_missing_bucket_is_refused_and_leaves_nothing() {
    let stack = Stack::new().await;
    let put = stack.client.put_object().bucket("missing").key("k").body(noise(100_000).into()).send().await;
    assert_eq!(refusal(put), refused(404, "NoSuchBucket"));
    stack.until_data_files(0).await;
}

#[tokio::test]
async fn keys_may_hold_any_character() {
    let stack = Stack::new().await;
    let long = "k".repeat(900);
    let keys =
        ["a", "a/b", "trail/", "sp ace", "pl+us", "per%20cent", "ünï", "a//b", "q?x=1&y=2#z", "😀", &long];
    for key in keys {
        stack.put(key, key).await;
    }
    for key in keys {
        assert_eq!(stack.get(key).await, key.as_bytes(), "{key}");
    }
}

#[tokio::test]
async fn a_key_over_1024_bytes_is_refused() {
    let stack = Stack::new().await;
    let put = stack.client.put_object().bucket(BUCKET).key("k".repeat(1025)).send().await;
    assert_eq!(refusal(put).0, 400);
}

#[tokio::test]
async fn headers_and_metadata_are_kept() {
    let stack = Stack::new().await;
    let put = stack
        .client
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .content_type("text/plain")
        .cache_control("no-store");
    let put = put.content_disposition("inline").content_language("de").content_encoding("gzip");
    put.metadata("name", "value").send().await.unwrap();
    let head = stack.client.head_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(head.content_type(), Some("text/plain"));
    assert_eq!(head.cache_control(), Some("no-store"));
    assert_eq!(head.content_disposition(), Some("inline"));
    assert_eq!(head.content_language(), Some("de"));
    assert_eq!(head.content_encoding(), Some("gzip"));
    assert_eq!(head.metadata().unwrap()["name"], "value");
}

#[tokio::test]
async fn metadata_over_two_kilobytes_are_refused() {
    let stack = Stack::new().await;
    let put = |length: usize| {
        stack.client.put_object().bucket(BUCKET).key("k").metadata("m", "v".repeat(length)).send()
    };
    put(2047).await.unwrap();
    assert_eq!(refusal(put(2048).await), refused(400, "MetadataTooLarge"));
}

#[tokio::test]
async fn if_none_match_creates_once() {
    let stack = Stack::new().await;
    let put = || stack.client.put_object().bucket(BUCKET).key("k").if_none_match("*").send();
    put().await.unwrap();
    assert_eq!(refusal(put().await), refused(412, "PreconditionFailed"));
    stack.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    put().await.unwrap();
}

#[tokio::test]
async fn if_match_replaces_the_version_that_was_seen() {
    let stack = Stack::new().await;
    let put = |etag: String| stack.client.put_object().bucket(BUCKET).key("k").if_match(etag).send();
    let etag = stack.put("k", "one").await;
    put(etag.clone()).await.unwrap();
    assert_eq!(refusal(put(etag.clone()).await), refused(412, "PreconditionFailed"));
    stack.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(refusal(put(etag).await), refused(404, "NoSuchKey"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_32_conditional_puts_one_wins() {
    let stack = Stack::new().await;
    for (round, length) in [10, 100_000].into_iter().cycle().take(10).enumerate() {
        let key = format!("race/{round}");
        let puts = (0..32_u8).map(|writer| {
            let put = stack.client.put_object().bucket(BUCKET).key(&key).if_none_match("*");
            tokio::spawn(put.body(vec![writer; length].into()).send())
        });
        let mut winners = Vec::new();
        for (writer, put) in puts.collect::<Vec<_>>().into_iter().enumerate() {
            match put.await.unwrap() {
                Ok(_) => winners.push(u8::try_from(writer).unwrap()),
                put => assert_eq!(refusal(put), refused(412, "PreconditionFailed")),
            }
        }
        assert_eq!(winners.len(), 1, "{key}");
        assert!(stack.get(&key).await == vec![winners[0]; length], "{key}");
    }
    stack.until_data_files(5).await;
}

#[tokio::test]
async fn a_wrong_checksum_leaves_nothing_and_keeps_the_old_object() {
    let stack = Stack::new().await;
    for length in [10, 100_000] {
        let put = || {
            let put =
                stack.client.put_object().bucket(BUCKET).key("k").checksum_sha256(sha256(b"something else"));
            put.body(noise(length).into()).send()
        };
        assert_eq!(refusal(put().await), refused(400, "BadDigest"), "{length}");
        assert!(!stack.exists("k").await, "{length}");
        let etag = stack.put("k", "old").await;
        assert_eq!(refusal(put().await), refused(400, "BadDigest"), "{length}");
        assert_eq!(stack.get("k").await, b"old", "{length}");
        let delete = stack.client.delete_object().bucket(BUCKET).key("k").if_match(etag).send().await;
        assert!(delete.is_ok(), "{length}");
    }
    stack.until_data_files(0).await;
}

#[tokio::test]
async fn a_checksum_is_kept_only_when_declared_or_asked_for() {
    let stack = Stack::new().await;
    let content = noise(100_000);
    let sum = sha256(&content);
    let put = || stack.client.put_object().bucket(BUCKET).key("k").body(content.clone().into());
    let plain = put().send().await.unwrap();
    assert!(plain.checksum_crc64_nvme().is_some());
    assert_eq!(plain.checksum_sha256(), None);
    let declared = put().checksum_sha256(&sum).send().await.unwrap();
    assert_eq!(declared.checksum_sha256(), Some(&*sum));
    let asked_for = put().checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
    assert_eq!(asked_for.checksum_sha256(), Some(&*sum));
}

#[tokio::test]
async fn a_streamed_body_is_checked_by_its_trailer() {
    let stack = Stack::new().await;
    let chunks = || (0..20).map(|_| Ok(noise(10_000))).collect::<Vec<_>>();
    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32C, ChecksumAlgorithm::Sha256] {
        let put = stack.client.put_object().bucket(BUCKET).key("k").content_length(200_000);
        let put = put.checksum_algorithm(algorithm.clone()).body(streamed(chunks())).send().await.unwrap();
        let sums = [put.checksum_crc32(), put.checksum_crc32_c(), put.checksum_sha256()];
        assert_eq!(sums.into_iter().flatten().count(), 1, "{algorithm}: {sums:?}");
        assert!(stack.get("k").await == noise(10_000).repeat(20));
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let stack = Stack::new().await;
    for before in [100, 500_000] {
        let broken = streamed(vec![Ok(noise(before)), Err(std::io::Error::other("the client went away"))]);
        let put = stack
            .client
            .put_object()
            .bucket(BUCKET)
            .key("k")
            .content_length(1_000_000)
            .body(broken)
            .send()
            .await;
        assert!(put.is_err());
        assert!(!stack.exists("k").await);
    }
    stack.until_data_files(0).await;
}

#[tokio::test]
async fn a_put_that_is_dropped_on_the_way_leaves_nothing() {
    let stack = Stack::new().await;
    let chunks = stream::iter(vec![Ok::<_, std::io::Error>(Frame::data(Bytes::from(noise(3 * MIB))))]);
    let body = SdkBody::from_body_1_x(StreamBody::new(chunks.chain(stream::pending())));
    let put =
        stack.client.put_object().bucket(BUCKET).key("k").content_length(4 << 20).body(ByteStream::new(body));
    let put = tokio::spawn(put.send());
    stack.until_data_files(1).await;
    put.abort();
    stack.until_data_files(0).await;
    assert!(!stack.exists("k").await);
}

#[tokio::test]
async fn more_than_five_gibibytes_are_refused_before_they_are_sent() {
    let stack = Stack::new().await;
    let body =
        SdkBody::from_body_1_x(StreamBody::new(stream::pending::<Result<Frame<Bytes>, std::io::Error>>()));
    let put = stack.client.put_object().bucket(BUCKET).key("k").content_length((5 << 30) + 1);
    assert_eq!(refusal(put.body(ByteStream::new(body)).send().await), refused(400, "EntityTooLarge"));
}
