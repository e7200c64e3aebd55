//! The relay, spoken to directly.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use berth_tests::{Berth, Mode, Relay, SeededBytes, sha256_digest};
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use serde_json::Value;

use crate::place::{Place, finish};
use crate::stub::{Reply, Stub};

const BLOB_BYTES: usize = 3_000_000;

fn client() -> Client {
    Client::new()
}

fn start(relay: &Relay, name: &str) -> String {
    let answer = client().post(relay.url(&format!("/v2/{name}/blobs/uploads/"))).send().expect("an answer");
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    relay.url(header(&answer, "location"))
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).unwrap_or_else(|| panic!("{name} is missing")).to_str().expect("ASCII")
}

fn error_code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().expect("an OCI error");
    (status, body["errors"][0]["code"].as_str().expect("a code").to_owned())
}

#[test]
fn relay_keeps_what_came_before_a_client_broke_off() {
    let berth = Berth::shared(Mode::LambdaLimits);
    let relay = Relay::start(berth.host(), &[]);
    let blob = SeededBytes::take_vec("relay interrupted", BLOB_BYTES);
    let (digest, half) = (sha256_digest(&blob), BLOB_BYTES / 2);
    let upload = start(&relay, "relay/interrupted");
    let path = upload.split_once(relay.host()).expect("an URL of the relay").1;

    let mut socket = TcpStream::connect(relay.host()).expect("the relay listens");
    let head =
        format!("PATCH {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {BLOB_BYTES}\r\n\r\n", relay.host());
    socket.write_all(head.as_bytes()).expect("the relay reads");
    socket.write_all(&blob[..half]).expect("the relay reads");
    socket.shutdown(Shutdown::Write).expect("the socket is open");
    let _ = socket.read_to_end(&mut Vec::new());

    let status = client().get(&upload).send().expect("an answer");
    assert_eq!(status.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&status, "range"), format!("0-{}", half - 1));
    let chunk = |first: usize| {
        let range = format!("{first}-{}", BLOB_BYTES - 1);
        client()
            .patch(&upload)
            .header("content-range", range)
            .body(blob[first..].to_vec())
            .send()
            .expect("an answer")
    };
    assert_eq!(chunk(half + 1).status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(chunk(half).status(), StatusCode::ACCEPTED);
    let done = client().put(format!("{upload}?digest={digest}")).send().expect("an answer");
    assert_eq!(done.status(), StatusCode::CREATED);
    assert_eq!(header(&done, "docker-content-digest"), digest);
    let path = format!("/v2/relay/interrupted/blobs/{digest}");
    assert_eq!(header(&done, "location"), path);
    for url in [berth.url(&path), relay.url(&path)] {
        assert_eq!(client().get(url).send().expect("an answer").bytes().expect("a blob"), blob);
    }
    let part = client().get(relay.url(&path)).header("range", "bytes=10-19").send().expect("an answer");
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes().expect("a part"), blob[10..20]);
}

#[test]
fn relay_refuses_a_wrong_digest_and_sends_nothing() {
    let berth = Berth::shared(Mode::LambdaLimits);
    let relay = Relay::start(berth.host(), &[]);
    let upload = start(&relay, "relay/wrong");
    let wrong = sha256_digest(b"another");
    let answer = client().put(format!("{upload}?digest={wrong}")).body("content").send().expect("an answer");
    assert_eq!(error_code(answer), (400, "DIGEST_INVALID".to_owned()));
    let answer = client().put(format!("{upload}?digest={wrong}")).body("content").send().expect("an answer");
    assert_eq!(error_code(answer), (404, "BLOB_UPLOAD_UNKNOWN".to_owned()));
    let blob = relay.url(&format!("/v2/relay/wrong/blobs/{wrong}"));
    assert_eq!(client().head(blob).send().expect("an answer").status(), StatusCode::NOT_FOUND);
    let answer = client().put(start(&relay, "relay/wrong")).body("content").send().expect("an answer");
    assert_eq!(error_code(answer), (400, "DIGEST_INVALID".to_owned()));
}

#[test]
fn relay_takes_uploads_of_every_kind() {
    let berth = Berth::shared(Mode::LambdaLimits);
    let relay = Relay::start(berth.host(), &[]);
    let uploads = "/v2/relay/kinds/blobs/uploads/";
    let digest = sha256_digest(b"at once");
    let url = relay.url(&format!("{uploads}?digest={digest}"));
    assert_eq!(client().post(url).body("at once").send().expect("an answer").status(), StatusCode::CREATED);
    let empty = format!("{}?digest={}", start(&relay, "relay/kinds"), sha256_digest(b""));
    assert_eq!(client().put(empty).send().expect("an answer").status(), StatusCode::CREATED);

    let mount = relay.url(&format!("/v2/relay/mounted/blobs/uploads/?mount={digest}&from=relay/kinds"));
    assert_eq!(client().post(mount).send().expect("an answer").status(), StatusCode::CREATED);
    let mounted = relay.url(&format!("/v2/relay/mounted/blobs/{digest}"));
    let found = client().head(mounted).send().expect("an answer");
    assert_eq!((found.status(), header(&found, "content-length")), (StatusCode::OK, "7"));

    let cancelled = start(&relay, "relay/kinds");
    assert_eq!(client().delete(&cancelled).send().expect("an answer").status(), StatusCode::NO_CONTENT);
    assert_eq!(client().get(&cancelled).send().expect("an answer").status(), StatusCode::NOT_FOUND);
    let answer = client().post(relay.url("/v2/UPPER/blobs/uploads/")).send().expect("an answer");
    assert_eq!(error_code(answer), (400, "NAME_INVALID".to_owned()));
}

#[test]
fn relay_says_when_its_disk_is_full() {
    let berth = Berth::shared(Mode::LambdaLimits);
    // No file may exceed 1 MB: what a full disk looks like without filling one.
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 2000; exec \"$@\"", "sh"];
    let relay = Relay::start_by(&limited, berth.host(), &[]);
    let upload = start(&relay, "relay/full");
    let answer = client().patch(&upload).body(vec![7; BLOB_BYTES]).send().expect("an answer");
    assert_eq!(answer.status(), StatusCode::INSUFFICIENT_STORAGE);
    assert!(answer.text().expect("a body").contains("--spool"));
    assert_eq!(client().get(relay.url("/v2/")).send().expect("an answer").status(), StatusCode::OK);
}

#[test]
fn relay_uses_its_own_credentials_and_shows_refusals() {
    let denied = r#"{"errors":[{"code":"DENIED","message":"ask an admin"}]}"#;
    let stub = Stub::start(move |seen, _| match seen.header("authorization") {
        Some("Basic YW5uOnNlY3JldA==") if seen.path.contains("/denied/") => {
            Some(Reply::new(403).body(denied))
        }
        Some("Basic YW5uOnNlY3JldA==") if seen.path.contains("/expired/") => Some(Reply::new(401)),
        Some("Basic YW5uOnNlY3JldA==") => None,
        _ => Some(Reply::new(401).header("WWW-Authenticate: Basic realm=\"x\"")),
    });
    let starter = ["env", "BERTH_USERNAME=ann", "BERTH_PASSWORD=secret"];
    let relay = Relay::start_by(&starter, &stub.host, &[]);
    let request = client().get(relay.url("/v2/a/tags/list")).header("authorization", "Basic eDp5");
    assert_eq!(request.send().expect("an answer").status(), StatusCode::OK);
    let refused = client().post(relay.url("/v2/denied/blobs/uploads/")).send().expect("an answer");
    assert_eq!(error_code(refused), (403, "DENIED".to_owned()));
    let expired = client().get(relay.url("/v2/expired/tags/list")).send().expect("an answer");
    assert!(!expired.headers().contains_key("www-authenticate"), "the client has nothing to log in to");
    assert_eq!(error_code(expired), (403, "DENIED".to_owned()));
    assert!(stub.seen().iter().all(|seen| seen.header("authorization") != Some("Basic eDp5")));
    assert!(!relay.process().log().contains("secret"));
}

#[test]
fn relay_is_for_this_machine() {
    let berth = Berth::shared(Mode::LambdaLimits);
    let relay = Relay::start(berth.host(), &[]);
    let request = client().get(relay.url("/v2/")).header("host", "attacker.test:5001");
    assert_eq!(error_code(request.send().expect("an answer")), (403, "DENIED".to_owned()));

    let place = Place::new();
    let mut command = place.berth(["relay", "--json", "--port=0", "--to", berth.host()]);
    let mut command = {
        let mut timeout = std::process::Command::new("timeout");
        timeout.args(["--signal=TERM", "2"]).arg(command.get_program()).args(command.get_args());
        command = timeout;
        command
    };
    let stopped = finish(command.env("DOCKER_CONFIG", place.path("")));
    let listening = &stopped.events()[0];
    assert_eq!(listening["event"], "listening");
    assert!(listening["url"].as_str().expect("a URL").starts_with("http://127.0.0.1:"), "{listening}");
    assert_eq!(listening["to"], format!("http://{}", berth.host()).as_str());
}
