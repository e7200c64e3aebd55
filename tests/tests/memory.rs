//! Memory is bounded whatever the size of a blob.

use std::io::Read;

use berth_tests::{Berth, Mode};
use reqwest::blocking::Body;
use sha2::{Digest, Sha256};

const MIB: u64 = 1024 * 1024;
const MAX_PEAK_BYTES: u64 = 150 * MIB;

/// A blob that is made while it is read, each mebibyte different from the others.
struct Made {
    left_bytes: u64,
    block: Vec<u8>,
    at: usize,
}

impl Made {
    fn new(length_bytes: u64) -> Self {
        Self { left_bytes: length_bytes, block: vec![7; 1 << 20], at: 1 << 20 }
    }
}

impl Read for Made {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.block.len() {
            self.block[..8].copy_from_slice(&self.left_bytes.to_le_bytes());
            self.at = 0;
        }
        let left = usize::try_from(self.left_bytes).unwrap_or(usize::MAX);
        let count = buffer.len().min(self.block.len() - self.at).min(left);
        buffer[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        self.left_bytes -= count as u64;
        Ok(count)
    }
}

fn digest_of(mut content: impl Read) -> String {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = content.read(&mut buffer).expect("a body");
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    let hex = hasher.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("sha256:{hex}")
}

/// As a stream and as one PUT, then back.
fn push_and_pull(size_bytes: u64) {
    let berth = Berth::start(Mode::Gateway);
    let client = berth.client();
    let digest = digest_of(Made::new(size_bytes));
    let start = || {
        let answer =
            client.post(berth.url("/v2/memory/app/blobs/uploads/")).body("").send().expect("an answer");
        berth.url(answer.headers()["location"].to_str().expect("ASCII"))
    };
    let sent = client.patch(start()).body(Body::new(Made::new(size_bytes))).send().expect("an answer");
    assert_eq!(sent.status(), 202);
    let session = berth.url(sent.headers()["location"].to_str().expect("ASCII"));
    let done = client.put(format!("{session}?digest={digest}")).body("").send().expect("an answer");
    assert_eq!(done.status(), 201);
    let body = Body::sized(Made::new(size_bytes), size_bytes);
    let done = client.put(format!("{}?digest={digest}", start())).body(body).send().expect("an answer");
    assert_eq!(done.status(), 201);
    let answer = client.get(berth.url(&format!("/v2/memory/app/blobs/{digest}"))).send().expect("an answer");
    assert_eq!(digest_of(answer), digest);
    let peak = berth.peak_bytes();
    assert!(peak < MAX_PEAK_BYTES, "{size_bytes} bytes took {} MiB of memory", peak / MIB);
}

#[test]
fn memory_is_bounded_for_a_blob_of_300_mib() {
    push_and_pull(300 * MIB);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn memory_is_bounded_for_a_blob_of_5_gb() {
    push_and_pull(5_000 * MIB);
}
