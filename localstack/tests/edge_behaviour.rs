//! The edge as the local stack calls it: whole requests and responses, `CloudFront`'s rules, limits and threads.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_local::edge::{
    Decision, Edge, EdgeError, EdgeFunction, KeyValues, Origin, SOURCES, Sources, applies,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderValue, Request, Response, StatusCode, request, response};
use proptest::prelude::*;
use sha2::Sha256;
use std::sync::Arc;
use std::time::Instant;

const KEY: &str = "5f0c1d9be3a7461280b4c6d2e8f19a3b";
const NOW_SECS: u64 = 1_800_000_000;
const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[test]
fn the_behaviours_match_their_path_patterns() {
    for path in
        ["/v2/a/blobs/uploads/x", "/v2/a/b/blobs/uploads/", "/v2//blobs/uploads/x", "/blobs/", "/blobs/x/y"]
    {
        assert!(applies(path), "{path}");
    }
    for path in [
        "/",
        "/v2/",
        "/v2/a/blobs/uploads",
        "/v2/a/blobs/sha256:0",
        "/blobs",
        "/x/blobs/y",
        "/x/v2/a/blobs/uploads/y",
    ] {
        assert!(!applies(path), "{path}");
    }
}

#[test]
fn an_upload_goes_to_s3_without_credentials() {
    let sent = upload("library/alpine", &format!("?ns=x&digest=sha256%3A{HEX}"));
    let (origin, parts) = forwarded(shipped().request(&sent).unwrap());
    assert_eq!(origin, Origin::S3);
    assert_eq!(parts.uri.to_string(), format!("http://registry.example/uploads/library/alpine/sha256/{HEX}"));
    assert_eq!(parts.headers["x-amz-checksum-sha256"], "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=");
    assert_eq!(parts.headers["content-length"], "4");
    assert!(!parts.headers.contains_key("authorization") && !parts.headers.contains_key("cookie"));
    for request in [sent, parts] {
        let mut answer =
            response(200, &[("etag", "\"e\""), ("x-amz-request-id", "1"), ("content-length", "0")]);
        shipped().response(&request, &mut answer).unwrap();
        assert_eq!(answer.status, StatusCode::CREATED);
        assert_eq!(answer.headers["location"], format!("/v2/library/alpine/blobs/sha256:{HEX}"));
        assert_eq!(answer.headers["docker-content-digest"], format!("sha256:{HEX}"));
        assert!(!answer.headers.contains_key("etag") && !answer.headers.contains_key("x-amz-request-id"));
    }
}

#[test]
fn what_the_function_leaves_alone_keeps_its_bytes() {
    let uri = "/v2/library/alpine/blobs/uploads/x?b=2&a=1&a=%41&b&&=";
    let mut sent = parts(Request::get(uri).header("Cookie", "z=1; a=2").header("cookie", "z=3"));
    sent.headers.insert("x-latin", HeaderValue::from_bytes(b"caf\xe9").unwrap());
    let edge = edge(
        "function handler(event) { event.request.headers['x-new'] = {value: 'n'}; return event.request; }",
    );
    let (origin, mut forwarded) = forwarded(edge.request(&sent).unwrap());
    assert_eq!(origin, Origin::Registry);
    assert_eq!(forwarded.headers.remove("x-new").unwrap(), "n");
    assert_eq!((forwarded.uri, forwarded.headers), (sent.uri, sent.headers));
}

#[test]
fn a_rewritten_request_carries_every_value() {
    let edge = edge(
        "function handler(event) {
            const request = event.request;
            request.uri = '/new';
            request.querystring.a.multiValue.push({value: '3'});
            request.headers['x-two'] = {value: '1', multiValue: [{value: '1'}, {value: '2'}]};
            delete request.headers['x-old'];
            delete request.cookies.z;
            return request;
        }",
    );
    let sent =
        parts(Request::get("/blobs/x?b=2&a=1&a=2").header("x-old", "1").header("cookie", "z=1; y=2; x"));
    let (_, parts) = forwarded(edge.request(&sent).unwrap());
    assert_eq!(parts.uri, "/new?a=1&a=2&a=3&b=2");
    assert_eq!(parts.headers.get_all("x-two").iter().collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(parts.headers["cookie"], "x=; y=2");
    assert!(!parts.headers.contains_key("x-old"));
}

#[test]
fn a_refusal_is_an_oci_error() {
    let sent = parts(Request::get(format!("/blobs/sha256:{HEX}/1.{}", "A".repeat(43))));
    let Decision::Respond(answer) = shipped().request(&sent).unwrap() else { panic!("forwarded") };
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["docker-distribution-api-version"], "registry/2.0");
    let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body["errors"][0]["code"], "DENIED");
}

#[test]
fn errors_of_the_origin_pass_by_the_response_function() {
    let edge =
        edge_of(Sources { viewer_response: "function handler() { throw new Error('called'); }", ..SOURCES });
    let sent = upload("a", "");
    for status in [400, 403, 404, 500, 503] {
        let mut answer = response(status, &[("x-amz-request-id", "1")]);
        edge.response(&sent, &mut answer).unwrap();
        assert_eq!((answer.status.as_u16(), answer.headers.len()), (status, 1));
    }
    for status in [200, 206, 304, 399] {
        let mut answer = response(status, &[]);
        assert!(matches!(edge.response(&sent, &mut answer), Err(EdgeError::Failed(_))), "{status}");
    }
}

#[test]
fn what_cloudfront_forbids_fails() {
    type Check = fn(&EdgeError) -> bool;
    let read_only: Check = |error| matches!(error, EdgeError::ReadOnly(_));
    let disallowed: Check = |error| matches!(error, EdgeError::Disallowed(_));
    let malformed: Check = |error| matches!(error, EdgeError::Malformed(_));
    let failed: Check = |error| matches!(error, EdgeError::Failed(_));
    let unknown: Check = |error| matches!(error, EdgeError::UnknownOrigin(_));
    let cases: &[(&str, Check)] = &[
        ("event.request.method = 'POST'", read_only),
        ("event.request.headers.host = {value: 'other'}", read_only),
        ("delete event.request.headers['content-length']", read_only),
        ("event.request.headers['transfer-encoding'] = {value: 'chunked'}", read_only),
        ("event.request.headers.Via = {value: 'x'}", read_only),
        ("event.request.headers.connection = {value: 'close'}", disallowed),
        ("event.request.headers['X-Amz-Cf-Id'] = {value: 'x'}", disallowed),
        ("event.request.headers['x-edge-a'] = {value: 'x'}", disallowed),
        ("event.request.headers.cookie = {value: 'a=b'}", disallowed),
        ("event.request.headers['a b'] = {value: 'x'}", malformed),
        ("event.request.headers.a = {value: 'x\\r\\ny: z'}", malformed),
        ("event.request.headers.a = {value: 1}", malformed),
        ("event.request.uri = 'x'", malformed),
        ("event.request.uri = '/a b'", malformed),
        ("event.request = null", malformed),
        ("event.request = {statusCode: 42}", malformed),
        ("event.request = {statusCode: 200, body: {encoding: 'gzip', data: ''}}", malformed),
        ("cf.selectRequestOriginById('other')", unknown),
        ("throw new Error('x')", failed),
        ("await new Promise(() => {})", failed),
        ("await cf.kvs().get('absent')", failed),
        ("require('fs')", failed),
        ("eval('1')", failed),
    ];
    for (code, is_expected) in cases {
        let source = format!(
            "import cf from 'cloudfront';\nasync function handler(event) {{ {code}; return event.request; }}"
        );
        let sent = parts(Request::put("/blobs/x").header("host", "h").header("content-length", "1"));
        let error = edge(&source).request(&sent).expect_err(code);
        assert!(is_expected(&error), "{code}: {error}");
    }
}

#[test]
fn reserved_headers_are_not_shown() {
    let edge = edge(
        "function handler(event) {
            const names = Object.keys(event.request.headers).join();
            return {statusCode: 200, body: names + ' ' + JSON.stringify(event.request.cookies)};
        }",
    );
    let sent = parts(
        Request::get("/blobs/x").header("Accept", "1").header("connection", "2").header("x-edge-a", "3"),
    );
    let Decision::Respond(answer) = edge.request(&sent).unwrap() else { panic!("forwarded") };
    assert_eq!(answer.body(), "accept {}");
}

#[test]
fn a_function_that_does_not_load_is_refused() {
    let large = format!("function handler(event) {{ return event.request; }} //{}", "x".repeat(10_240));
    for source in
        ["function other() {}", "function handler( {", "throw new Error('x');", "import x from 'fs';", &large]
    {
        let error = EdgeFunction::load(source, Arc::default()).err();
        assert!(matches!(error, Some(EdgeError::Load(_))), "{source}");
    }
}

#[test]
fn a_runaway_call_ends_and_the_next_one_works() {
    let function = EdgeFunction::load(
        "const hoard = [];
        async function handler(event) {
            if (event === 'loop') { for (;;) {} }
            if (event === 'jobs') { for (;;) { await null; } }
            if (event === 'hoard') { for (;;) { hoard.push('x'.repeat(1000) + hoard.length); } }
            if (event === 'deep') { return (function deeper(n) { return deeper(n + 1) + 1; })(0); }
            if (event === 'regex') { return /^(a+)+$/.test('a'.repeat(40) + 'b'); }
            return hoard.length;
        }",
        Arc::default(),
    )
    .unwrap();
    for event in ["loop", "jobs", "hoard", "deep", "regex"] {
        assert!(matches!(function.call(&format!("\"{event}\""), 0), Err(EdgeError::Failed(_))), "{event}");
        assert_eq!(function.call("\"well\"", 0).unwrap().result, 0, "after {event}");
    }
}

#[test]
fn the_clock_stands_where_the_caller_set_it() {
    let function = EdgeFunction::load(
        "async function handler() { return [Date.now(), new Date().getTime(), new Date(5).getTime(), typeof setTimeout]; }",
        Arc::default(),
    )
    .unwrap();
    for now_ms in [1_800_000_000_123_u64, 7] {
        let outcome = function.call("null", now_ms).unwrap();
        assert_eq!(outcome.result, serde_json::json!([now_ms, now_ms, 5, "undefined"]));
    }
}

#[test]
fn the_runtime_encodes_and_signs_as_documented() {
    let cases = [
        ("Buffer.from('ff00A1', 'hex').toString('base64')", "/wCh"),
        ("Buffer.from('_wCh', 'base64url').toString('hex')", "ff00a1"),
        ("Buffer.from('/wCh', 'base64').toString('base64url')", "_wCh"),
        ("Buffer.from([104, 105]).toString()", "hi"),
        ("String(Buffer.from('é').length)", "2"),
        ("atob(btoa('text'))", "text"),
        // RFC 4231, test case 2.
        (
            "require('crypto').createHmac('sha256', 'Jefe').update('what do ya want ').update('for nothing?').digest('hex')",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            "require('crypto').createHmac('sha256', Buffer.from('4a656665', 'hex')).update('what do ya want for nothing?')
                .digest().toString('base64url')",
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM",
        ),
    ];
    for (expression, expected) in cases {
        let source = format!("function handler() {{ return {expression}; }}");
        let function = EdgeFunction::load(&source, Arc::default()).unwrap();
        assert_eq!(function.call("null", 0).unwrap().result, expected, "{expression}");
    }
}

#[test]
fn many_threads_share_one_edge() {
    let edge = shipped();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let edge = &edge;
            scope.spawn(move || {
                for round in 0..50 {
                    let name = format!("t{thread}/r{round}");
                    let (origin, parts) =
                        forwarded(edge.request(&upload(&name, &format!("?digest=sha256:{HEX}"))).unwrap());
                    assert_eq!(
                        (origin, parts.uri.path()),
                        (Origin::S3, &*format!("/uploads/{name}/sha256/{HEX}"))
                    );
                }
            });
        }
    });
}

/// Prints the time of one call: `cargo test --release -p berth-local --test edge_behaviour -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a check"]
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
fn time_per_call() {
    const CALLS: u32 = 20_000;
    let edge = shipped();
    let (signed, other) =
        (upload("library/alpine", &format!("?digest=sha256:{HEX}")), parts(Request::get("/v2/")));
    for (name, sent) in [("signed upload", signed), ("left alone", other)] {
        let start = Instant::now();
        for _ in 0..CALLS {
            edge.request(&sent).unwrap();
        }
        eprintln!("{name}: {:?} per call", start.elapsed() / CALLS);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_session_is_good_for_its_repository_and_no_other(
        name in "[a-z0-9]{1,8}([._/-][a-z0-9]{1,8}){0,4}",
        other in "[a-z0-9]{1,8}([._/-][a-z0-9]{1,8}){0,4}",
    ) {
        let edge = shipped();
        let query = format!("?digest=sha256:{HEX}");
        let (origin, _) = forwarded(edge.request(&upload(&name, &query)).unwrap());
        prop_assert_eq!(origin, Origin::S3);
        let sent = put(&other, &session(&name), &query);
        let refused = matches!(edge.request(&sent).unwrap(), Decision::Respond(_));
        prop_assert_eq!(refused, name != other);
    }

    #[test]
    fn no_blob_path_reaches_s3_unsigned(path in "/blobs/[ -~]{0,120}", range in "[ -~]{0,20}") {
        let request = Request::get(path.replace(' ', "%20")).header("range", range).body(());
        if let Ok(request) = request {
            let decision = shipped().request(&request.into_parts().0).unwrap();
            prop_assert!(matches!(decision, Decision::Respond(_)));
        }
    }
}

fn shipped() -> Edge {
    edge_of(SOURCES)
}

fn edge(viewer_request: &str) -> Edge {
    edge_of(Sources { viewer_request, ..SOURCES })
}

fn edge_of(sources: Sources<'_>) -> Edge {
    let values = KeyValues::from([("mac:current".to_owned(), KEY.to_owned())]);
    Edge::new(sources, values, Arc::new(|| NOW_SECS * 1000)).expect("loads")
}

/// A signed PUT of four bytes.
fn upload(name: &str, query: &str) -> request::Parts {
    put(name, &session(name), query)
}

fn put(name: &str, session: &str, query: &str) -> request::Parts {
    let uri = format!("http://registry.example/v2/{name}/blobs/uploads/{session}{query}");
    let request = Request::put(uri).header("authorization", "Bearer x").header("cookie", "a=b");
    parts(request.header("content-length", "4"))
}

fn session(name: &str) -> String {
    let expiry = NOW_SECS + 60;
    format!("id.{expiry}.{}", sign(&format!("upload\n{name}\nid\n{expiry}")))
}

fn sign(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

fn parts(request: request::Builder) -> request::Parts {
    request.body(()).expect("a request").into_parts().0
}

fn response(status: u16, headers: &[(&'static str, &'static str)]) -> response::Parts {
    let builder = Response::builder().status(status);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(()).expect("a response").into_parts().0
}

fn forwarded(decision: Decision) -> (Origin, request::Parts) {
    match decision {
        Decision::Forward { origin, parts } => (origin, parts),
        Decision::Respond(answer) => panic!("answered {}: {:?}", answer.status(), answer.body()),
    }
}
