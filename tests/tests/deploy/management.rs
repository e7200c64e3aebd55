//! Harbor's REST API through the distribution: administered there, held by the registry function.

use berth_tests::sha256_digest;
use reqwest::Method;
use reqwest::blocking::{RequestBuilder, Response};
use reqwest::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::push::{Repository, header, refused, send};
use crate::sign_in::only_the_distribution_reaches;
use crate::stack::Stack;

const PASSWORD: &str = "Password1";

/// A request to the API by somebody; `path` begins behind its version.
fn request(stack: &Stack, method: Method, path: &str, who: Option<(&str, &str)>) -> RequestBuilder {
    let request = stack.berth.client().request(method, stack.berth.url(&format!("/api/v2.0/{path}")));
    match who {
        Some((user, password)) => request.basic_auth(user, Some(password)),
        None => request,
    }
}

/// The same by the administrator, and its answer, which must come from our function.
pub(crate) fn ask(stack: &Stack, method: Method, path: &str, body: Option<Value>) -> Response {
    let password = stack.password();
    let request = request(stack, method, path, Some(("admin", &password)));
    let answer = send(match body {
        Some(body) => request.json(&body),
        None => request,
    });
    assert!(answer.headers().contains_key("x-berth-version"), "{answer:?}\n{}", stack.berth.log_tail());
    answer
}

/// Panics unless something was made; gives its path.
pub(crate) fn make(stack: &Stack, path: &str, body: Value) -> String {
    let answer = ask(stack, Method::POST, path, Some(body));
    assert_eq!(answer.status(), 201, "{path}: {answer:?}\n{}", stack.berth.log_tail());
    header(&answer, "location")
}

#[test]
fn a_developer_made_by_rest_pushes() {
    let stack = Stack::guarded();
    let (project, user) = ("rest-push", "rest-developer");
    let location = make(stack, "projects", json!({ "project_name": project }));
    assert!(location.starts_with("/api/v2.0/projects/"), "{location}");
    let email = format!("{user}@registry.test");
    let person = json!({ "username": user, "realname": user, "email": email, "password": PASSWORD });
    make(stack, "users", person);

    let name = format!("{project}/app");
    let push = |token: &str| {
        let repository = Repository { berth: &stack.berth, name: &name, credentials: Some(token) };
        send(repository.request(Method::POST, "blobs/uploads/").body("")).status().as_u16()
    };
    assert_eq!(push(&stack.bearer_of(user, PASSWORD, &name)), 403, "not yet a member");
    let membership = json!({ "role_id": 2, "member_user": { "username": user } });
    let member = make(stack, &format!("projects/{project}/members"), membership);

    let token = stack.bearer_of(user, PASSWORD, &name);
    let repository = Repository { berth: &stack.berth, name: &name, credentials: Some(&token) };
    let layer = b"pushed by a developer";
    repository.push_blob(layer);
    repository.push_manifest("v1", &[layer]);
    assert_eq!(repository.pull_blob(&sha256_digest(layer)), layer);
    assert_eq!(repository.pull_manifest("v1")["layers"][0]["digest"], sha256_digest(layer));
    let shown: Value = ask(stack, Method::GET, &format!("projects/{project}"), None).json().expect("JSON");
    assert_eq!((&shown["name"], &shown["repo_count"]), (&json!(project), &json!(1)), "{shown}");

    let path = member.strip_prefix("/api/v2.0/").expect("the API is where it says");
    assert_eq!(ask(stack, Method::DELETE, path, None).status(), 200);
    assert_eq!(push(&stack.bearer_of(user, PASSWORD, &name)), 403, "no longer a member");
}

/// A Function URL and CloudFront would lose it.
#[test]
fn a_wrong_password_is_told_with_a_body() {
    let stack = Stack::guarded();
    // Not the administrator's name: too many wrong passwords would keep him out of the other tests.
    let wrong = Some(("rest-nobody", "a wrong password"));
    for (method, who) in [(Method::GET, wrong), (Method::POST, wrong), (Method::GET, None)] {
        let answer = send(request(stack, method, "users", who));
        assert!(!answer.headers().contains_key(WWW_AUTHENTICATE), "Harbor does not challenge: {answer:?}");
        assert!(!answer.headers().contains_key("x-berth-status"), "{answer:?}");
        assert_eq!(header(&answer, CONTENT_TYPE.as_str()), "application/json; charset=utf-8");
        assert!(answer.headers().contains_key("x-berth-version"), "{answer:?}");
        refused(answer, 401, "UNAUTHORIZED");
    }
}

#[test]
fn a_head_tells_whether_there_is_a_project() {
    let stack = Stack::guarded();
    make(stack, "projects", json!({ "project_name": "rest-head" }));
    let head = |name: &str| {
        let answer = ask(stack, Method::HEAD, &format!("projects?project_name={name}"), None);
        assert!(!answer.headers().contains_key("x-berth-status"), "{answer:?}");
        answer.status().as_u16()
    };
    assert_eq!((head("rest-head"), head("rest-absent")), (200, 404));
    let anonymous = send(request(stack, Method::HEAD, "projects?project_name=rest-head", None));
    assert_eq!(anonymous.status(), 401);
}

#[test]
fn it_knows_the_host_that_people_use() {
    let stack = Stack::guarded();
    let info: Value = ask(stack, Method::GET, "systeminfo", None).json().expect("JSON");
    // The edge says https, as it is everywhere but in this stack.
    assert_eq!(info["external_url"], format!("https://{}", stack.berth.host()), "{info}");
}

#[test]
fn who_goes_round_the_distribution_is_refused() {
    only_the_distribution_reaches(Stack::guarded(), "ManagementFunctionUrl", "/api/v2.0/ping");
}

#[test]
fn an_open_stack_has_none() {
    let stack = Stack::open();
    refused(send(request(stack, Method::GET, "ping", None)), 404, "NOT_FOUND");
    let found = stack.aws("cloudformation", &["list-stack-resources", "--stack-name", crate::stack::NAME]);
    let resources = found["StackResourceSummaries"].as_array().expect("resources").iter();
    let names: Vec<&str> = resources.filter_map(|resource| resource["LogicalResourceId"].as_str()).collect();
    assert!(names.contains(&"RegistryFunction"), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("Management")), "{names:?}");
}
