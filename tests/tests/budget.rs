//! The request budget: how many calls to S3 and DynamoDB each operation makes, held against docs/budget.md.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use base64::Engine;
use berth_http::{Oci, Settings, whole_body};
use berth_protocol::Digest;
use berth_registry::upload::Signer;
use berth_registry::{Config, Delivery, OpenAccess, Registry};
use berth_testkit::build::{Blob, Built, artifact, blob, image, repository};
use berth_testkit::{CountingIds, ManualClock};
use berth_tests::compare_with_document;
use berth_tests::embedded::{BUCKET, Embedded, Fate};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;

struct World {
    embedded: Embedded,
    registry: Registry,
    oci: Oci,
    calls: Arc<Mutex<BTreeMap<String, usize>>>,
    table: String,
}

impl World {
    async fn new(folder: &std::path::Path, delivery: Delivery) -> Self {
        let ids = Arc::new(CountingIds::default());
        let embedded = Embedded::open(folder, Arc::new(ManualClock::default()), ids.clone()).await;
        let calls = Arc::new(Mutex::new(BTreeMap::new()));
        let counts = Arc::clone(&calls);
        let hook = move |name: &str| {
            *counts.lock().expect("no panic").entry(name.to_owned()).or_insert(0) += 1;
            Fate::Pass
        };
        let config = Config::new(Signer::new("a key for tests", None), delivery);
        let registry = Registry::new(embedded.store(Arc::new(hook)).ports(), config);
        let settings = Settings { min_chunk_bytes: 5 << 20, max_body_bytes: None };
        let oci = Oci::new(registry.clone(), Arc::new(OpenAccess), ids, settings);
        Self { embedded, registry, oci, calls, table: String::new() }
    }

    async fn send(&self, method: &str, path: &str, body: impl Into<Bytes>) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(whole_body(body.into())).expect("a request");
        let (parts, body) = self.oci.answer(request).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Response::from_parts(parts, body)
    }

    /// Sends a request, asserts its status, and writes its calls down as a row.
    async fn row(
        &mut self,
        what: &str,
        method: &str,
        path: &str,
        body: impl Into<Bytes>,
        status: u16,
    ) -> Response<Bytes> {
        self.calls.lock().expect("no panic").clear();
        let answer = self.send(method, path, body).await;
        assert_eq!(answer.status(), status, "{what}: {}", String::from_utf8_lossy(answer.body()));
        self.note(what);
        answer
    }

    fn note(&mut self, what: &str) {
        let calls = self.calls.lock().expect("no panic").clone();
        let total: usize = calls.values().sum();
        let named: Vec<String> = calls
            .iter()
            .map(|(name, count)| if *count == 1 { name.clone() } else { format!("{count} × {name}") })
            .collect();
        let named = if named.is_empty() { "–".to_owned() } else { named.join(", ") };
        writeln!(self.table, "| {what} | {total} | {named} |").expect("a string grows");
    }

    async fn upload(&self, name: &str, blob: &Blob) {
        let path = format!("/v2/{name}/blobs/uploads/?digest={}", blob.digest);
        assert_eq!(self.send("POST", &path, blob.content.clone()).await.status(), 201);
    }

    async fn push(&self, name: &str, reference: &str, built: &Built) {
        for blob in &built.blobs {
            self.upload(name, blob).await;
        }
        let path = format!("/v2/{name}/manifests/{reference}");
        let answer = self.send("PUT", &path, built.body.clone()).await;
        assert_eq!(answer.status(), 201, "{}", String::from_utf8_lossy(answer.body()));
    }

    /// As the edge does it: S3 has compared the digest.
    async fn stage(&self, name: &str, blob: &Blob) {
        let checksum = base64::engine::general_purpose::STANDARD.encode(blob.digest.bytes());
        let client = self.embedded.s3_client();
        let put =
            client.put_object().bucket(BUCKET).key(format!("uploads/{name}/sha256/{}", blob.digest.hex()));
        put.checksum_sha256(checksum).body(blob.content.clone().into()).send().await.expect("staged");
    }
}

fn location(answer: &Response<Bytes>) -> String {
    answer.headers()["location"].to_str().expect("ASCII").to_owned()
}

#[tokio::test]
async fn budget_calls_per_operation_are_those_of_the_document() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut world = World::new(folder.path(), Delivery::Edge).await;
    reads(&mut world).await;
    uploads(&mut world).await;
    manifests(&mut world).await;
    deletions(&mut world).await;

    let table = format!("| operation | calls | which |\n|---|---|---|\n{}", world.table);
    compare_with_document("docs/budget.md", "calls", &table);
}

async fn reads(world: &mut World) {
    let small = image().layer("small").build();
    let large = image().layer("large").annotation("text", "x".repeat(100_000)).build();
    world.push("team/app", "1", &small).await;
    world.push("team/app", "2", &large).await;
    world.push("team/app", "sig", &artifact(&small, "application/example").build()).await;
    let (manifest, layer) = (small.digest.clone(), Digest::sha256(b"small"));
    world.row("API version check", "GET", "/v2/", "", 200).await;
    world.row("manifest HEAD by tag", "HEAD", "/v2/team/app/manifests/1", "", 200).await;
    world.row("manifest GET by tag", "GET", "/v2/team/app/manifests/1", "", 200).await;
    world.row("manifest GET by digest", "GET", &format!("/v2/team/app/manifests/{manifest}"), "", 200).await;
    world.row("manifest GET, over 16 KiB", "GET", "/v2/team/app/manifests/2", "", 200).await;
    world.row("manifest GET, unknown", "GET", "/v2/team/app/manifests/none", "", 404).await;
    world.row("blob HEAD", "HEAD", &format!("/v2/team/app/blobs/{layer}"), "", 200).await;
    world.row("blob GET, redirect to the edge", "GET", &format!("/v2/team/app/blobs/{layer}"), "", 307).await;
    let unknown = Digest::sha256(b"unknown");
    world.row("blob HEAD, unknown", "HEAD", &format!("/v2/team/app/blobs/{unknown}"), "", 404).await;
    world.row("tag list", "GET", "/v2/team/app/tags/list", "", 200).await;
    world.row("catalog", "GET", "/v2/_catalog", "", 200).await;
    world.row("referrers", "GET", &format!("/v2/team/app/referrers/{manifest}"), "", 200).await;
}

async fn uploads(world: &mut World) {
    let start = world.row("upload POST", "POST", "/v2/team/app/blobs/uploads/", "", 202).await;
    let small = blob("in one piece");
    let session = location(&start);
    world.row("upload GET, nothing sent", "GET", &session, "", 204).await;
    let sent = world.row("upload PATCH, under 5 MiB", "PATCH", &session, small.content.clone(), 202).await;
    let finish = format!("{}?digest={}", location(&sent), small.digest);
    world.row("upload PUT after such a PATCH", "PUT", &finish, "", 201).await;
    let whole = blob("all at once");
    let path = format!("/v2/team/app/blobs/uploads/?digest={}", whole.digest);
    world.row("upload POST with the blob", "POST", &path, whole.content.clone(), 201).await;

    let large = blob(vec![7; 20 << 20]);
    let session = location(&world.send("POST", "/v2/team/app/blobs/uploads/", "").await);
    let sent = world.row("upload PATCH, 20 MiB", "PATCH", &session, large.content.clone(), 202).await;
    let finish = format!("{}?digest={}", location(&sent), large.digest);
    world.row("upload PUT after such a PATCH", "PUT", &finish, "", 201).await;
    let cancelled = location(&world.send("POST", "/v2/team/app/blobs/uploads/", "").await);
    world.row("upload DELETE", "DELETE", &cancelled, "", 204).await;

    let mount = format!("/v2/team/other/blobs/uploads/?mount={}&from=team/app", whole.digest);
    world.row("mount", "POST", &mount, "", 201).await;

    let staged = blob("put straight into S3");
    world.stage("team/app", &staged).await;
    world
        .row("blob HEAD that promotes", "HEAD", &format!("/v2/team/app/blobs/{}", staged.digest), "", 200)
        .await;
    let staged = blob("put straight into S3 again");
    world.stage("team/app", &staged).await;
    world.calls.lock().expect("no panic").clear();
    let link = world.registry.promote(&repository("team/app"), &staged.digest).await.expect("promoted");
    assert!(link.is_some());
    world.note("promotion by event");
}

async fn manifests(world: &mut World) {
    let mut builder = image();
    for layer in 0..9 {
        builder = builder.layer(format!("layer {layer}"));
    }
    let built = builder.build();
    for blob in &built.blobs {
        world.upload("team/app", blob).await;
    }
    world
        .row("manifest PUT, new, 10 blobs", "PUT", "/v2/team/app/manifests/3", built.body.clone(), 201)
        .await;
    world.row("manifest PUT, another tag", "PUT", "/v2/team/app/manifests/4", built.body.clone(), 201).await;
    let by_digest = format!("/v2/team/app/manifests/{}?tag=5&tag=6&tag=7", built.digest);
    world.row("manifest PUT by digest, 3 tags", "PUT", &by_digest, built.body.clone(), 201).await;
    let lacking = image().layer("never sent").build();
    world.row("manifest PUT, blob missing", "PUT", "/v2/team/app/manifests/8", lacking.body, 404).await;
}

async fn deletions(world: &mut World) {
    let built = image().layer("to go").build();
    world.push("team/gone", "1", &built).await;
    world.push("team/gone", "2", &built).await;
    world.row("tag DELETE", "DELETE", "/v2/team/gone/manifests/1", "", 202).await;
    let layer = Digest::sha256(b"to go");
    world.row("blob DELETE, needed", "DELETE", &format!("/v2/team/gone/blobs/{layer}"), "", 405).await;
    let manifest = built.digest;
    world
        .row(
            "manifest DELETE, 2 blobs, 1 tag",
            "DELETE",
            &format!("/v2/team/gone/manifests/{manifest}"),
            "",
            202,
        )
        .await;
    world.row("blob DELETE", "DELETE", &format!("/v2/team/gone/blobs/{layer}"), "", 202).await;
}

#[tokio::test]
async fn budget_streaming_a_blob_costs_one_read_and_one_get() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut world = World::new(folder.path(), Delivery::Stream).await;
    world.upload("team/app", &blob("streamed")).await;
    let path = format!("/v2/team/app/blobs/{}", Digest::sha256(b"streamed"));
    world.row("blob GET, streamed", "GET", &path, "", 200).await;
    assert_eq!(world.table, "| blob GET, streamed | 2 | DynamoDB.GetItem, S3.GetObject |\n");
}
