//! Every algorithm that is accepted, and keys that must not be used with another one.

use berth_federation::Refusal;
use serde_json::json;

use crate::support::keys::{Key, token};
use crate::support::world::{KEY_ID, World};

#[tokio::test]
async fn every_kind_of_key_signs_tokens() {
    for (key, algorithm) in [
        (Key::rsa(), "RS256"),
        (Key::rsa(), "PS256"),
        (Key::p256(), "ES256"),
        (Key::p384(), "ES384"),
        (Key::ed25519(), "EdDSA"),
    ] {
        let world = World::new(key).await;
        let token = token(&world.key, &json!({"alg": algorithm, "kid": KEY_ID}), &world.claims());
        let verified = world.verify(&token).await.unwrap_or_else(|refusal| panic!("{algorithm}: {refusal}"));
        assert_eq!(verified.rule_id, "r1");
        assert_eq!(verified.subject, "repo:o/x:ref:refs/heads/main");
        assert_eq!(verified.jti.as_deref(), Some("j1"));
        assert_eq!(verified.expires_at_secs, world.now_secs() + 300);
        let claims: Vec<_> = verified.claims.into_iter().collect();
        let expected = [("repository_id", "42"), ("sub", "repo:o/x:ref:refs/heads/main")];
        assert_eq!(claims, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}

#[tokio::test]
async fn a_key_is_not_used_with_the_algorithm_of_another() {
    for (key, algorithms) in [
        (Key::rsa(), &["ES256", "EdDSA", "RS384", "RS512", "PS512", "HS256", "none"][..]),
        (Key::p256(), &["RS256", "ES384", "EdDSA", "ES512", "HS256"]),
        (Key::p384(), &["ES256", "PS256"]),
        (Key::ed25519(), &["ES256", "RS256", "Ed448"]),
    ] {
        let world = World::new(key).await;
        for algorithm in algorithms {
            let token = token(&world.key, &json!({"alg": algorithm, "kid": KEY_ID}), &world.claims());
            let refusal = world.verify(&token).await.expect_err(algorithm);
            assert!(matches!(refusal, Refusal::Algorithm(_)), "{algorithm}: {refusal}");
        }
    }
}
