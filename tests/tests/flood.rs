//! Somebody guesses at passwords, as fast as he can, while others work.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use berth_protocol::{Algorithm, Digest};
use berth_tests::{Berth, Mode};
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

/// All of them together. As many as come in a minute from somebody who means it.
const GUESSES: usize = 10_000;
const GUESSERS: u8 = 4;
const CONNECTIONS_EACH: usize = 2;
/// Of the address's limit (`shared/identity/src/failures.rs`), and how many more can be under way.
const MOST_COMPARED_EACH: usize = 100 + 4;
const PASSWORD: &str = "Password1";
/// The last two are somebody's.
const NAMES: [&str; 6] = ["nobody", "root", "robot$nobody", "somebody.else", "admin", "bob"];

/// A client at an address of its own: all of 127.0.0.0/8 is this machine.
fn client_at(last: u8) -> Client {
    let builder = Client::builder().local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)));
    builder.timeout(Duration::from_mins(5)).build().expect("a client")
}

/// What the guesses of one connection were answered, by status.
fn guess(berth: &Berth, last: u8, guesses: usize) -> BTreeMap<u16, usize> {
    let client = client_at(last);
    let mut told = BTreeMap::new();
    for n in 0..guesses {
        let name = NAMES[n % NAMES.len()];
        let path = if n % 2 == 0 { "/token?scope=repository:team/app:pull" } else { "/v2/" };
        let request = client.get(berth.url(path)).basic_auth(name, Some(format!("Guess{n}")));
        let answer = request.send().expect("the registry answers");
        let status = answer.status().as_u16();
        if status == 429 {
            let wait = answer.headers().get("retry-after").expect("when to come back");
            let wait_secs: u64 = wait.to_str().expect("ASCII").parse().expect("a number");
            assert!((1..=300).contains(&wait_secs), "{wait_secs}");
        }
        answer.bytes().expect("a body");
        *told.entry(status).or_default() += 1;
    }
    told
}

/// A project with an image in it, and `bob`, who may pull it. Answers the manifest.
fn prepare(berth: &Berth) -> String {
    let password = berth.admin_password();
    let send = |method: Method, path: &str, kind: &str, body: String, status: u16| {
        let request = berth.client().request(method, berth.url(path)).basic_auth("admin", Some(&password));
        let answer = request.header("content-type", kind).body(body).send().expect("the registry answers");
        assert_eq!(answer.status().as_u16(), status, "{path}: {}", berth.log_tail());
    };
    let rest = |path: &str, body: Value| {
        send(Method::POST, &format!("/api/v2.0{path}"), "application/json", body.to_string(), 201);
    };
    rest(
        "/users",
        json!({ "username": "bob", "email": "bob@example.org", "realname": "Bob", "password": PASSWORD }),
    );
    rest("/projects", json!({ "project_name": "team" }));
    rest("/projects/team/members", json!({ "role_id": 3, "member_user": { "username": "bob" } }));
    let digest = Digest::of(Algorithm::Sha256, b"{}");
    let octets = "application/octet-stream";
    send(Method::POST, &format!("/v2/team/app/blobs/uploads/?digest={digest}"), octets, "{}".to_owned(), 201);
    let image = "application/vnd.oci.image.manifest.v1+json";
    let config =
        json!({ "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": 2 });
    let manifest =
        json!({ "schemaVersion": 2, "mediaType": image, "config": config, "layers": [] }).to_string();
    send(Method::PUT, "/v2/team/app/manifests/v1", image, manifest.clone(), 201);
    manifest
}

/// Signs in and pulls, again and again, until the others are done. Answers how often.
fn work(berth: &Berth, manifest: &str, is_over: &AtomicBool) -> usize {
    let client = client_at(100);
    let mut pulls = 0;
    while !is_over.load(Ordering::Relaxed) {
        let token = client.get(berth.url("/token?scope=repository:team/app:pull"));
        let token = token.basic_auth("bob", Some(PASSWORD)).send().expect("the registry answers");
        assert_eq!(token.status(), 200, "after {pulls} pulls");
        let token: Value = token.json().expect("JSON");
        let token = token["token"].as_str().expect("a token").to_owned();
        for path in ["/v2/team/app/manifests/v1", "/v2/team/app/tags/list"] {
            let answer =
                client.get(berth.url(path)).bearer_auth(&token).send().expect("the registry answers");
            assert_eq!(answer.status(), 200, "{path}, after {pulls} pulls");
            let text = answer.text().expect("a body");
            assert!(!path.contains("manifests") || text == manifest, "{text}");
        }
        pulls += 1;
    }
    pulls
}

#[test]
fn flood_of_wrong_passwords_keeps_nobody_else_out() {
    let berth = Berth::start_with_users(Mode::Gateway);
    let manifest = prepare(&berth);
    let is_over = AtomicBool::new(false);
    let (told, pulls) = thread::scope(|scope| {
        let worker = scope.spawn(|| work(&berth, &manifest, &is_over));
        let each = GUESSES / usize::from(GUESSERS) / CONNECTIONS_EACH;
        let guessers: Vec<_> = (0..usize::from(GUESSERS) * CONNECTIONS_EACH)
            .map(|n| {
                let last = 2 + u8::try_from(n).expect("few") % GUESSERS;
                let berth = &berth;
                scope.spawn(move || guess(berth, last, each))
            })
            .collect();
        let mut told: BTreeMap<u16, usize> = BTreeMap::new();
        for guesser in guessers {
            for (status, count) in guesser.join().expect("the guesser lives") {
                *told.entry(status).or_default() += count;
            }
        }
        is_over.store(true, Ordering::Relaxed);
        (told, worker.join().expect("bob was served throughout"))
    });
    assert!(told.keys().all(|status| [401, 429].contains(status)), "{told:?}");
    assert_eq!(told.values().sum::<usize>(), GUESSES);
    // The count begins anew every five minutes, perhaps in the middle of this. A robot's secret cannot be guessed and is not counted.
    let uncounted = GUESSES / NAMES.len() + usize::from(GUESSERS) * CONNECTIONS_EACH;
    let most = 2 * usize::from(GUESSERS) * MOST_COMPARED_EACH + uncounted;
    assert!(told[&401] <= most, "{told:?}, at most {most} with 401");
    assert!(told[&429] >= GUESSES - most, "{told:?}");
    assert!(pulls > 0, "bob came to nothing");
}
