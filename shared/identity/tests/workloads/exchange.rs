//! Identity tokens: what they are good for, and what they are never taken for.

use berth_registry::SignIn;
use serde_json::json;

use crate::support::world::{ANY, HOST, PROOF_SECS, World, outcome, visit};

const ROBOT: &str = "robot$team+ci";

#[tokio::test]
async fn a_proof_of_single_use_becomes_a_password_for_an_hour() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule_for_one_use(&robot, "42").await;
    let proof = world.proof(json!({}));
    let exchanged = world.exchange(ANY, &proof).await.expect("an identity token");
    assert_eq!((exchanged.name.as_str(), exchanged.token.ttl_secs), (ROBOT, 3600));
    assert_eq!(outcome(&world.exchange(ANY, &proof).await), "refused", "it is used up");

    world.later(PROOF_SECS + 61);
    for user in [ROBOT, ANY, ROBOT, ""] {
        let token = world.token(user, &exchanged.token.text).await.expect("a token");
        assert_eq!(token.ttl_secs, 300);
    }
    world.later(3600 - PROOF_SECS - 61 - 100);
    assert_eq!(world.token(ROBOT, &exchanged.token.text).await.expect("a token").ttl_secs, 100);
    world.later(100);
    assert_eq!(outcome(&world.token(ROBOT, &exchanged.token.text).await), "refused");
}

#[tokio::test]
async fn an_identity_token_ends_with_a_proof_that_lives_on() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    let exchanged = world.exchange(ROBOT, &world.proof(json!({}))).await.expect("an identity token");
    assert_eq!(exchanged.token.ttl_secs, PROOF_SECS);
}

#[tokio::test]
async fn an_identity_token_is_held_against_robot_and_rule_at_each_use() {
    let world = World::new().await;
    let (robot, other) = (world.robot("ci").await, world.robot("other").await);
    let rule = world.rule(&robot, "42").await;
    let identity = async || world.exchange(ANY, &world.proof(json!({}))).await.expect("a token").token.text;
    let first = identity().await;
    assert_eq!(world.entered(ROBOT, &first).await.as_deref(), Some(ROBOT));
    assert_eq!(world.entered(&other.full_name, &first).await, None, "it is another robot's");
    assert_eq!(outcome(&world.token_at("other.example", ROBOT, &first).await), "refused", "another host");

    world.directory.trust().delete(robot.id, rule.id).await.expect("memory");
    assert_eq!(world.entered(ROBOT, &first).await, None, "the rule is gone");
    world.rule(&robot, "42").await;
    assert_eq!(world.entered(ROBOT, &first).await, None, "another rule is another one");

    let second = identity().await;
    assert_eq!(world.entered(ANY, &second).await.as_deref(), Some(ROBOT));
    world.disable(&robot).await;
    assert_eq!(world.entered(ANY, &second).await, None, "the robot is kept out");

    world.directory.robots().delete(robot.id).await.expect("memory");
    let later = world.robot("ci").await;
    world.rule(&later, "42").await;
    for user in [ANY, ROBOT] {
        assert_eq!(world.entered(user, &second).await, None, "a later robot of that name is another one");
    }
}

#[tokio::test]
async fn no_kind_of_token_is_taken_for_another() {
    let world = World::new().await;
    let robot = world.robot("ci").await;
    world.rule(&robot, "42").await;
    let proof = world.proof(json!({}));
    let identity = world.exchange(ANY, &proof).await.expect("an identity token").token.text;
    let access = world.token(ANY, &proof).await.expect("an access token").text;

    let bearer =
        async |token: &str| world.access.caller(Some(&format!("Bearer {token}")), &visit(HOST)).await;
    assert_eq!(outcome(&bearer(&access).await), "accepted");
    assert_eq!(outcome(&bearer(&identity).await), "refused");
    assert_eq!(outcome(&bearer(&proof).await), "refused");

    for user in [ANY, ROBOT] {
        assert_eq!(outcome(&world.token(user, &identity).await), "accepted");
        assert_eq!(outcome(&world.token(user, &access).await), "refused", "an access token is no password");
        for (what, token) in [("identity", &identity), ("access", &access)] {
            assert_eq!(outcome(&world.exchange(user, token).await), "refused", "{what}");
        }
        for other in ["", "Password1", "Bt0x"] {
            assert_eq!(outcome(&world.exchange(user, other).await), "refused", "{other}");
        }
    }
}
