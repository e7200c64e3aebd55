//! The function as Lambda calls it: events as a Function URL makes them, results as it takes them.

use std::sync::Arc;

use berth_function_registry::{
    Access, Audit, Environment, OriginSecret, Storage, Surroundings, event, lambda_settings, service,
};
use berth_http::Oci;
use berth_identity::{AccessSettings, Tokens};
use berth_registry::upload::Signer;
use berth_registry::{Config, Delivery};
use berth_testkit::Memory;
use http::Response;
use lambda_http::Body;

struct Function {
    oci: Oci,
    origin: OriginSecret,
}

impl Function {
    fn new(access: Access) -> Self {
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Edge);
        let memory = Arc::new(Memory::new());
        let storage = Storage { ports: memory.ports(), read: memory.clone(), write: memory };
        let service = service(
            storage,
            Surroundings { config, access, settings: lambda_settings(), audit: Audit::default() },
        );
        Self { oci: service.oci, origin: OriginSecret::new(Some("o".repeat(64)), None) }
    }

    async fn answer(&self, event: &str) -> Response<Body> {
        let request = lambda_http::request::from_str(event).expect("an event");
        event::answer(&self.origin, request, |request| self.oci.answer(request)).await
    }
}

fn with_users() -> Access {
    Access::Projects {
        first_password: Some("correct horse battery".to_owned()),
        tokens: Tokens::new("a key for tests", None).expect("a key"),
        settings: AccessSettings { token_ttl_secs: 300, create_on_push: false },
        environment: Environment::of_key("a key for tests"),
    }
}

fn header<'a>(answer: &'a Response<Body>, name: &str) -> &'a str {
    answer.headers().get(name).unwrap_or_else(|| panic!("no {name}: {answer:?}")).to_str().expect("ASCII")
}

const GET_BASE: &str = include_str!("events/get-base.json");
const POST_BLOB: &str = include_str!("events/post-blob.json");
const HEAD_BLOB: &str = include_str!("events/head-blob.json");
const PUT_MANIFEST: &str = include_str!("events/put-manifest.json");
const GET_MANIFEST: &str = include_str!("events/get-manifest.json");
const GET_TOKEN: &str = include_str!("events/get-token.json");

#[tokio::test]
async fn a_push_and_a_pull_are_answered() {
    let function = Function::new(Access::Open);
    assert_eq!(function.answer(GET_BASE).await.status(), 200);
    assert_eq!(function.answer(POST_BLOB).await.status(), 201);

    let head = function.answer(HEAD_BLOB).await;
    assert_eq!((head.status().as_u16(), header(&head, "x-berth-status")), (200, "200"));
    assert_eq!(header(&head, "x-berth-content-length"), "7");

    let put = function.answer(PUT_MANIFEST).await;
    assert_eq!(put.status(), 201, "{put:?}");
    assert_eq!(header(&put, "oci-tag"), "one, two", "a result has one value for each name");

    let get = function.answer(GET_MANIFEST).await;
    assert_eq!(get.status(), 200);
    assert_eq!(header(&get, "content-type"), "application/vnd.oci.image.manifest.v1+json");
    let Body::Binary(body) = get.body() else { panic!("the body is text: {get:?}") };
    assert!(body.starts_with(b"{\"schemaVersion\": 2"));
}

#[tokio::test]
async fn a_challenge_leaves_under_other_names_and_names_the_host_of_the_viewer() {
    let function = Function::new(with_users());
    let challenged = function.answer(GET_BASE).await;
    assert_eq!((challenged.status().as_u16(), header(&challenged, "x-berth-status")), (200, "401"));
    let challenge = header(&challenged, "x-berth-www-authenticate");
    assert_eq!(challenge, r#"Bearer realm="https://registry.example/token",service="registry.example""#);
    assert!(!challenged.headers().contains_key("www-authenticate"));
    assert_eq!(function.answer(GET_TOKEN).await.status(), 200);
}

#[tokio::test]
async fn an_event_that_did_not_come_through_the_distribution_is_refused() {
    let function = Function::new(Access::Open);
    for event in
        [GET_BASE.replace("x-berth-origin", "x-other"), GET_BASE.replace(&"o".repeat(64), &"p".repeat(64))]
    {
        let refused = function.answer(&event).await;
        assert_eq!(refused.status(), 403);
    }
}

/// What clients and proxies say about the host reaches the function, and says nothing here.
#[tokio::test]
async fn forged_headers_give_the_registry_no_other_name() {
    let function = Function::new(with_users());
    let forged = r#""x-forwarded-host": "evil.example", "forwarded": "host=evil.example;proto=http",
        "x-original-host": "evil.example", "x-host": "evil.example", "x-amzn-remapped-host": "evil.example", "#;
    let forge = |event: &str| {
        let event = event.replace(r#""x-forwarded-proto": "https","#, r#""x-forwarded-proto": "http","#);
        event.replacen(r#""headers": {"#, &format!(r#""headers": {{ {forged}"#), 1)
    };
    let challenged = function.answer(&forge(GET_BASE)).await;
    assert_eq!(
        header(&challenged, "x-berth-www-authenticate"),
        r#"Bearer realm="https://registry.example/token",service="registry.example""#
    );
    let told = function.answer(&forge(GET_TOKEN)).await;
    let Body::Binary(body) = told.body() else { panic!("no bytes: {told:?}") };
    let body = String::from_utf8_lossy(body);
    let token = body.split(r#""token":""#).nth(1).and_then(|rest| rest.split('"').next());
    let token = format!("Bearer {}", token.expect("a token"));
    let with_token = |host: &str| {
        let event = forge(GET_BASE).replace("https://registry.example", &format!("https://{host}"));
        event.replacen(r#""headers": {"#, &format!(r#""headers": {{ "authorization": "{token}", "#), 1)
    };
    let here = function.answer(&with_token("registry.example")).await;
    assert!(here.status() == 200 && !here.headers().contains_key("x-berth-status"), "the control: {here:?}");
    let elsewhere = function.answer(&with_token("evil.example")).await;
    assert_eq!(header(&elsewhere, "x-berth-status"), "401", "{elsewhere:?}");
}
