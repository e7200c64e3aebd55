//! Who is let in, and as whom.

use berth_registry::{Authorizer, Caller, Forbidden, RepositoryAction, SignIn};
use serde_json::json;

use crate::support::keys::Key;
use crate::support::world::{ANY, HOST, PROOF_SECS, TTL_SECS, World, visit};

#[tokio::test]
async fn a_token_that_fits_a_rule_is_the_robot() {
    for key in [Key::rsa(), Key::p256()] {
        let world = World::with(key, None).await;
        let robot = world.robot("ci").await;
        world.rule(&robot, "42").await;
        for user in [ANY, "aws", "", "alice", "robot$team+ci"] {
            let token = world.token(user, &world.proof(json!({}))).await.expect("a token");
            let header = format!("Bearer {}", token.text);
            let caller = world.access.caller(Some(&header), &visit(HOST)).await.expect("a token of ours");
            assert!(
                matches!(&caller, Caller::Holder(holder) if holder.name.as_deref() == Some("robot$team+ci"))
            );
            let repository = "team/app".parse().expect("a name");
            let pull = world.access.check(&caller, &repository, RepositoryAction::Pull).await;
            assert_eq!(pull.expect("the robot may pull").project, Some(world.project.id));
            let push = world.access.check(&caller, &repository, RepositoryAction::Push).await;
            assert!(matches!(push, Err(Forbidden::Denied(_))), "the robot may not push: {push:?}");
        }
        assert_eq!(
            world.directory.robots().last_used_secs(robot.id).await.expect("memory"),
            Some(world.now_secs())
        );
    }
}

#[tokio::test]
async fn a_request_with_basic_is_the_robots_too() {
    use base64::Engine;
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    let pair = format!("{ANY}:{}", world.proof(json!({})));
    let header = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let caller = world.access.caller(Some(&header), &visit(HOST)).await.expect("the robot");
    assert_eq!(caller, Caller::User { name: "robot$team+ci".to_owned() });
}

#[tokio::test]
async fn a_token_of_ours_does_not_outlive_the_proof() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    let (short, long) = (world.proof(json!({})), world.proof(json!({"exp": world.now_secs() + 3600})));
    world.later(20);
    assert_eq!(world.token(ANY, &short).await.expect("a token").ttl_secs, PROOF_SECS - 20);
    assert_eq!(world.token(ANY, &long).await.expect("a token").ttl_secs, TTL_SECS);
    world.later(PROOF_SECS - 20);
    // The issuer's clock may be behind by a minute, but nothing can be given that is over at once.
    assert!(world.token(ANY, &short).await.is_err());
}

#[tokio::test]
async fn the_first_rule_that_fits_counts_and_a_name_chooses_among_robots() {
    let world = World::new().await;
    let (first, second) = (world.robot("first").await, world.robot("second").await);
    // Made later, but of the robot that was made before.
    world.rule(&second, "42").await;
    world.rule(&first, "7").await;
    world.rule(&first, "42").await;
    let proof = world.proof(json!({}));
    for (user, expected) in [
        (ANY, Some("robot$team+first")),
        ("robot$team+first", Some("robot$team+first")),
        ("robot$team+second", Some("robot$team+second")),
        ("robot$team+third", None),
    ] {
        assert_eq!(world.entered(user, &proof).await.as_deref(), expected, "{user}");
    }
}
