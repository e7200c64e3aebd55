//! Tokens as docker's password, and in exchange.

use std::process::Command;

use berth_tests::program;
use reqwest::Method;
use serde_json::{Value, json};

use crate::keys::Key;
use crate::world::{ROBOT, World};

const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

#[test]
fn workloads_push_and_pull_with_a_token_as_the_password() {
    for (key, user) in [(Key::rsa(), "oidc"), (Key::p256(), ROBOT)] {
        let world = World::with(key, &[]);
        let rule = world.token_rule(false);
        let proof = world.proof();
        let bearer = world.bearer(user, &proof);
        world.push_and_pull(&bearer, "by a token");
        // Docker asks again for each repository.
        assert!(world.is_let_in(user, &proof));
        // With Basic, without a token: the REST API knows the robot too.
        let request = world.berth.client().get(world.berth.url("/api/v2.0/projects/team"));
        let answer = request.basic_auth(user, Some(&proof)).send().expect("the registry answers");
        assert_ne!(answer.status(), 401, "{user}");

        let elsewhere = world.proof_for("other.example", "j2");
        assert_eq!(world.token(user, &elsewhere).status(), 401);
        assert!(world.berth.log().contains("the audience is another"), "{}", world.berth.log_tail());
        assert!(!world.berth.log().contains(&proof), "no token is logged");
        assert_eq!(world.ask(Method::DELETE, &rule, &json!(null)).status(), 200);
        assert_eq!(world.token(user, &proof).status(), 401, "the rule is gone");
    }
}

/// [proof-ends]
#[test]
fn workloads_exchange_a_token_of_single_use() {
    let world = World::new();
    let rule = world.token_rule(true);
    let proof = world.proof();
    let answer = world.exchange(JWT, &proof);
    assert_eq!(answer.status(), 200, "{}", world.berth.log_tail());
    let body: Value = answer.json().expect("JSON");
    assert_eq!((body["username"].as_str(), body["expires_in"].as_u64()), (Some(ROBOT), Some(3600)));
    let identity = body["access_token"].as_str().expect("a token");

    let again = world.exchange(JWT, &proof);
    assert_eq!(again.status(), 401);
    assert_eq!(again.json::<Value>().expect("JSON")["error"], "invalid_client");
    assert_eq!(world.token("oidc", &proof).status(), 401, "it is used up as a password too");

    for _ in 0..3 {
        world.push_and_pull(&world.bearer(ROBOT, identity), "by an identity token");
    }
    let request = world.berth.client().get(world.berth.url("/v2/")).bearer_auth(identity);
    assert_eq!(request.send().expect("the registry answers").status(), 401, "it is no access token");
    let access = world.bearer("oidc", identity);
    assert_eq!(world.token("oidc", &access).status(), 401, "an access token is no password");
    assert_eq!(world.exchange(JWT, identity).status(), 401);
    assert_eq!(world.exchange("x", &proof).status(), 400);

    let robot = format!("/robots/{}", world.robot);
    assert_eq!(world.ask(Method::DELETE, &rule, &json!(null)).status(), 200);
    assert_eq!(world.token(ROBOT, identity).status(), 401, "the rule is gone");
    assert_eq!(world.ask(Method::DELETE, &robot, &json!(null)).status(), 200);
}

#[test]
fn workloads_whose_issuer_is_down_are_told_to_come_again() {
    let world = World::new();
    world.token_rule(false);
    world.issuer.answer_keys(crate::server::Reply::status(503));
    let answer = world.token("oidc", &world.proof());
    assert_eq!(answer.status(), 503, "{}", world.berth.log_tail());
    assert!(answer.headers().contains_key("retry-after"));
}

#[test]
fn workloads_of_local_issuers_need_a_registry_that_nobody_else_reaches() {
    for extra in
        [&["--allow-local-issuers"][..], &["--allow-local-issuers", "--sts-endpoint", "http://127.0.0.1:1"]]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(program());
        command.args(["--bind", "0.0.0.0", "--port", "0", "--data"]).arg(folder.path()).args(extra);
        let output = command.output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("--bind to be loopback"), "{said}");
    }
}

#[test]
fn workloads_of_local_issuers_are_refused_unless_they_are_asked_for() {
    let berth = berth_tests::Berth::start_with_users(berth_tests::Mode::Gateway);
    let request = |path: &str, body: Value| {
        let request = berth.client().post(berth.url(&format!("/api/v2.0{path}")));
        request.basic_auth("admin", Some(berth.admin_password())).json(&body).send().expect("an answer")
    };
    request("/projects", json!({ "project_name": "team" }));
    let access = json!([{ "resource": "repository", "action": "pull" }]);
    let permission = json!({ "kind": "project", "namespace": "team", "access": access });
    let robot = json!({ "name": "ci", "level": "project", "duration": -1, "permissions": [permission] });
    let robot: Value = request("/robots", robot).json().expect("JSON");
    let rule = json!({ "name": "r", "issuer": "http://127.0.0.1:9", "claims": { "sub": { "equals": "x" } } });
    let answer = request(&format!("/robots/{}/trust-rules", robot["id"]), rule);
    assert_eq!(answer.status(), 400);
    let said = answer.text().expect("a body");
    assert!(said.contains("the issuer cannot be asked for its keys"), "{said}");
}
