//! Hostile and broken requests: each gets the right status and code, holds no memory, and leaves nothing visible.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use berth_tests::{Berth, Mode, in_both_modes, sha256_digest};
use serde_json::{Value, json};

in_both_modes!(
    bad_input_requests_get_the_exact_status_and_code,
    bad_input_manifests_get_the_exact_status_and_code,
    bad_input_uploads_get_the_exact_status_and_code_and_leave_nothing,
    bad_input_heads_too_large_are_refused,
    bad_input_a_body_that_breaks_off_leaves_nothing,
    bad_input_half_sent_uploads_hold_little_memory,
);

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const UNKNOWN: &str = "sha256:e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70";

/// Status and code of an answer.
fn told(answer: reqwest::blocking::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let text = answer.text().unwrap_or_default();
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    (status, body["errors"][0]["code"].as_str().unwrap_or_default().to_owned())
}

/// Sends bytes as they are and reads the whole answer.
fn raw(berth: &Berth, request: &[u8]) -> String {
    let mut socket = TcpStream::connect(berth.host()).expect("it listens");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    // The server may close while we still write: its answer is what counts.
    let _ = socket.write_all(request);
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count) = socket.read(&mut chunk) {
        answer.extend_from_slice(&chunk[..count]);
        let head_is_complete = answer.windows(4).any(|window| window == b"\r\n\r\n");
        if count == 0 || (head_is_complete && answer.ends_with(b"}")) {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn status_line(berth: &Berth, method: &str, target: &str) -> String {
    let request =
        format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let answer = raw(berth, request.as_bytes());
    let code = answer.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    format!("{} {code}", answer.split_whitespace().nth(1).unwrap_or("none"))
}

fn bad_input_requests_get_the_exact_status_and_code(mode: Mode) {
    let berth = Berth::shared(mode);
    let table = [
        ("GET", "/v2/../etc/manifests/1", "400 NAME_INVALID"),
        ("GET", "/v2/a/../b/manifests/1", "400 NAME_INVALID"),
        ("GET", "/v2/a%2Fb/manifests/1", "400 NAME_INVALID"),
        ("GET", "/v2/a%2f..%2fb/manifests/1", "400 NAME_INVALID"),
        ("GET", "/v2/a%00b/manifests/1", "400 NAME_INVALID"),
        ("GET", "/v2/%ff%fe/manifests/1", "400 NAME_INVALID"),
        ("GET", "/v2/UPPER/manifests/1", "400 NAME_INVALID"),
        ("GET", "/v2/a//b/manifests/1", "400 NAME_INVALID"),
        ("PUT", "/v2/a/manifests/.bad", "400 TAG_INVALID"),
        ("GET", "/v2/a/manifests/sha256:abc", "400 DIGEST_INVALID"),
        ("GET", "/v2/a/blobs/sha256:abc", "400 DIGEST_INVALID"),
        ("GET", "/v2/a/blobs/md5:d41d8cd98f00b204e9800998ecf8427e", "400 DIGEST_INVALID"),
        ("GET", "/v2/a/manifests/none", "404 MANIFEST_UNKNOWN"),
        ("GET", "/v2/a/tags/list?n=minus", "400 PAGINATION_NUMBER_INVALID"),
        ("GET", "/v2/nobody/here/tags/list", "404 NAME_UNKNOWN"),
        ("POST", "/v2/a/manifests/1", "405 UNSUPPORTED"),
        ("TRACE", "/v2/", "405 UNSUPPORTED"),
        ("GET", "/v2/a", "404 NOT_FOUND"),
        ("GET", "/", "404 NOT_FOUND"),
        ("DELETE", "/v2/a/manifests/none", "404 MANIFEST_UNKNOWN"),
        ("GET", "/v2/a/blobs/uploads/none", "404 BLOB_UPLOAD_UNKNOWN"),
        ("GET", "/v2/a/blobs/uploads/a.99999999999.b", "404 BLOB_UPLOAD_UNKNOWN"),
        ("POST", "/v2/a/blobs/uploads/?mount=sha256:zz&from=b", "400 DIGEST_INVALID"),
    ];
    for (method, target, expected) in table {
        assert_eq!(status_line(berth, method, target), expected, "{method} {target}");
    }
    let name = "n".repeat(300);
    assert_eq!(status_line(berth, "GET", &format!("/v2/{name}/manifests/1")), "400 NAME_INVALID");
    let tags: String = (0..31).fold(String::new(), |mut query, number| {
        write!(query, "&tag=t{number}").expect("a string grows");
        query
    });
    let many_tags = format!("/v2/a/manifests/{UNKNOWN}?{}", &tags[1..]);
    assert_eq!(status_line(berth, "PUT", &many_tags), "414 TAG_INVALID");
}

fn bad_input_manifests_get_the_exact_status_and_code(mode: Mode) {
    let berth = Berth::shared(mode);
    let layer = json!({ "mediaType": "x/y", "digest": UNKNOWN, "size": 1 });
    let image = |fields: Value| {
        let mut body = json!({ "schemaVersion": 2, "mediaType": IMAGE, "config": layer, "layers": [] });
        for (key, value) in fields.as_object().expect("an object") {
            body[key] = value.clone();
        }
        body.to_string()
    };
    let many: Vec<Value> = (0..10_000)
        .map(|number| json!({ "mediaType": "x/y", "digest": sha256_digest(format!("{number}").as_bytes()), "size": 1 }))
        .collect();
    let table = [
        ("not JSON", IMAGE, "no".to_owned(), (400, "MANIFEST_INVALID")),
        ("empty", IMAGE, String::new(), (400, "MANIFEST_INVALID")),
        ("deep", IMAGE, format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), (400, "MANIFEST_INVALID")),
        ("5 MiB", IMAGE, image(json!({ "annotations": { "a": "x".repeat(5 << 20) } })), (413, "")),
        ("10,000 layers", IMAGE, image(json!({ "layers": many })), (400, "MANIFEST_INVALID")),
        ("layers and manifests", IMAGE, image(json!({ "manifests": [] })), (400, "MANIFEST_INVALID")),
        ("another type in the header", INDEX, image(json!({})), (400, "MANIFEST_INVALID")),
        (
            "negative size",
            IMAGE,
            image(json!({ "layers": [{ "mediaType": "x/y", "digest": UNKNOWN, "size": -1 }] })),
            (400, "MANIFEST_INVALID"),
        ),
        (
            "schema 1",
            IMAGE,
            json!({ "schemaVersion": 1, "name": "a", "fsLayers": [] }).to_string(),
            (400, "MANIFEST_INVALID"),
        ),
        ("unknown type", "application/x-own", "{}".to_owned(), (400, "MANIFEST_INVALID")),
        ("missing blob", IMAGE, image(json!({})), (404, "MANIFEST_BLOB_UNKNOWN")),
    ];
    for (what, media_type, body, (status, code)) in table {
        let url = berth.url("/v2/bad/manifests/manifests/1");
        let answer =
            berth.client().put(url).header("content-type", media_type).body(body).send().expect("an answer");
        let (is_status, is_code) = told(answer);
        assert_eq!(is_status, status, "{what}");
        assert!(code.is_empty() || is_code == code, "{what}: {is_code}");
    }
    let url = berth.url("/v2/bad/manifests/tags/list");
    assert_eq!(told(berth.client().get(url).send().expect("an answer")), (404, "NAME_UNKNOWN".to_owned()));
}

fn bad_input_uploads_get_the_exact_status_and_code_and_leave_nothing(mode: Mode) {
    let berth = Berth::shared(mode);
    let client = berth.client();
    let start = || {
        let answer =
            client.post(berth.url("/v2/bad/uploads/blobs/uploads/")).body("").send().expect("an answer");
        berth.url(answer.headers()["location"].to_str().expect("ASCII"))
    };
    let wrong = sha256_digest(b"something else");
    // S3 itself refuses the wrong digest of a single PUT, in its own words; all other ways say it in ours.
    let session = start();
    let answer = client.put(format!("{session}?digest={wrong}")).body("content").send().expect("an answer");
    assert_eq!(answer.status(), 400);
    let at_once = berth.url(&format!("/v2/bad/uploads/blobs/uploads/?digest={wrong}"));
    let answer = client.post(at_once).body("content").send().expect("an answer");
    assert_eq!(told(answer), (400, "DIGEST_INVALID".to_owned()));
    let session = start();
    let answer = client.patch(&session).body("content").send().expect("an answer");
    let next = berth.url(answer.headers()["location"].to_str().expect("ASCII"));
    let answer = client.put(format!("{next}?digest={wrong}")).body("").send().expect("an answer");
    assert_eq!(told(answer), (400, "DIGEST_INVALID".to_owned()));
    assert_eq!(told(client.get(&next).send().expect("an answer")).0, 404, "the upload is over");

    let session = start();
    let patch = |range: &str, body: &'static str| {
        told(client.patch(&session).header("content-range", range).body(body).send().expect("an answer"))
    };
    assert_eq!(patch("5-9", "later"), (416, "RANGE_INVALID".to_owned()));
    assert_eq!(patch("nonsense", "x"), (416, "RANGE_INVALID".to_owned()));
    assert_eq!(patch("0-9", "short"), (400, "SIZE_INVALID".to_owned()));
    assert_eq!(patch("0-1", "longer"), (400, "SIZE_INVALID".to_owned()));
    let status = client.get(&session).send().expect("an answer");
    assert_eq!(
        (status.status().as_u16(), &status.headers()["range"]),
        (204, &"0-0".parse().expect("a value"))
    );
    let answer = client.put(&session).body("").send().expect("an answer");
    assert_eq!(told(answer), (400, "DIGEST_INVALID".to_owned()));
    let other = session.replace("bad/uploads/", "bad/other/");
    assert_eq!(told(client.get(other).send().expect("an answer")), (404, "BLOB_UPLOAD_UNKNOWN".to_owned()));

    for digest in [wrong, sha256_digest(b"content"), sha256_digest(b"short")] {
        let answer =
            client.head(berth.url(&format!("/v2/bad/uploads/blobs/{digest}"))).send().expect("an answer");
        assert_eq!(answer.status(), 404, "{digest}");
    }
}

fn bad_input_heads_too_large_are_refused(mode: Mode) {
    let berth = Berth::shared(mode);
    let many: String = (0..200).fold(String::new(), |mut head, number| {
        write!(head, "x-{number}: y\r\n").expect("a string grows");
        head
    });
    let long = format!("x-long: {}\r\n", "y".repeat(2 << 20));
    for headers in [many, long] {
        let answer = raw(berth, format!("GET /v2/ HTTP/1.1\r\nhost: x\r\n{headers}\r\n").as_bytes());
        let status = answer.split_whitespace().nth(1).unwrap_or("closed");
        assert!(["431", "400", "closed"].contains(&status), "{status}");
    }
    let answer = raw(berth, b"GET \x00\x01 HTTP/9.9\r\n\r\n");
    assert!(!answer.contains(" 200 ") && !answer.contains(" 500 "), "{answer}");
    assert_eq!(status_line(berth, "GET", "/v2/"), "200 ", "it still answers");
}

fn bad_input_a_body_that_breaks_off_leaves_nothing(mode: Mode) {
    let berth = Berth::shared(mode);
    let client = berth.client();
    let body = b"only the beginning of it".to_vec();
    let digest = sha256_digest(&body);
    let start = client.post(berth.url("/v2/bad/broken/blobs/uploads/")).body("").send().expect("an answer");
    let session = start.headers()["location"].to_str().expect("ASCII").to_owned();
    for (method, target) in [
        ("POST", format!("/v2/bad/broken/blobs/uploads/?digest={digest}")),
        ("PUT", format!("{session}?digest={digest}")),
        ("PUT", "/v2/bad/broken/manifests/1".to_owned()),
    ] {
        let mut socket = TcpStream::connect(berth.host()).expect("it listens");
        let head =
            format!("{method} {target} HTTP/1.1\r\nhost: {}\r\ncontent-length: 5000\r\n\r\n", berth.host());
        socket.write_all(head.as_bytes()).expect("a head");
        socket.write_all(&body).expect("a beginning");
        drop(socket);
    }
    // The server notices the lost connections on its own time; what they must not do is ever become visible.
    for _ in 0..20 {
        let answer =
            client.head(berth.url(&format!("/v2/bad/broken/blobs/{digest}"))).send().expect("an answer");
        assert_eq!(answer.status(), 404);
        let answer = client.get(berth.url("/v2/bad/broken/tags/list")).send().expect("an answer");
        assert_eq!(answer.status(), 404);
    }
}

fn bad_input_half_sent_uploads_hold_little_memory(mode: Mode) {
    let berth = Berth::start(mode);
    let start =
        berth.client().post(berth.url("/v2/bad/slow/blobs/uploads/")).body("").send().expect("an answer");
    let session = start.headers()["location"].to_str().expect("ASCII").to_owned();
    let before = berth.resident_bytes();
    let head =
        format!("PATCH {session} HTTP/1.1\r\nhost: {}\r\ncontent-length: 4000000\r\n\r\n", berth.host());
    let sockets: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut socket = TcpStream::connect(berth.host()).expect("it listens");
            socket.write_all(head.as_bytes()).expect("a head");
            socket.write_all(&vec![7; 64 * 1024]).expect("a beginning");
            socket
        })
        .collect();
    assert_eq!(status_line(&berth, "GET", "/v2/"), "200 ", "it still answers");
    let growth = berth.resident_bytes().saturating_sub(before);
    assert!(growth < 64 << 20, "100 stalled uploads of 64 KiB hold {growth} bytes");
    drop(sockets);
}
