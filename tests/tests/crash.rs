//! `kill -9` under load: nothing that was acknowledged is lost, and nothing half done is visible.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use berth_tests::{program, sha256_digest};
use reqwest::blocking::{Body, Client};
use serde_json::json;

const WRITERS: u64 = 8;
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

/// A registry on a folder that outlives it.
struct Registry {
    process: Child,
    url: String,
}

impl Registry {
    fn start(data: &Path) -> Self {
        let log = File::create(data.with_extension("log")).expect("a log file");
        let mut process = Command::new(program())
            .args(["--open", "--port", "0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("berth starts");
        let mut line = String::new();
        let mut output = process.stdout.take().expect("its output");
        let mut byte = [0];
        while output.read(&mut byte).expect("it prints its address") == 1 && byte[0] != b'\n' {
            line.push(byte[0] as char);
        }
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address");
        Self { process, url: url.trim_end_matches(',').to_owned() }
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    fn kill(mut self) {
        self.process.kill().expect("it is there to be killed");
        self.process.wait().expect("it ends");
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An image that the registry said it has.
struct Acknowledged {
    repository: String,
    tag: String,
    manifest: String,
    layer: (String, Vec<u8>),
}

/// [kill-safe]
#[test]
fn crash_nothing_acknowledged_is_lost_when_killed_under_load() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let serial = Arc::new(AtomicU64::new(0));
    for round in 0..3 {
        let registry = Registry::start(&data);
        let stop = Arc::new(AtomicBool::new(false));
        let before = acknowledged.lock().expect("no writer panicked").len();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (url, stop) = (registry.url.clone(), Arc::clone(&stop));
                let (acknowledged, serial) = (Arc::clone(&acknowledged), Arc::clone(&serial));
                thread::spawn(move || {
                    let client = Client::new();
                    while !stop.load(Ordering::Relaxed) {
                        let number = serial.fetch_add(1, Ordering::Relaxed);
                        match push(&client, &url, writer, number) {
                            Some(image) => acknowledged.lock().expect("no writer panicked").push(image),
                            None => return,
                        }
                    }
                })
            })
            .collect();
        // Kill in the middle of work, once enough of it has been acknowledged.
        while acknowledged.lock().expect("no writer panicked").len() < before + 40 {
            thread::sleep(Duration::from_millis(5));
        }
        registry.kill();
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().expect("a writer ends when its registry is gone");
        }
        let registry = Registry::start(&data);
        check(&registry.url, &acknowledged.lock().expect("no writer panicked"), round);
    }
}

/// Pushes an image; `None` as soon as the registry is gone.
fn push(client: &Client, url: &str, writer: u64, number: u64) -> Option<Acknowledged> {
    let repository = format!("crash/w{}", writer % 3);
    let layer: Vec<u8> = format!("layer {number} ").into_bytes().repeat(64 + (number % 50) as usize * 100);
    let config = format!("{{\"number\":{number}}}").into_bytes();
    for (blob, streamed) in [(&layer, true), (&config, false)] {
        upload(client, url, &repository, blob, streamed)?;
    }
    let manifest = json!({
        "schemaVersion": 2, "mediaType": IMAGE,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": sha256_digest(&config), "size": config.len() },
        "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar",
                     "digest": sha256_digest(&layer), "size": layer.len() }],
    })
    .to_string();
    let tag = format!("t{number}");
    let path = format!("{url}/v2/{repository}/manifests/{tag}");
    let answer = client.put(path).header("content-type", IMAGE).body(manifest.clone()).send().ok()?;
    assert_eq!(answer.status(), 201, "{}", answer.text().unwrap_or_default());
    Some(Acknowledged { repository, tag, manifest, layer: (sha256_digest(&layer), layer) })
}

/// By PATCH and PUT as docker does, or by one PUT as containerd does.
fn upload(client: &Client, url: &str, repository: &str, blob: &[u8], streamed: bool) -> Option<()> {
    let digest = sha256_digest(blob);
    let start = client.post(format!("{url}/v2/{repository}/blobs/uploads/")).body("").send().ok()?;
    let mut session = start.headers()["location"].to_str().expect("ASCII").to_owned();
    let mut body = blob.to_vec();
    if streamed {
        let answer = client.patch(format!("{url}{session}")).body(Body::from(body)).send().ok()?;
        assert_eq!(answer.status(), 202);
        answer.headers()["location"].to_str().expect("ASCII").clone_into(&mut session);
        body = Vec::new();
    }
    let answer = client.put(format!("{url}{session}?digest={digest}")).body(body).send().ok()?;
    assert_eq!(answer.status(), 201);
    Some(())
}

/// Every acknowledged image is there whole; every visible tag resolves to a manifest whose blobs are readable.
fn check(url: &str, acknowledged: &[Acknowledged], round: u32) {
    let client = Client::new();
    for image in acknowledged {
        let Acknowledged { repository, tag, manifest, layer: (digest, layer) } = image;
        let answer = client.get(format!("{url}/v2/{repository}/manifests/{tag}")).send().expect("it answers");
        assert_eq!(answer.status(), 200, "round {round}: {repository}:{tag} was acknowledged and is lost");
        assert_eq!(&answer.text().expect("a body"), manifest, "round {round}: {repository}:{tag}");
        let answer = client.get(format!("{url}/v2/{repository}/blobs/{digest}")).send().expect("it answers");
        assert_eq!(answer.status(), 200, "round {round}: {digest} was acknowledged and is lost");
        assert_eq!(&answer.bytes().expect("a body")[..], &layer[..], "round {round}: {digest}");
    }
    for repository in 0..3 {
        let repository = format!("crash/w{repository}");
        for tag in tags(&client, url, &repository) {
            check_visible(&client, url, &repository, &tag);
        }
    }
}

fn tags(client: &Client, url: &str, repository: &str) -> Vec<String> {
    let mut next = Some(format!("/v2/{repository}/tags/list?n=100"));
    let mut tags = Vec::new();
    while let Some(path) = next {
        let answer = client.get(format!("{url}{path}")).send().expect("it answers");
        next = answer.headers().get("link").map(|link| {
            let link = link.to_str().expect("ASCII");
            link[1..link.find('>').expect("a target")].to_owned()
        });
        let page: serde_json::Value = answer.json().expect("JSON");
        let names = page["tags"].as_array().cloned().unwrap_or_default();
        tags.extend(names.iter().filter_map(|tag| tag.as_str().map(str::to_owned)));
    }
    tags
}

fn check_visible(client: &Client, url: &str, repository: &str, tag: &str) {
    let answer = client.get(format!("{url}/v2/{repository}/manifests/{tag}")).send().expect("it answers");
    assert_eq!(answer.status(), 200, "{repository}:{tag} is listed and does not resolve");
    let manifest: serde_json::Value = answer.json().expect("JSON");
    for blob in [&manifest["config"], &manifest["layers"][0]] {
        let digest = blob["digest"].as_str().expect("a digest");
        let answer = client.get(format!("{url}/v2/{repository}/blobs/{digest}")).send().expect("it answers");
        assert_eq!(answer.status(), 200, "{repository}:{tag} needs {digest}");
        assert_eq!(sha256_digest(&answer.bytes().expect("a body")), digest, "{repository}:{tag}");
    }
}

#[test]
fn crash_a_second_process_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let _first = Registry::start(&data);
    let second = Command::new(program())
        .args(["--open", "--port", "0", "--data"])
        .arg(&data)
        .output()
        .expect("it runs");
    assert!(!second.status.success());
    let text = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(text.contains("in use by another process"), "{text}");
}

#[test]
fn crash_sigterm_ends_it_cleanly_and_lets_the_folder_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut registry = Registry::start(&data);
    let pid = registry.process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    assert!(registry.process.wait().expect("it ends").success(), "SIGTERM is a clean stop");
    Registry::start(&data).kill();
}
