//! The function as Lambda calls it: events as a Function URL makes them, results as it takes them.

use std::sync::Arc;

use berth_function_management::Function;
use berth_function_registry::{
    Access, Audit, Environment, OriginSecret, Storage, Surroundings, event, lambda_settings, service,
};
use berth_identity::{AccessSettings, Tokens};
use berth_registry::upload::Signer;
use berth_registry::{Config, Delivery};
use berth_testkit::Memory;
use http::Response;
use lambda_http::Body;
use serde_json::{Value, json};

const SECRET: &str = "oooooooooooooooooooooooooooooooo";
const HOST: &str = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws";
/// `admin:correct horse battery`, in the form of Basic.
const ADMIN: &str = "Basic YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5";
/// `admin:wrong`, likewise.
const WRONG: &str = "Basic YWRtaW46d3Jvbmc=";

/// The function and what it demands of an event.
struct Lambda {
    function: Function,
    origin: OriginSecret,
}

impl Lambda {
    fn new(access: Access) -> Self {
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Edge);
        let memory = Arc::new(Memory::new());
        let storage = Storage { ports: memory.ports(), read: memory.clone(), write: memory };
        let service = service(
            storage,
            Surroundings { config, access, settings: lambda_settings(), audit: Audit::default() },
        );
        let function = Function::new(service.administration);
        Self { function, origin: OriginSecret::new(Some(SECRET.to_owned()), None) }
    }

    fn with_users() -> Self {
        Self::new(Access::Projects {
            first_password: Some("correct horse battery".to_owned()),
            tokens: Tokens::new("a key for tests", None).expect("a key"),
            settings: AccessSettings { token_ttl_secs: 300, create_on_push: false },
            environment: Environment::of_key("a key for tests"),
        })
    }

    async fn answer(&self, event: &Value) -> Response<Body> {
        let request = lambda_http::request::from_str(&event.to_string()).expect("an event");
        event::answer(&self.origin, request, |request| self.function.answer(request)).await
    }
}

/// An event as a Function URL makes it of a request to `target`, a path and perhaps a query.
fn request(method: &str, target: &str, authorization: Option<&str>, body: Option<Value>) -> Value {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "isBase64Encoded": false,
        "headers": {
            "host": HOST, "x-forwarded-proto": "https", "x-forwarded-port": "443", "x-berth-origin": SECRET,
            "x-berth-url": "https://registry.example", "x-berth-viewer": "192.0.2.1", "content-type": "application/json",
        },
        "requestContext": {
            "accountId": "anonymous", "apiId": "a", "domainName": HOST, "domainPrefix": "a", "requestId": "r",
            "routeKey": "$default", "stage": "$default", "time": "21/Nov/2026:10:04:05 +0000", "timeEpoch": 1_795_255_445_123_u64,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl" },
        },
    });
    if let Some(authorization) = authorization {
        event["headers"]["authorization"] = json!(authorization);
    }
    if let Some(body) = body {
        event["body"] = json!(body.to_string());
    }
    event
}

fn header<'a>(answer: &'a Response<Body>, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().expect("ASCII"))
}

fn document(answer: &Response<Body>) -> Value {
    let Body::Binary(bytes) = answer.body() else { panic!("no bytes: {answer:?}") };
    serde_json::from_slice(bytes).expect("JSON")
}

#[tokio::test]
async fn a_project_is_made_and_found() {
    let lambda = Lambda::with_users();
    let head =
        |name: &str| request("HEAD", &format!("/api/v2.0/projects?project_name={name}"), Some(ADMIN), None);
    let new = json!({ "project_name": "team" });
    let made = lambda.answer(&request("POST", "/api/v2.0/projects", Some(ADMIN), Some(new))).await;
    assert_eq!(made.status(), 201, "{made:?}");
    assert_eq!(header(&made, "location"), Some("/api/v2.0/projects/1"));

    let found = lambda.answer(&head("team")).await;
    assert_eq!((found.status().as_u16(), header(&found, "x-berth-status")), (200, Some("200")));
    let missing = lambda.answer(&head("nobody")).await;
    assert_eq!((missing.status().as_u16(), header(&missing, "x-berth-status")), (404, None));
    let anonymous = lambda.answer(&request("GET", "/api/v2.0/projects/team", None, None)).await;
    assert_eq!(header(&anonymous, "x-berth-status"), Some("401"), "{anonymous:?}");
}

#[tokio::test]
async fn a_wrong_password_leaves_under_another_name_with_its_body() {
    let told =
        Lambda::with_users().answer(&request("GET", "/api/v2.0/users/current", Some(WRONG), None)).await;
    assert_eq!((told.status().as_u16(), header(&told, "x-berth-status")), (200, Some("401")));
    assert_eq!(document(&told)["errors"][0]["code"], "UNAUTHORIZED");
    assert_eq!(header(&told, "www-authenticate"), None, "a Function URL would rename it");
}

#[tokio::test]
async fn the_viewers_name_of_the_registry_is_shown_and_not_the_functions() {
    let info = Lambda::with_users().answer(&request("GET", "/api/v2.0/systeminfo", Some(ADMIN), None)).await;
    let info = document(&info);
    assert_eq!(info["external_url"], "https://registry.example", "{info}");
    assert_eq!(info["registry_url"], "registry.example");
}

#[tokio::test]
async fn an_event_that_did_not_come_through_the_distribution_is_refused() {
    let lambda = Lambda::with_users();
    for secret in [None, Some(""), Some("pppppppppppppppppppppppppppppppp")] {
        let mut event = request("GET", "/api/v2.0/ping", None, None);
        event["headers"]["x-berth-origin"] = json!(secret.unwrap_or_default());
        if secret.is_none() {
            event["headers"].as_object_mut().expect("headers").remove("x-berth-origin");
        }
        assert_eq!(lambda.answer(&event).await.status(), 403, "{secret:?}");
    }
    assert_eq!(lambda.answer(&request("GET", "/api/v2.0/ping", None, None)).await.status(), 200);
}

#[tokio::test]
async fn paths_of_others_are_nothing_here() {
    let lambda = Lambda::with_users();
    for path in ["/", "/v2/", "/token", "/api", "/api/", "/apix", "/api/../v2/"] {
        for method in ["GET", "POST"] {
            let answer = lambda.answer(&request(method, path, Some(ADMIN), None)).await;
            assert_eq!(answer.status(), 404, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn with_open_access_there_is_nothing_to_administer() {
    let lambda = Lambda::new(Access::Open);
    for path in ["/api/v2.0/ping", "/api/v2.0/projects", "/v2/", "/"] {
        let answer = lambda.answer(&request("GET", path, Some(ADMIN), None)).await;
        assert_eq!(answer.status(), 404, "{path}");
        let error = &document(&answer)["errors"][0];
        assert_eq!(error["code"], "NOT_FOUND");
        assert!(
            error["message"].as_str().is_some_and(|message| message.contains("open to everybody")),
            "{error}"
        );
    }
}
