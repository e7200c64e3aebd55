//! What is measured.

use std::sync::Arc;

use berth_tests::sha256_digest;
use reqwest::Client;
use serde_json::json;

use crate::load::{Row, for_all, get_many, timed};
use crate::peers::Running;

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const KIB: usize = 1024;
const MIB: usize = 1024 * 1024;
const AT_ONCE: usize = 8;

/// Runs every scenario; `quick` with a tenth of the work.
pub async fn run(running: &Running, quick: bool) -> Vec<Row> {
    let scale = if quick { 10 } else { 1 };
    let client = Client::new();
    let bench = Bench { running, client, scale };
    let mut rows = vec![Row::start_up(running)];
    rows.extend(bench.manifests().await);
    rows.extend(bench.blobs().await);
    rows.extend(bench.pushes().await);
    rows.extend(bench.lists().await);
    rows
}

struct Bench<'a> {
    running: &'a Running,
    client: Client,
    scale: usize,
}

/// Bytes that do not repeat, made quickly.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

impl Bench<'_> {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url)
    }

    /// As docker does it: POST, one PATCH with everything, PUT.
    async fn upload(&self, repository: &str, blob: Vec<u8>) -> String {
        let digest = sha256_digest(&blob);
        let start =
            self.client.post(self.url(&format!("/v2/{repository}/blobs/uploads/"))).body("").send().await;
        let session = self.location(&start.expect("an answer"));
        let sent = self.client.patch(&session).body(blob).send().await.expect("an answer");
        assert_eq!(sent.status(), 202);
        let session = self.location(&sent);
        let separator = if session.contains('?') { '&' } else { '?' };
        let done = self.client.put(format!("{session}{separator}digest={digest}")).body("").send().await;
        assert_eq!(done.expect("an answer").status(), 201);
        digest
    }

    fn location(&self, answer: &reqwest::Response) -> String {
        let location = answer.headers()["location"].to_str().expect("ASCII");
        if location.starts_with('/') { self.url(location) } else { location.to_owned() }
    }

    /// An image of one layer; returns the manifest's digest.
    async fn image(&self, repository: &str, tags: &[String], seed: u64) -> String {
        let layer = self.upload(repository, noise(KIB, seed)).await;
        let config = self.upload(repository, format!("{{\"seed\":{seed}}}").into_bytes()).await;
        let manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE,
            "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": config,
                        "size": format!("{{\"seed\":{seed}}}").len() },
            "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer, "size": KIB }],
        })
        .to_string();
        for_all(tags.len(), AT_ONCE, |number| self.put_manifest(repository, &tags[number], &manifest)).await;
        sha256_digest(manifest.as_bytes())
    }

    async fn put_manifest(&self, repository: &str, tag: &str, manifest: &str) {
        let url = self.url(&format!("/v2/{repository}/manifests/{tag}"));
        let put = self.client.put(url).header("content-type", IMAGE).body(manifest.to_owned());
        assert_eq!(put.send().await.expect("an answer").status(), 201);
    }

    async fn manifests(&self) -> Vec<Row> {
        let digest = self.image("bench/app", &["v1".to_owned()], 1).await;
        let by_tag = Arc::new(vec![self.url("/v2/bench/app/manifests/v1")]);
        let by_digest = Arc::new(vec![self.url(&format!("/v2/bench/app/manifests/{digest}"))]);
        let requests = 20_000 / self.scale;
        let mut rows = Vec::new();
        for (what, urls) in [("manifest GET by tag", by_tag), ("manifest GET by digest", by_digest)] {
            get_many(&self.client, Arc::clone(&urls), 200, AT_ONCE).await;
            let work = get_many(&self.client, urls, requests, AT_ONCE);
            rows.push(timed(self.running, what, requests, "requests/s", work).await);
        }
        rows
    }

    async fn blobs(&self) -> Vec<Row> {
        let small = self.upload("bench/app", noise(KIB, 2)).await;
        let large = self.upload("bench/app", noise(100 * MIB, 3)).await;
        let requests = 20_000 / self.scale;
        let small = Arc::new(vec![self.url(&format!("/v2/bench/app/blobs/{small}"))]);
        let large = Arc::new(vec![self.url(&format!("/v2/bench/app/blobs/{large}"))]);
        let work = get_many(&self.client, small, requests, AT_ONCE);
        let of_small = timed(self.running, "blob GET 1 KiB", requests, "requests/s", work).await;
        let pulls: usize = if self.scale > 1 { 4 } else { 20 };
        let work = get_many(&self.client, large, pulls, 2);
        let of_large = timed(self.running, "blob GET 100 MiB", pulls * 100, "MiB/s", work).await;
        vec![of_small, of_large]
    }

    async fn pushes(&self) -> Vec<Row> {
        let mebibytes = 1024 / self.scale;
        let blob = noise(mebibytes * MIB, 4);
        let work = self.upload("bench/push", blob);
        let one =
            timed(self.running, format!("push of one blob of {mebibytes} MiB"), mebibytes, "MiB/s", work)
                .await;
        let count = 200 / self.scale;
        let blobs: Vec<Vec<u8>> = (0..count).map(|number| noise(MIB, 1000 + number as u64)).collect();
        let work = async {
            for batch in blobs.chunks(4) {
                let uploads = batch.iter().map(|blob| self.upload("bench/push", blob.clone()));
                futures::future::join_all(uploads).await;
            }
        };
        let many = timed(self.running, format!("push of {count} blobs of 1 MiB"), count, "MiB/s", work).await;
        vec![one, many]
    }

    async fn lists(&self) -> Vec<Row> {
        let requests = 2_000 / self.scale;
        let mut rows = Vec::new();
        let (tags, repositories) = (100_000 / self.scale, 10_000 / self.scale);
        for (repository, tags, seed) in [("few", 10, 5), ("many", tags, 6)] {
            let names: Vec<String> = (0..tags).map(|number| format!("t{number:06}")).collect();
            self.image(&format!("bench/{repository}"), &names, seed).await;
            let urls = Arc::new(vec![self.url(&format!("/v2/bench/{repository}/tags/list?n=10"))]);
            let work = get_many(&self.client, urls, requests, AT_ONCE);
            rows.push(timed(self.running, format!("10 of {tags} tags"), requests, "requests/s", work).await);
        }
        for_all(repositories, AT_ONCE, async |number| {
            self.image(&format!("bench/r{number:05}"), &["v1".to_owned()], 7).await;
        })
        .await;
        let urls = Arc::new(vec![self.url("/v2/_catalog?n=100")]);
        let requests = requests / 10;
        let work = get_many(&self.client, urls, requests, AT_ONCE);
        rows.push(
            timed(self.running, format!("100 of {repositories} repositories"), requests, "requests/s", work)
                .await,
        );
        rows
    }
}
