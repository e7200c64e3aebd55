//! Who is not let in.

use berth_identity::trust::{CreateTrustRule, MAX_RULES_PER_ROBOT, NewTrustRule};
use berth_registry::{Authorizer, RepositoryAction, SignIn};
use serde_json::json;

use crate::support::keys::Key;
use crate::support::server::Reply;
use crate::support::world::{ANY, HOST, World, outcome, signed, visit};

#[tokio::test]
async fn each_reason_is_a_401() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    world.robot("other").await;
    let now_secs = world.now_secs();
    let stranger = signed(&Key::p256(), &world.claims(json!({})));
    let good = world.proof(json!({}));
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    for (what, user, proof) in [
        ("another audience", ANY, world.proof(json!({"aud": "other.example"}))),
        ("a second audience", ANY, world.proof(json!({"aud": ["registry.example", "other.example"]}))),
        ("another repository", ANY, world.proof(json!({"repository_id": "43"}))),
        ("expired", ANY, world.proof(json!({"exp": now_secs - 61, "iat": now_secs - 120}))),
        ("from the future", ANY, world.proof(json!({"nbf": now_secs + 61}))),
        ("too long a life", ANY, world.proof(json!({"exp": now_secs + 3601}))),
        ("an issuer without a rule", ANY, world.proof(json!({"iss": "https://other.example"}))),
        ("another key", ANY, stranger),
        ("no signature", ANY, format!("{signed}.")),
        ("another robot", "robot$team+other", good.clone()),
        ("no such robot", "robot$team+none", good.clone()),
    ] {
        assert_eq!(outcome(&world.token(user, &proof).await), "refused", "{what}");
    }
    // Nobody was kept out for it.
    assert_eq!(outcome(&world.token(ANY, &good).await), "accepted");
}

#[tokio::test]
async fn nobody_is_kept_out_for_trying() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    for _ in 0..120 {
        assert!(world.token(ANY, &world.proof(json!({"repository_id": "43"}))).await.is_err());
    }
    assert_eq!(outcome(&world.token(ANY, &world.proof(json!({}))).await), "accepted");
}

#[tokio::test]
async fn an_issuer_without_a_rule_costs_a_read_and_no_call() {
    let world = World::new().await;
    world.robot("ci").await;
    world.reads.taken();
    for (user, expected_reads) in [(ANY, 1), ("robot$team+ci", 2), ("robot$team+none", 1)] {
        assert_eq!(outcome(&world.token(user, &world.proof(json!({}))).await), "refused");
        assert_eq!(world.reads.taken(), expected_reads, "{user}");
    }
    for malformed in ["e30.e30.", "e30.e30.x", "eyJhbGciOiJub25lIn0.e30."] {
        assert_eq!(outcome(&world.token(ANY, malformed).await), "refused", "{malformed}");
        assert_eq!(world.reads.taken(), 0, "{malformed}");
    }
    assert!(world.issuer.server.received().is_empty());
}

#[tokio::test]
async fn the_robot_decides_at_each_use() {
    let world = World::new().await;
    let (proof, name) = (world.proof(json!({"exp": world.now_secs() + 3600})), "robot$team+ci");

    let robot = world.robot("ci").await;
    let rule = world.rule(&robot, "42").await;
    assert_eq!(world.entered(ANY, &proof).await.as_deref(), Some(name));
    assert!(world.directory.trust().delete(robot.id, rule.id).await.expect("memory"));
    assert!(!world.directory.trust().delete(robot.id, rule.id).await.expect("memory"));
    assert_eq!(world.entered(ANY, &proof).await, None, "the rule was removed");

    world.rule(&robot, "42").await;
    assert_eq!(world.entered(ANY, &proof).await.as_deref(), Some(name));
    world.disable(&robot).await;
    for user in [ANY, name] {
        assert_eq!(world.entered(user, &proof).await, None, "the robot is kept out");
    }

    assert!(world.directory.robots().delete(robot.id).await.expect("memory"));
    world.robot("ci").await;
    for user in [ANY, name] {
        assert_eq!(world.entered(user, &proof).await, None, "a later robot of that name is another one");
    }
}

#[tokio::test]
async fn a_robot_whose_time_is_over_stays_out() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    world.later(30 * 86_400);
    let proof = world.proof(json!({}));
    assert_eq!(outcome(&world.token(ANY, &proof).await), "refused");
    assert_eq!(outcome(&world.token("robot$team+ci", &proof).await), "refused");
}

#[tokio::test]
async fn rules_go_with_the_robots_of_a_project_that_is_deleted() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    world.projects.delete(&world.project.name).await.expect("memory");
    // Whatever is left until the robots are removed opens nothing.
    let token = world.token(ANY, &world.proof(json!({}))).await;
    if let Ok(token) = token {
        let (header, visit) = (format!("Bearer {}", token.text), visit(HOST));
        let caller = world.access.caller(Some(&header), &visit).await.expect("a token");
        let repository = "team/app".parse().expect("a name");
        assert!(world.access.check(&caller, &repository, RepositoryAction::Pull).await.is_err());
    }
    world.directory.robots().delete_of_project(world.project.id).await.expect("memory");
    assert_eq!(outcome(&world.token(ANY, &world.proof(json!({}))).await), "refused");
    assert!(world.directory.trust().of_robot(robot.id).await.expect("memory").is_empty());
}

#[tokio::test]
async fn a_token_of_single_use_is_used_once() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule_for_one_use(&robot, "42").await;
    let proof = world.proof(json!({}));
    assert_eq!(outcome(&world.token(ANY, &proof).await), "accepted");
    for user in [ANY, "robot$team+ci"] {
        assert_eq!(outcome(&world.token(user, &proof).await), "refused", "{user}");
    }
    assert_eq!(outcome(&world.token(ANY, &world.proof(json!({"jti": "j2"}))).await), "accepted");
}

#[tokio::test]
async fn an_issuer_that_is_down_is_no_refusal() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    world.issuer.answer_keys(Reply::status(503));
    assert_eq!(outcome(&world.token(ANY, &world.proof(json!({}))).await), "later");
    world.issuer.answer_keys(Reply::status(404));
    world.later(60);
    assert_eq!(outcome(&world.token(ANY, &world.proof(json!({}))).await), "refused", "a mistake of the rule");
}

#[tokio::test]
async fn a_robot_has_so_many_rules_and_no_more() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    for n in 0..MAX_RULES_PER_ROBOT {
        world.rule(&robot, &n.to_string()).await;
    }
    let rules = world.directory.trust().of_robot(robot.id).await.expect("memory");
    assert_eq!(rules.len(), 32);
    let more = NewTrustRule { trusted: rules[0].trusted.clone(), creator: "admin".to_owned() };
    let made = world.directory.trust().create(&robot, more.clone()).await.expect("memory");
    assert_eq!(made, CreateTrustRule::RobotFull);
    // The last one accepts as the first does.
    assert_eq!(outcome(&world.token(ANY, &world.proof(json!({"repository_id": "31"}))).await), "accepted");
    assert!(world.directory.trust().delete(robot.id, rules[0].id).await.expect("memory"));
    let made = world.directory.trust().create(&robot, more).await.expect("memory");
    assert!(matches!(made, CreateTrustRule::Created(_)), "{made:?}");
}
