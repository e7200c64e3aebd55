//! A stack with a gateway: uploads in pieces of any size, bounded memory, and what is left when the gateway dies.

use std::io::{self, Cursor, Read};
use std::thread;

use berth_tests::{Mode, Recipe, SeededBytes, sha256_digest};
use reqwest::Method;
use reqwest::blocking::{Body, Response};
use reqwest::header::{CONTENT_RANGE, RANGE};
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::crane::Crane;
use crate::docker::GraphDriver;
use crate::gateway_process::GatewayProcess;
use crate::place::Place;
use crate::podman::Podman;
use crate::push::{header, send};
use crate::skopeo::Skopeo;
use crate::stack::Stack;

const LARGE_LAYER_BYTES: u64 = 300_000_000;
const HUGE_LAYER_BYTES: u64 = 1_000_000_000;
const UPLOADS: usize = 16;
/// 24 uploads of 20 MiB and the process itself; a gateway of 1 GB has room for that.
const MAX_PEAK_BYTES: u64 = 600_000_000;

#[test]
fn crane_pushes_a_large_layer() {
    push_and_pull::<Crane>(Stack::with_gateway(), LARGE_LAYER_BYTES);
}

#[test]
fn skopeo_pushes_a_large_layer() {
    push_and_pull::<Skopeo>(Stack::with_gateway(), LARGE_LAYER_BYTES);
}

#[test]
fn podman_pushes_a_large_layer() {
    push_and_pull::<Podman>(Stack::with_gateway(), LARGE_LAYER_BYTES);
}

#[test]
fn docker_pushes_a_large_layer() {
    push_and_pull::<GraphDriver>(Stack::with_gateway(), LARGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn crane_pushes_a_huge_layer() {
    push_and_pull::<Crane>(&Stack::deploy(Mode::DeployedGateway, &[]), HUGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn skopeo_pushes_a_huge_layer() {
    push_and_pull::<Skopeo>(&Stack::deploy(Mode::DeployedGateway, &[]), HUGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn podman_pushes_a_huge_layer() {
    push_and_pull::<Podman>(&Stack::deploy(Mode::DeployedGateway, &[]), HUGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn docker_pushes_a_huge_layer() {
    push_and_pull::<GraphDriver>(&Stack::deploy(Mode::DeployedGateway, &[]), HUGE_LAYER_BYTES);
}

fn push_and_pull<C: Client>(stack: &Stack, layer_bytes: u64) {
    let Some(client) = C::find() else { return };
    let place = Place::new(&stack.berth);
    let layout = place.image(&Recipe::with_layer_of(&format!("gateway {}", C::NAME), layer_bytes));
    let repository = place.repository(&format!("gateway/{}", C::NAME));
    let _ = client.push(&place, &layout, &repository).succeeds();
    assert_eq!(client.pull(&place, &format!("{repository}:v1")), layout.config().digest);
}

#[test]
fn sixteen_uploads_at_once_stay_within_its_memory() {
    many_at_once(40_000_000);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn sixteen_large_uploads_at_once_stay_within_its_memory() {
    many_at_once(100_000_000);
}

/// Streams of unknown length, as docker sends them.
fn many_at_once(bytes: u64) {
    let gateway = GatewayProcess::start(Stack::with_gateway());
    thread::scope(|scope| {
        for number in 0..UPLOADS {
            let gateway = &gateway;
            scope.spawn(move || {
                let content = || SeededBytes::new(&format!("gateway {bytes} {number}")).take(bytes);
                let patched = gateway.request(Method::PATCH, &start(gateway)).body(Body::new(content()));
                let patched = send(patched);
                assert_eq!(patched.status(), 202);
                let digest = digest_of(content());
                assert_eq!(finish(gateway, &header(&patched, "location"), &digest).status(), 201);
                let stored = send(gateway.request(Method::HEAD, &format!("gateway/many/blobs/{digest}")));
                assert_eq!(header(&stored, "content-length"), bytes.to_string());
            });
        }
    });
    let peak_bytes = gateway.peak_bytes();
    assert!(peak_bytes <= MAX_PEAK_BYTES, "the gateway held {peak_bytes} bytes");
}

/// [kill-safe] [upload-resume] What was acknowledged is there, what was not is asked for again.
#[test]
fn an_upload_goes_on_at_another_gateway_when_its_own_is_killed() {
    let stack = Stack::with_gateway();
    let blob = SeededBytes::take_vec("gateway killed", 30_000_000);
    let digest = sha256_digest(&blob);
    let [first, second, third] = [0, 1, 2].map(|part| blob[part * 10_000_000..][..10_000_000].to_vec());
    let is_visible = |gateway: &GatewayProcess| {
        send(gateway.request(Method::HEAD, &format!("gateway/many/blobs/{digest}"))).status() == 200
    };

    let mut victim = GatewayProcess::start(stack);
    let patched = send(victim.request(Method::PATCH, &start(&victim)).body(first));
    assert_eq!(patched.status(), 202);
    let upload = header(&patched, "location");
    let pid = victim.pid();
    let body =
        Cursor::new(second).chain(Act(Some(move || GatewayProcess::kill(pid)))).chain(Cursor::new(third));
    let broken = victim.request(Method::PATCH, &upload).body(Body::sized(body, 20_000_000)).send();
    assert!(broken.is_err(), "a dead gateway answers {broken:?}");
    assert!(!victim.ended().success());

    let gateway = GatewayProcess::start(stack);
    assert!(!is_visible(&gateway), "half of a blob is visible");
    let status = send(gateway.request(Method::GET, &upload));
    assert_eq!(status.status(), 204);
    let range = header(&status, RANGE.as_str());
    let last = range.strip_prefix("0-").and_then(|last| last.parse::<usize>().ok()).expect("0-<last>");
    let received = last + 1;
    assert!((10_000_000..=20_000_000).contains(&received), "{received} bytes are said to be there");
    let rest = gateway.request(Method::PATCH, &header(&status, "location")).body(blob[received..].to_vec());
    let patched = send(rest.header(CONTENT_RANGE, format!("{received}-{}", blob.len() - 1)));
    assert_eq!(patched.status(), 202, "{}", patched.text().unwrap_or_default());
    assert!(!is_visible(&gateway), "a blob is visible before its digest was proven");
    assert_eq!(finish(&gateway, &header(&patched, "location"), &digest).status(), 201);
    let url = stack.berth.url(&format!("/v2/gateway/many/blobs/{digest}"));
    let stored = send(stack.berth.client().get(url)).bytes().expect("a body");
    assert!(stored == blob, "another blob was stored");
}

#[test]
fn a_request_under_way_is_answered_when_the_gateway_is_told_to_stop() {
    let stack = Stack::with_gateway();
    let blob = SeededBytes::take_vec("gateway stopped", 12_000_000);
    let (first, second) = blob.split_at(6_000_000);
    let mut stopped = GatewayProcess::start(stack);
    let upload = start(&stopped);
    let (pid, address) = (stopped.pid(), stopped.address().to_owned());
    let stop = Act(Some(move || GatewayProcess::stop(pid, &address)));
    let body = Cursor::new(first.to_vec()).chain(stop).chain(Cursor::new(second.to_vec()));
    let patched = send(stopped.request(Method::PATCH, &upload).body(Body::new(body)));
    assert_eq!(patched.status(), 202);
    assert!(stopped.ended().success(), "SIGTERM is a clean stop");
    let gateway = GatewayProcess::start(stack);
    let finished = finish(&gateway, &header(&patched, "location"), &sha256_digest(&blob));
    assert_eq!(finished.status(), 201, "{}", finished.text().unwrap_or_default());
}

fn start(gateway: &GatewayProcess) -> String {
    let started = send(gateway.request(Method::POST, "gateway/many/blobs/uploads/").body(""));
    assert_eq!(started.status(), 202);
    header(&started, "location")
}

fn finish(gateway: &GatewayProcess, upload: &str, digest: &str) -> Response {
    send(gateway.request(Method::PUT, upload).query(&[("digest", digest)]).body(""))
}

/// The part of a body that has no bytes, and does something when the others before it are sent.
struct Act<F>(Option<F>);

impl<F: FnOnce()> Read for Act<F> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        if let Some(act) = self.0.take() {
            act();
        }
        Ok(0)
    }
}

fn digest_of(mut content: impl Read) -> String {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    while let Ok(count @ 1..) = content.read(&mut buffer) {
        hasher.update(&buffer[..count]);
    }
    hasher.finalize().iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
