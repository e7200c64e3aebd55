//! No line holds a secret, wherever a client puts it.

use berth_audit::{Event, Line};
use proptest::prelude::*;

use crate::door::{World, basic};

/// Looks like nothing else in a line.
const MARK: &str = "s3cr3tMarkerZ";

/// A request with the marker where secrets are: method, path, header, body.
fn requests(name: &str, prefix: &str) -> Vec<(&'static str, String, Option<String>, String)> {
    let secret = format!("{prefix}{MARK}");
    let encoded: String = form(&secret);
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let mut requests = vec![
        ("GET", "/token".to_owned(), Some(basic(name, &secret)), String::new()),
        ("GET", format!("/token?password={encoded}"), Some(basic("reader", "wrong")), String::new()),
        (
            "GET",
            format!("/token?scope={encoded}&account={encoded}"),
            Some(basic("locked", &secret)),
            String::new(),
        ),
        ("POST", "/token".to_owned(), None, format!("username=reader&password={encoded}")),
        (
            "POST",
            "/token".to_owned(),
            None,
            format!("username=locked&password={encoded}&refresh_token={encoded}"),
        ),
        ("GET", "/v2/".to_owned(), Some(basic(name, &secret)), String::new()),
        (
            "GET",
            format!("/v2/team/app/manifests/1?{encoded}"),
            Some("Bearer good:writer".to_owned()),
            String::new(),
        ),
        ("PUT", "/v2/team/app/manifests/1".to_owned(), Some("Bearer good:writer".to_owned()), secret.clone()),
        (
            "DELETE",
            format!("/v2/team/app/manifests/1?x={encoded}"),
            Some("Bearer good:reader".to_owned()),
            secret,
        ),
        (
            "PUT",
            format!("/v2/team/app/blobs/uploads/{MARK}.1.x?digest=x"),
            Some("Bearer good:reader".to_owned()),
            String::new(),
        ),
    ];
    if plain(prefix) {
        requests.push(("GET", "/v2/".to_owned(), Some(format!("Bearer {prefix}{MARK}")), String::new()));
    }
    requests
}

fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The lines that these requests leave, and how many there are.
fn lines(name: &str, prefix: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let world = World::new();
        world.pushed().await;
        for (method, path, authorization, body) in requests(name, prefix) {
            let authorization = authorization.as_deref().map(|value| ("authorization", value));
            world.send(method, &path, authorization.as_slice(), body).await;
        }
        let happenings = world.happenings();
        happenings.into_iter().map(|happening| Line::new(0, Event::from(happening)).to_json()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_holds_what_a_client_keeps_secret(name in "[a-z][a-z0-9]{0,20}", prefix in "\\PC{0,20}") {
        let lines = lines(&name, &prefix);
        // The refusals, the pull, the push and the delete are all there.
        prop_assert!(lines.len() >= 8, "{lines:#?}");
        for line in lines {
            prop_assert!(!line.contains(MARK), "{line}");
            prop_assert!(!line.contains(&basic(&name, MARK)[6..]), "{line}");
        }
    }
}
