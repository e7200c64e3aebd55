//! Where keys come from, and for how long they are believed.

use std::sync::Arc;
use std::time::Duration;

use berth_federation::{IssuerError, Refusal, Verifier};
use berth_outbound::{Outbound, OutboundError, Policy};
use serde_json::json;

use crate::support::issuer::{Issuer, key_set};
use crate::support::keys::{Key, token};
use crate::support::seen::Seen;
use crate::support::server::Reply;
use crate::support::world::{KEY_ID, TIMEOUT_MS, World};

type Expected = fn(&IssuerError) -> bool;

async fn error_of(world: &World) -> (IssuerError, bool) {
    let refusal = world.verify(&world.token(&world.claims())).await.expect_err("the issuer is not good");
    let is_temporary = refusal.is_temporary();
    assert_eq!(refusal.public(), "the token cannot be checked at the moment");
    match refusal {
        Refusal::Issuer { source, .. } => (source, is_temporary),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn descriptions_that_are_not_believed() {
    let host = |world: &World| world.issuer.url.clone();
    let elsewhere = Issuer::start(&[]).await;
    let port = elsewhere.server.port;
    for (name, issuer, keys) in [
        ("another issuer", Some("https://other.example".to_owned()), None),
        ("a slash at the end", Some("/".to_owned()), None),
        ("keys at another port", None, Some(format!("http://127.0.0.1:{port}/keys"))),
        ("keys at another host", None, Some("https://keys.example/keys".to_owned())),
        ("keys in the cloud's metadata", None, Some("http://169.254.169.254/latest/meta-data".to_owned())),
        ("keys in a file", None, Some("file:///etc/passwd".to_owned())),
        ("keys at a path", None, Some("/keys".to_owned())),
    ] {
        let world = World::new(Key::p256()).await;
        let url = host(&world);
        let described = match issuer {
            Some(suffix) if suffix == "/" => format!("{url}/"),
            Some(other) => other,
            None => url.clone(),
        };
        world.issuer.describe(&described, &keys.unwrap_or(format!("{url}/keys")));
        let (error, is_temporary) = error_of(&world).await;
        assert!(
            matches!(error, IssuerError::OtherIssuer(_) | IssuerError::OtherOrigin(_)),
            "{name}: {error:?}"
        );
        assert!(!is_temporary, "{name}");
        assert_eq!(world.issuer.key_requests(), 0, "{name}");
    }
    // The same machine under another name is another origin.
    let world = World::new(Key::p256()).await;
    world.issuer.describe(&host(&world), &format!("http://localhost:{}/keys", world.issuer.server.port));
    assert!(matches!(error_of(&world).await.0, IssuerError::OtherOrigin(_)));
    assert!(elsewhere.server.received().is_empty());
}

#[tokio::test]
async fn answers_that_are_no_documents() {
    let elsewhere = Issuer::start(&[]).await;
    let redirect = Reply::redirect(&format!("{}/keys", elsewhere.url));
    let slow = Reply { delay: Duration::from_secs(20), ..Reply::ok("{}") };
    let huge = |announces_length| Reply { announces_length, ..Reply::ok(vec![b' '; 300 * 1024]) };
    let status: Expected = |error| matches!(error, IssuerError::Status { .. });
    let no_document: Expected = |error| matches!(error, IssuerError::Document(_));
    let too_large: Expected =
        |error| matches!(error, IssuerError::Outbound { source: OutboundError::TooLarge { .. }, .. });
    let timed_out: Expected = |error| {
        matches!(
            error,
            IssuerError::Outbound { source: OutboundError::TimedOut { limit_ms: TIMEOUT_MS }, .. }
        )
    };
    for (name, reply, expected, may_pass) in [
        ("redirect", redirect, status, false),
        ("not found", Reply::status(404), status, false),
        ("broken", Reply::status(500), status, true),
        ("busy", Reply::status(429), status, true),
        ("not JSON", Reply::ok("<html>"), no_document, false),
        ("another document", Reply::ok(r#"{"issuer": 7}"#), no_document, false),
        ("empty", Reply::ok(""), no_document, false),
        ("huge", huge(true), too_large, false),
        ("huge, without a length", huge(false), too_large, false),
        ("slow", slow, timed_out, true),
    ] {
        let world = World::new(Key::p256()).await;
        world.issuer.answer_description(reply.clone());
        let (error, is_temporary) = error_of(&world).await;
        assert!(expected(&error), "description, {name}: {error:?}");
        assert_eq!(is_temporary, may_pass, "description, {name}");

        let world = World::new(Key::p256()).await;
        world.issuer.answer_keys(reply);
        let (error, is_temporary) = error_of(&world).await;
        assert!(expected(&error), "keys, {name}: {error:?}");
        assert_eq!(is_temporary, may_pass, "keys, {name}");
    }
    assert!(elsewhere.server.received().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn an_issuer_whose_name_ends_in_a_slash() {
    let world = World::new(Key::p256()).await;
    let issuer = format!("{}/", world.issuer.url);
    world.issuer.describe(&issuer, &format!("{issuer}keys"));
    let rule = berth_federation::Rule { issuer: issuer.clone(), ..world.usual_rule() };
    let token = world.token(&world.claims_with(json!({ "iss": issuer })));
    assert!(world.verifier.verify(&token, &[rule]).await.is_ok());
}

#[tokio::test]
async fn keys_are_kept_for_ten_minutes() {
    let world = World::new(Key::p256()).await;
    for (after_secs, requests) in [(0, 1), (0, 1), (599, 1), (1, 2), (599, 2), (1, 3)] {
        world.clock.advance(Duration::from_secs(after_secs));
        assert!(world.verify(&world.token(&world.claims())).await.is_ok());
        assert_eq!(world.issuer.key_requests(), requests, "after {after_secs} s more");
    }
    // A key that the issuer withdraws is of no use once the others are read again.
    world.issuer.answer_keys(key_set(&[Key::p256().jwk("k2")]));
    world.clock.advance(Duration::from_secs(599));
    assert!(world.verify(&world.token(&world.claims())).await.is_ok());
    world.clock.advance(Duration::from_secs(1));
    let refusal = world.verify(&world.token(&world.claims())).await.unwrap_err();
    assert!(matches!(refusal, Refusal::UnknownKey(_)), "{refusal:?}");
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let world = World::new(Key::p256()).await;
    let new = Key::p256();
    let token = |world: &World| token(&new, &world.header_with(json!({"kid": "k2"})), &world.claims());
    assert!(world.verify(&world.token(&world.claims())).await.is_ok());
    world.issuer.answer_keys(key_set(&[world.key.jwk(KEY_ID), new.jwk("k2")]));
    for (after_secs, requests, is_known) in [(0, 1, false), (59, 1, false), (1, 2, true)] {
        world.clock.advance(Duration::from_secs(after_secs));
        assert_eq!(world.verify(&token(&world)).await.is_ok(), is_known, "after {after_secs} s more");
        assert_eq!(world.issuer.key_requests(), requests, "after {after_secs} s more");
    }
    // Whoever makes up ids does not make us ask more often.
    for round in 0..5 {
        let made_up = world.header_with(json!({"kid": format!("made up {round}")}));
        assert!(world.verify(&crate::support::keys::token(&new, &made_up, &world.claims())).await.is_err());
    }
    assert_eq!(world.issuer.key_requests(), 2);
}

#[tokio::test]
async fn an_issuer_that_fails_is_left_alone_for_a_while() {
    let world = World::new(Key::p256()).await;
    world.issuer.answer_keys(Reply::status(503));
    assert!(matches!(error_of(&world).await.0, IssuerError::Status { .. }));
    world.issuer.answer_keys(key_set(&[world.key.jwk(KEY_ID)]));
    world.clock.advance(Duration::from_secs(9));
    assert!(matches!(error_of(&world).await, (IssuerError::FailedBefore, true)));
    assert_eq!(world.issuer.key_requests(), 1);
    world.clock.advance(Duration::from_secs(1));
    assert!(world.verify(&world.token(&world.claims())).await.is_ok());
}

#[tokio::test]
async fn a_failed_refresh_does_not_spoil_good_keys() {
    let world = World::new(Key::p256()).await;
    assert!(world.verify(&world.token(&world.claims())).await.is_ok());
    world.issuer.answer_keys(Reply::status(503));
    world.clock.advance(Duration::from_mins(1));
    let made_up = token(&Key::p256(), &world.header_with(json!({"kid": "k2"})), &world.claims());
    assert!(matches!(world.verify(&made_up).await, Err(Refusal::Issuer { .. })));
    assert!(world.verify(&world.token(&world.claims())).await.is_ok());
}

#[tokio::test]
async fn loopback_is_for_tests_only() {
    let world = World::new(Key::p256()).await;
    let verifier =
        Verifier::new(Outbound::new(Policy::default()), world.clock.clone(), Arc::new(Seen::default()));
    let rule = world.usual_rule();
    assert!(verifier.check_issuer(&rule).is_err());
    assert!(world.verifier.check_issuer(&rule).is_ok());
    let refusal = verifier.verify(&world.token(&world.claims()), &[rule]).await.unwrap_err();
    let Refusal::Issuer { source: IssuerError::Outbound { source: OutboundError::Url(_), .. }, .. } =
        &refusal
    else {
        panic!("{refusal:?}");
    };
    assert!(!refusal.is_temporary());
    assert!(world.issuer.server.received().is_empty());
}
