//! Large bodies in bounded memory.

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;

use crate::support::{BUCKET, MIB, Stack};

const PIECES: usize = 300;

fn resident_mib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes 300 MB and measures the memory of the process, so it must run alone"]
async fn a_large_object_streams_both_ways_in_bounded_memory() {
    let stack = Stack::new().await;
    let before = resident_mib();
    let pieces =
        stream::iter(0..PIECES).map(|_| Ok::<_, std::io::Error>(Frame::data(Bytes::from(vec![7; MIB]))));
    let body = ByteStream::new(SdkBody::from_body_1_x(StreamBody::new(pieces)));
    let length = i64::try_from(PIECES * MIB).unwrap();
    let put = stack.client.put_object().bucket(BUCKET).key("k").content_length(length).body(body);
    put.send().await.unwrap();
    assert!(resident_mib() < before + 32, "{} MiB after {before} MiB", resident_mib());

    let mut body = stack.client.get_object().bucket(BUCKET).key("k").send().await.unwrap().body;
    let mut read = 0;
    while let Some(piece) = body.next().await {
        read += piece.unwrap().len();
        assert!(resident_mib() < before + 32, "{} MiB after {before} MiB", resident_mib());
    }
    assert_eq!(read, PIECES * MIB);
}
