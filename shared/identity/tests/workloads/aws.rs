//! AWS principals.

use aws_credential_types::Credentials;
use berth_federation::aws::presign;
use berth_identity::robots::Robot;
use berth_identity::trust::{NewTrustRule, Trusted};
use serde_json::json;

use crate::support::keys::Key;
use crate::support::server::{Reply, Server};
use crate::support::sts::{self, JSON, KEY_ID, REGION, SECRET};
use crate::support::world::{HOST, World, outcome};

const AWS: &str = "aws";

fn trusted(name: &str, registry: &str) -> Trusted {
    let principal = format!("arn:aws:iam::123456789012:role/{name}");
    let rule = json!({"id": "", "name": "a role", "account": "123456789012", "principals": [principal]});
    Trusted::Aws {
        rule: serde_json::from_value(rule).expect("a rule"),
        registries: vec![registry.to_owned()],
    }
}

async fn world(reply: Reply) -> (World, Server, Robot) {
    let sts = sts::start(reply).await;
    let world = World::with(Key::p256(), Some(sts.port)).await;
    let robot = world.robot("ci").await;
    (world, sts, robot)
}

/// A proof made now, by the role `deploy`, for `registry`.
fn proof(world: &World, registry: &str) -> String {
    let credentials = Credentials::new(KEY_ID, SECRET, None, None, "test");
    presign(&credentials, REGION, registry, world.now_secs()).expect("a proof")
}

#[tokio::test]
async fn a_role_that_a_rule_names_is_the_robot() {
    let (world, sts, robot) = world(Reply::ok(JSON)).await;
    world.create(&robot, trusted("deploy", HOST)).await;
    let proof = proof(&world, HOST);
    for (n, user) in [AWS, "robot$team+ci"].into_iter().enumerate() {
        let token = world.token(user, &proof).await.expect("a token");
        assert_eq!(token.ttl_secs, 300);
        assert_eq!(sts.received().len(), n + 1, "one question for each");
    }
    let exchanged = world.exchange(AWS, &proof).await.expect("an identity token");
    assert_eq!((exchanged.name.as_str(), exchanged.token.ttl_secs), ("robot$team+ci", 900));
    assert_eq!(world.entered(AWS, &exchanged.token.text).await.as_deref(), Some("robot$team+ci"));
    world.later(900);
    assert_eq!(outcome(&world.token(AWS, &proof).await), "refused");
}

#[tokio::test]
async fn other_roles_and_other_registries_are_refused() {
    let (world, sts, robot) = world(Reply::ok(JSON)).await;
    world.create(&robot, trusted("other", HOST)).await;
    assert_eq!(outcome(&world.token(AWS, &proof(&world, HOST)).await), "refused", "another role");
    world.create(&robot, trusted("deploy", "second.example")).await;
    assert_eq!(outcome(&world.token(AWS, &proof(&world, HOST)).await), "refused", "another of our names");
    let elsewhere = proof(&world, "evil.example");
    assert_eq!(outcome(&world.token(AWS, &elsewhere).await), "refused", "STS finds another signature");
    // Whoever was shown the proof sends it here under his own name: STS takes it, and no rule is for that name.
    let asked = sts.received().len();
    assert_eq!(outcome(&world.token_at("evil.example", AWS, &elsewhere).await), "refused");
    assert_eq!(sts.received().len(), asked + 1);
    let token = world.token_at("second.example", AWS, &proof(&world, "second.example")).await;
    assert_eq!(outcome(&token), "accepted");
}

#[tokio::test]
async fn aws_is_asked_nothing_without_a_rule() {
    let (world, sts, robot) = world(Reply::ok(JSON)).await;
    for user in [AWS, "robot$team+ci", "robot$team+none"] {
        assert_eq!(outcome(&world.token(user, &proof(&world, HOST)).await), "refused", "{user}");
    }
    let other = world.robot("other").await;
    world.create(&other, trusted("deploy", HOST)).await;
    world.rule(&robot, "42").await;
    assert_eq!(outcome(&world.token("robot$team+ci", &proof(&world, HOST)).await), "refused");
    for malformed in ["berth-aws-v1.", "berth-aws-v1.e30", "berth-aws-v1.aHR0cHM6Ly9ldmlsLmV4YW1wbGUvPw"] {
        assert_eq!(outcome(&world.token(AWS, malformed).await), "refused", "{malformed}");
    }
    assert!(sts.received().is_empty());
}

#[tokio::test]
async fn an_sts_that_is_down_is_no_refusal() {
    let (world, _sts, robot) = world(Reply::status(503)).await;
    world.create(&robot, trusted("deploy", HOST)).await;
    assert_eq!(outcome(&world.token(AWS, &proof(&world, HOST)).await), "later");
}

#[test]
fn a_rule_names_hosts_of_the_registry() {
    let check =
        |registry: &str| NewTrustRule { trusted: trusted("ci", registry), creator: String::new() }.check();
    assert!(check(HOST).is_ok() && check("127.0.0.1:5000").is_ok());
    assert!(check("").is_err() && check(&"x".repeat(256)).is_err());
    let role = NewTrustRule { trusted: trusted("*", HOST), creator: String::new() };
    assert!(role.check().is_ok(), "all roles of an account that is named");
}
