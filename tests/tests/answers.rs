//! Every answer of the OCI API, byte for byte: status, headers and body, held against tests/answers.txt.
//!
//! A change of an answer is a change of that file, which a reviewer sees. `BERTH_WRITE_DOCS=1` rewrites it.

use std::fmt::Write;
use std::sync::Arc;

use berth_http::{Oci, Settings, whole_body};
use berth_registry::upload::Signer;
use berth_registry::{Config, Delivery, OpenAccess, Registry};
use berth_testkit::build::{artifact, blob, image};
use berth_testkit::{CountingIds, Memory};
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/answers.txt");

/// The service on memory with a clock that stands still, and what was said so far.
struct Talk {
    oci: Oci,
    said: String,
    /// The `Location` of the last answer that had one.
    location: String,
}

impl Talk {
    fn new(delivery: Delivery) -> Self {
        let config = Config::new(Signer::new("a key for tests", None), delivery);
        let registry = Registry::new(Memory::new().ports(), config);
        let settings = Settings { min_chunk_bytes: 4, max_body_bytes: Some(100_000) };
        let oci = Oci::new(registry, Arc::new(OpenAccess), Arc::new(CountingIds::default()), settings);
        Self { oci, said: String::new(), location: String::new() }
    }

    async fn ask(&mut self, line: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let mut request = Request::builder().method(method).uri(path);
        writeln!(self.said, "> {line}").expect("a string grows");
        for (name, value) in headers {
            request = request.header(*name, *value);
            writeln!(self.said, "> {name}: {value}").expect("a string grows");
        }
        let request = request.body(whole_body(body.into())).expect("a request");
        let (parts, body) = self.oci.answer(request).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();

        writeln!(self.said, "< {}", parts.status).expect("a string grows");
        let mut lines: Vec<String> = Vec::new();
        for (name, value) in &parts.headers {
            let value = value.to_str().expect("ASCII");
            // The version changes with every release.
            let value = if name == "x-berth-version" { "…" } else { value };
            lines.push(format!("< {name}: {value}\n"));
        }
        lines.sort();
        self.said.extend(lines);
        if !body.is_empty() {
            writeln!(self.said, "{}", String::from_utf8_lossy(&body)).expect("a string grows");
        }
        self.said.push('\n');
        if let Some(location) = parts.headers.get("location") {
            location.to_str().expect("ASCII").clone_into(&mut self.location);
        }
    }

    fn heading(&mut self, text: &str) {
        writeln!(self.said, "# {text}\n").expect("a string grows");
    }
}

#[tokio::test]
async fn answers_are_those_of_the_document() {
    let mut streamed = Talk::new(Delivery::Stream);
    uploads(&mut streamed).await;
    blobs(&mut streamed).await;
    manifests(&mut streamed).await;
    lists(&mut streamed).await;
    refusals(&mut streamed).await;
    deletions(&mut streamed).await;
    let mut edge = Talk::new(Delivery::Edge);
    through_the_edge(&mut edge).await;
    let said = streamed.said + &edge.said;

    if std::env::var_os("BERTH_WRITE_DOCS").is_some() {
        std::fs::write(DOCUMENT, said).expect("answers.txt is writable");
    } else {
        let document = std::fs::read_to_string(DOCUMENT).expect("answers.txt");
        let differing = document.lines().zip(said.lines()).position(|(known, new)| known != new);
        assert!(
            document == said,
            "answers.txt differs from line {differing:?}; BERTH_WRITE_DOCS=1 rewrites it"
        );
    }
}

async fn uploads(talk: &mut Talk) {
    let digest = blob("layer one").digest;
    talk.heading("uploads");
    talk.ask("POST /v2/team/app/blobs/uploads/", &[], "").await;
    let start = talk.location.clone();
    talk.ask(&format!("PATCH {start}"), &[("content-range", "0-4")], "layer").await;
    talk.ask(&format!("GET {}", talk.location), &[], "").await;
    talk.ask(&format!("PATCH {}", talk.location), &[("content-range", "9-12")], " one").await;
    talk.ask(&format!("PATCH {start}"), &[("content-range", "5-8")], " one").await;
    talk.ask(&format!("PUT {start}?digest={}", blob("other").digest), &[], "").await;
    talk.ask("POST /v2/team/app/blobs/uploads/", &[], "").await;
    talk.ask(&format!("PUT {}?digest={digest}", talk.location), &[], "layer one").await;
    talk.ask("POST /v2/team/app/blobs/uploads/", &[], "").await;
    talk.ask(&format!("DELETE {}", talk.location), &[], "").await;
    talk.ask(&format!("POST /v2/team/app/blobs/uploads/?digest={digest}"), &[], "layer one").await;
    talk.ask(&format!("POST /v2/team/lib/blobs/uploads/?mount={digest}&from=team/app"), &[], "").await;
    talk.ask(&format!("POST /v2/team/lib/blobs/uploads/?mount={digest}&from=team/none"), &[], "").await;
}

async fn blobs(talk: &mut Talk) {
    let path = format!("/v2/team/app/blobs/{}", blob("layer one").digest);
    talk.heading("blobs");
    talk.ask(&format!("HEAD {path}"), &[], "").await;
    talk.ask(&format!("GET {path}"), &[], "").await;
    talk.ask(&format!("GET {path}"), &[("range", "bytes=6-")], "").await;
    talk.ask(&format!("GET {path}"), &[("range", "bytes=90-")], "").await;
    talk.ask(&format!("GET /v2/team/app/blobs/{}", blob("absent").digest), &[], "").await;
}

async fn manifests(talk: &mut Talk) {
    let built = image().layer("layer one").build();
    let signature = artifact(&built, "application/example").build();
    let content_type = [("content-type", built.media_type.as_str())];
    talk.heading("manifests");
    talk.ask("PUT /v2/team/app/manifests/early", &content_type, built.body.clone()).await;
    for blob in built.blobs.iter().chain(&signature.blobs) {
        let path = format!("POST /v2/team/app/blobs/uploads/?digest={}", blob.digest);
        talk.ask(&path, &[], blob.content.clone()).await;
    }
    talk.ask("PUT /v2/team/app/manifests/v1", &content_type, built.body.clone()).await;
    let several = format!("PUT /v2/team/app/manifests/{}?tag=v2&tag=v3", built.digest);
    talk.ask(&several, &content_type, built.body.clone()).await;
    let of_signature = [("content-type", signature.media_type.as_str())];
    talk.ask("PUT /v2/team/app/manifests/sig", &of_signature, signature.body.clone()).await;
    talk.ask("HEAD /v2/team/app/manifests/v1", &[], "").await;
    talk.ask("GET /v2/team/app/manifests/v1", &[], "").await;
    let known = format!("\"{}\"", built.digest);
    talk.ask("GET /v2/team/app/manifests/v1", &[("if-none-match", &known)], "").await;
    talk.ask("GET /v2/team/app/manifests/none", &[], "").await;
    talk.ask(&format!("GET /v2/team/app/referrers/{}", built.digest), &[], "").await;
    let filtered = format!("GET /v2/team/app/referrers/{}?artifactType=application/other", built.digest);
    talk.ask(&filtered, &[], "").await;
}

async fn lists(talk: &mut Talk) {
    talk.heading("lists");
    talk.ask("GET /v2/", &[], "").await;
    talk.ask("GET /v2/team/app/tags/list", &[], "").await;
    talk.ask("GET /v2/team/app/tags/list?n=2", &[], "").await;
    talk.ask("GET /v2/team/app/tags/list?n=2&last=v1", &[], "").await;
    talk.ask("GET /v2/team/none/tags/list", &[], "").await;
    talk.ask("GET /v2/_catalog", &[], "").await;
    talk.ask("GET /v2/team/app/_oci/ext/discover", &[], "").await;
}

async fn refusals(talk: &mut Talk) {
    let json = [("content-type", "application/vnd.oci.image.manifest.v1+json")];
    talk.heading("refusals");
    talk.ask("GET /v2/Team/app/tags/list", &[], "").await;
    talk.ask("GET /v2/team/app/tags/list?n=-1", &[], "").await;
    talk.ask("GET /v2/team/app/blobs/sha256:12", &[], "").await;
    talk.ask("PUT /v2/team/app/manifests/v1", &json, "{").await;
    talk.ask("PUT /v2/team/app/manifests/v1", &[], "{}").await;
    talk.ask("PATCH /v2/team/app/blobs/uploads/none", &[], "").await;
    talk.ask("POST /v2/team/app/manifests/v1", &[], "").await;
    talk.ask("GET /v1/", &[], "").await;
}

async fn deletions(talk: &mut Talk) {
    let built = image().layer("layer one").build();
    talk.heading("deletions");
    talk.ask("DELETE /v2/team/app/manifests/v3", &[], "").await;
    talk.ask(&format!("DELETE /v2/team/app/blobs/{}", blob("layer one").digest), &[], "").await;
    talk.ask(&format!("DELETE /v2/team/app/manifests/{}", built.digest), &[], "").await;
    talk.ask(&format!("DELETE /v2/team/app/manifests/{}", built.digest), &[], "").await;
    talk.ask(&format!("DELETE /v2/team/app/blobs/{}", blob("layer one").digest), &[], "").await;
}

async fn through_the_edge(talk: &mut Talk) {
    let digest = blob("layer one").digest;
    talk.heading("functions alone");
    talk.ask(&format!("POST /v2/team/app/blobs/uploads/?digest={digest}"), &[], "layer one").await;
    talk.ask(&format!("GET /v2/team/app/blobs/{digest}"), &[], "").await;
    talk.ask(&format!("HEAD /v2/team/app/blobs/{digest}"), &[], "").await;
    talk.ask("POST /v2/team/app/blobs/uploads/", &[], vec![b'x'; 100_001]).await;
}
