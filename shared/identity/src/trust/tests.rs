//! Rules as records, in memory.

use std::sync::Arc;

use berth_federation::SeenTokens;
use berth_projects::{Action, Permission, Resource, Scope};
use berth_testkit::Memory;
use serde_json::json;

use super::*;
use crate::robots::{CreateRobot, Level, NewRobot, Robot, Robots};

const ISSUER: &str = "https://token.example";

struct World {
    memory: Arc<Memory>,
    robots: Robots,
    rules: TrustRules,
}

fn world() -> World {
    let memory = Arc::new(Memory::new());
    let ports = memory.ports();
    let robots = Robots::new(memory.clone(), memory.clone(), ports.clock.clone(), ports.ids);
    World { robots, rules: TrustRules::new(memory.clone(), memory.clone(), ports.clock), memory }
}

async fn robot(world: &World, name: &str) -> Robot {
    let rights = vec![(Resource::Repository, Action::Pull)];
    let new = NewRobot {
        name: name.to_owned(),
        level: Level::System,
        description: String::new(),
        duration_days: -1,
        is_disabled: false,
        permissions: vec![Permission { scope: Scope::AllProjects, rights }],
        creator: "admin".to_owned(),
    };
    match world.robots.create(new).await.unwrap() {
        CreateRobot::Created { robot, .. } => robot,
        other => panic!("{other:?}"),
    }
}

fn token(issuer: &str, claims: &serde_json::Value) -> NewTrustRule {
    let rule = json!({"id": "", "name": "n", "issuer": issuer, "audiences": ["r.example"], "claims": claims});
    NewTrustRule {
        trusted: Trusted::Token(serde_json::from_value(rule).unwrap()),
        creator: "admin".to_owned(),
    }
}

fn pinned(issuer: &str) -> NewTrustRule {
    token(issuer, &json!({"sub": {"equals": "x"}}))
}

fn aws(account: &str) -> NewTrustRule {
    let principal = format!("arn:aws:iam::{account}:role/ci");
    let rule = json!({"id": "", "name": "n", "account": account, "principals": [principal]});
    let rule = serde_json::from_value(rule).unwrap();
    NewTrustRule {
        trusted: Trusted::Aws { rule, registries: vec!["r.example".to_owned()] },
        creator: "admin".to_owned(),
    }
}

async fn made(world: &World, robot: &Robot, new: NewTrustRule) -> TrustRule {
    new.check().unwrap();
    match world.rules.create(robot, new).await.unwrap() {
        CreateTrustRule::Created(rule) => rule,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rules_are_found_by_issuer_by_account_and_by_robot() {
    let world = world();
    let (one, two) = (robot(&world, "one").await, robot(&world, "two").await);
    let of_two = made(&world, &two, pinned(ISSUER)).await;
    let of_one = made(&world, &one, pinned(ISSUER)).await;
    let elsewhere = made(&world, &one, pinned("https://other.example")).await;
    let of_aws = made(&world, &one, aws("123456789012")).await;
    assert!(matches!(&of_one.trusted, Trusted::Token(rule) if rule.id == of_one.id.to_string()));

    let rules = &world.rules;
    assert_eq!(rules.of_issuer(ISSUER, None).await.unwrap(), [of_one.clone(), of_two.clone()]);
    assert_eq!(rules.of_issuer(ISSUER, Some(two.id)).await.unwrap(), [of_two]);
    assert_eq!(rules.of_issuer("https://token.example/", None).await.unwrap(), []);
    assert_eq!(rules.of_account("123456789012", None).await.unwrap(), std::slice::from_ref(&of_aws));
    assert_eq!(rules.of_account("123456789012", Some(two.id)).await.unwrap(), []);
    assert_eq!(rules.of_account("12345678901", None).await.unwrap(), []);
    assert_eq!(rules.of_robot(one.id).await.unwrap(), [of_one.clone(), elsewhere, of_aws]);
    for (robot, expected) in [(None, true), (Some(one.id), true), (Some(two.id), false)] {
        assert_eq!(rules.has_aws(robot).await.unwrap(), expected, "{robot:?}");
    }
    assert!(rules.has(one.id, of_one.id).await.unwrap() && !rules.has(two.id, of_one.id).await.unwrap());
}

#[tokio::test]
async fn rules_die_with_their_robot() {
    let world = world();
    let (one, two) = (robot(&world, "one").await, robot(&world, "two").await);
    for new in [pinned(ISSUER), pinned("https://other.example"), aws("123456789012")] {
        made(&world, &one, new).await;
    }
    let kept = made(&world, &two, pinned(ISSUER)).await;
    assert!(world.robots.delete(one.id).await.unwrap());
    assert_eq!(world.rules.of_robot(one.id).await.unwrap(), []);
    assert_eq!(world.rules.of_issuer(ISSUER, None).await.unwrap(), [kept]);
    assert_eq!(world.rules.of_account("123456789012", None).await.unwrap(), []);
    assert_eq!(world.rules.create(&one, pinned(ISSUER)).await.unwrap(), CreateTrustRule::RobotGone);
}

#[tokio::test]
async fn removing_a_rule_leaves_the_others() {
    let world = world();
    let one = robot(&world, "one").await;
    let (first, second) =
        (made(&world, &one, pinned(ISSUER)).await, made(&world, &one, pinned(ISSUER)).await);
    assert!(world.rules.delete(one.id, first.id).await.unwrap());
    assert!(!world.rules.delete(one.id, first.id).await.unwrap());
    assert_eq!(world.rules.of_issuer(ISSUER, None).await.unwrap(), std::slice::from_ref(&second));
    assert!(!world.rules.delete(7, second.id).await.unwrap(), "it is another robot's");
    assert!(world.rules.delete(one.id, second.id).await.unwrap());
    assert_eq!(world.rules.of_robot(one.id).await.unwrap(), []);
}

#[tokio::test]
async fn an_issuer_has_so_many_rules_and_no_more() {
    let world = world();
    for n in 0..MAX_RULES_PER_ISSUER / MAX_RULES_PER_ROBOT {
        let robot = robot(&world, &format!("r{n}")).await;
        for _ in 0..MAX_RULES_PER_ROBOT {
            made(&world, &robot, pinned(ISSUER)).await;
        }
    }
    let late = robot(&world, "late").await;
    assert_eq!(world.rules.create(&late, pinned(ISSUER)).await.unwrap(), CreateTrustRule::IssuerFull);
    made(&world, &late, pinned("https://other.example")).await;
    assert_eq!(world.rules.of_issuer(ISSUER, None).await.unwrap().len(), MAX_RULES_PER_ISSUER);
}

#[test]
fn rules_that_cannot_be() {
    let github = "https://token.actions.githubusercontent.com";
    let many = (0..20).map(|n| (format!("c{n}"), json!({"equals": "x".repeat(1000)}))).collect();
    for (new, words) in [
        (token(ISSUER, &json!({})), "pins no claim"),
        (token(github, &json!({"ref": {"equals": "refs/heads/main"}})), "repository_id"),
        (token("http://token.example", &json!({"sub": {"equals": "x"}})), "https URL"),
        (token(ISSUER, &serde_json::Value::Object(many)), "too large"),
        (aws("123"), "12 digits"),
    ] {
        let error = new.check().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_token_is_noted_once_until_it_expires() {
    let world = world();
    let seen = Seen(world.memory.clone());
    let until_secs = world.memory.clock().now_secs() + 60;
    for (issuer, jti, expected) in
        [(ISSUER, "a", true), (ISSUER, "a", false), (ISSUER, "b", true), ("https://token.examplea", "", true)]
    {
        assert_eq!(seen.first_use(issuer, jti, until_secs).await.unwrap(), expected, "{issuer} {jti}");
    }
    world.memory.clock().advance(std::time::Duration::from_mins(1));
    assert!(seen.first_use(ISSUER, "a", until_secs + 60).await.unwrap());
}
