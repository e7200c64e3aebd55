//! Tokens that are good once.

use std::sync::Arc;

use berth_federation::{Refusal, Rule};
use serde_json::json;

use crate::support::keys::Key;
use crate::support::seen::Seen;
use crate::support::world::World;

fn once(world: &World) -> Rule {
    Rule { single_use: true, ..world.usual_rule() }
}

#[tokio::test]
async fn a_token_is_good_once() {
    let world = World::new(Key::p256()).await;
    let (token, rules) = (world.token(&world.claims()), [once(&world)]);
    assert!(world.verifier.verify(&token, &rules).await.is_ok());
    let refusal = world.verifier.verify(&token, &rules).await.unwrap_err();
    assert!(matches!(refusal, Refusal::UsedBefore(_)), "{refusal:?}");

    // Another token with the same jti is the same token; one with another is not.
    let renamed = world.token(&world.claims_with(json!({"exp": world.now_secs() + 301})));
    assert!(world.verifier.verify(&renamed, &rules).await.is_err());
    let next = world.token(&world.claims_with(json!({"jti": "j2"})));
    assert!(world.verifier.verify(&next, &rules).await.is_ok());

    let expected_secs = world.now_secs() + 300 + 60;
    let mut noted = world.seen.noted();
    noted.sort();
    assert_eq!(noted[1], ((world.issuer.url.clone(), "j2".to_owned()), expected_secs));
}

#[tokio::test]
async fn another_rule_does_not_make_it_good_again() {
    let world = World::new(Key::p256()).await;
    let token = world.token(&world.claims());
    let rules = [once(&world), world.usual_rule()];
    assert!(world.verifier.verify(&token, &rules).await.is_ok());
    assert!(world.verifier.verify(&token, &rules).await.is_err());
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_used() {
    let world = World::new(Key::p256()).await;
    let rules = [once(&world)];
    for changes in [json!({"sub": "x"}), json!({"aud": "x"}), json!({"exp": 1})] {
        assert!(world.verifier.verify(&world.token(&world.claims_with(changes)), &rules).await.is_err());
    }
    assert!(world.seen.noted().is_empty());
    assert!(world.verifier.verify(&world.token(&world.claims()), &rules).await.is_ok());
}

#[tokio::test]
async fn a_token_without_jti_cannot_be_used_once() {
    let world = World::new(Key::p256()).await;
    for (jti, name) in [
        (json!(null), "none"),
        (json!(""), "empty"),
        (json!(7), "a number"),
        (json!("j".repeat(257)), "long"),
    ] {
        let token = world.token(&world.claims_with(json!({ "jti": jti })));
        assert!(world.verifier.verify(&token, &[once(&world)]).await.is_err(), "{name}");
        assert!(world.verify(&token).await.is_ok(), "{name}: the other rule does not ask");
    }
    assert!(world.seen.noted().is_empty());
}

#[tokio::test]
async fn of_many_at_once_one_is_accepted() {
    let world = Arc::new(World::new(Key::p256()).await);
    let token = world.token(&world.claims());
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (world, token) = (Arc::clone(&world), token.clone());
            tokio::spawn(async move { world.verifier.verify(&token, &[once(&world)]).await.is_ok() })
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        accepted += usize::from(task.await.unwrap());
    }
    assert_eq!(accepted, 1);
    assert_eq!(world.issuer.key_requests(), 1, "one asks for the keys, the others wait");
}

#[tokio::test]
async fn a_broken_store_accepts_nothing() {
    let world = World::with_seen(Key::p256(), Seen::broken()).await;
    let refusal = world.verifier.verify(&world.token(&world.claims()), &[once(&world)]).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Store(_)) && refusal.is_temporary(), "{refusal:?}");
}
