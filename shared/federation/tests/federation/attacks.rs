//! Tokens that must not be accepted. Every row differs in one thing from a token that is.

use berth_federation::{Mismatch, Refusal};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::issuer::{Issuer, key_set};
use crate::support::keys::{Key, encode, sign_in_asn1, token, token_with};
use crate::support::world::{KEY_ID, World};

type Expected = fn(&Refusal) -> bool;

fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[tokio::test]
async fn signatures_and_headers() {
    let world = World::new(Key::p256()).await;
    let attacker = Key::p256();
    let elsewhere = Issuer::start(&[attacker.jwk(KEY_ID)]).await;
    let (key, claims) = (&world.key, world.claims());
    let good = world.token(&claims);
    assert!(world.verify(&good).await.is_ok(), "the table proves something");

    let header = |changes: Value| world.header_with(changes);
    let public = key.public_bytes();
    let jwk = key.jwk(KEY_ID).to_string().into_bytes();
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let (head, _) = message.split_once('.').expect("three parts");
    let other = encode(world.claims_with(json!({"sub": "repo:o/y:ref:refs/heads/main"})).to_string());
    let malformed: Expected = |refusal| matches!(refusal, Refusal::Malformed(_));
    let algorithm: Expected = |refusal| matches!(refusal, Refusal::Algorithm(_));
    let bad_signature: Expected = |refusal| matches!(refusal, Refusal::Signature);
    let no_key: Expected = |refusal| matches!(refusal, Refusal::UnknownKey(_));
    let foreign = |changes: Value| token(&attacker, &header(changes), &claims);
    let jwk_header = json!({"jwk": attacker.jwk(KEY_ID)});
    let url_header = |name: &str| json!({ name: format!("{}/keys", elsewhere.url) });

    let table = [
        (
            "alg none, no signature",
            token_with(&header(json!({"alg": "none"})), &claims, |_| vec![]),
            algorithm,
        ),
        ("alg nOnE", token_with(&header(json!({"alg": "nOnE"})), &claims, |_| vec![]), algorithm),
        ("alg none, good signature", token(key, &header(json!({"alg": "none"})), &claims), algorithm),
        ("no alg", token(key, &header(json!({"alg": null})), &claims), malformed),
        (
            "HS256 with the public key",
            token_with(&header(json!({"alg": "HS256"})), &claims, |message| hmac(&public, message)),
            algorithm,
        ),
        (
            "HS256 with the public key as a JWK",
            token_with(&header(json!({"alg": "HS256"})), &claims, |message| hmac(&jwk, message)),
            algorithm,
        ),
        ("the key in the header, under the id of the issuer's", foreign(jwk_header.clone()), bad_signature),
        (
            "the key in the header, without id",
            foreign(json!({"jwk": attacker.jwk("x"), "kid": null})),
            bad_signature,
        ),
        (
            "the key in the header, under its own id",
            foreign(json!({"jwk": attacker.jwk("x"), "kid": "x"})),
            no_key,
        ),
        ("jku", foreign(url_header("jku")), bad_signature),
        ("x5u", foreign(url_header("x5u")), bad_signature),
        ("x5c", foreign(json!({"x5c": [encode("certificate")]})), bad_signature),
        ("the key of another", foreign(json!({})), bad_signature),
        ("an id that is a path", foreign(json!({"kid": "../../../../dev/null"})), no_key),
        ("an id that is empty", foreign(json!({"kid": ""})), no_key),
        ("critical extension", token(key, &header(json!({"crit": ["exp"]})), &claims), malformed),
        (
            "unencoded payload",
            token(key, &header(json!({"crit": ["b64"], "b64": false})), &claims),
            malformed,
        ),
        ("other claims", format!("{head}.{other}.{signature}"), bad_signature),
        (
            "other header",
            format!("{}.{}", encode(header(json!({"typ": "at+jwt"})).to_string()), &good[head.len() + 1..]),
            bad_signature,
        ),
        ("no signature", format!("{message}."), bad_signature),
        ("half a signature", format!("{message}.{}", &signature[..43]), bad_signature),
        ("a signature of zeros", format!("{message}.{}", encode([0; 64])), bad_signature),
        (
            "a signature in ASN.1",
            token_with(&world.header(), &claims, |message| sign_in_asn1(key, message)),
            bad_signature,
        ),
        ("a signature with padding", format!("{good}="), bad_signature),
        ("a fourth part", format!("{good}.{signature}"), malformed),
        ("a token in a token", encode(&good), malformed),
    ];
    for (name, token, expected) in table {
        let refusal = world.verify(&token).await.expect_err(name);
        assert!(expected(&refusal), "{name}: {refusal:?}");
        assert!(!refusal.is_temporary(), "{name}");
    }
    assert!(elsewhere.server.received().is_empty(), "keys were read where the header said");
}

#[tokio::test]
async fn a_token_must_name_its_key_if_there_are_several() {
    let world = World::new(Key::p256()).await;
    let unnamed = token(&world.key, &world.header_with(json!({"kid": null})), &world.claims());
    assert!(world.verify(&unnamed).await.is_ok(), "there is one key");

    let world = World::new(Key::p256()).await;
    world.issuer.answer_keys(key_set(&[world.key.jwk(KEY_ID), Key::p256().jwk("k2")]));
    let unnamed = token(&world.key, &world.header_with(json!({"kid": null})), &world.claims());
    let refusal = world.verify(&unnamed).await.unwrap_err();
    assert!(matches!(refusal, Refusal::UnnamedKey), "{refusal:?}");
    let misnamed = token(&world.key, &world.header_with(json!({"kid": "k2"})), &world.claims());
    let refusal = world.verify(&misnamed).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Signature), "{refusal:?}");
}

#[tokio::test]
async fn a_symmetric_key_in_the_key_set_is_no_key() {
    let world = World::new(Key::p256()).await;
    world.issuer.answer_keys(key_set(&[json!({"kty": "oct", "kid": KEY_ID, "k": encode("secret")})]));
    let header = world.header_with(json!({"alg": "HS256"}));
    let signed = token_with(&header, &world.claims(), |message| hmac(b"secret", message));
    let refusal = world.verify(&signed).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Algorithm(_)), "{refusal:?}");
}

#[tokio::test]
async fn claims() {
    let world = World::new(Key::p256()).await;
    let now = world.now_secs();
    let url = world.issuer.url.clone();
    let missing: Expected = |refusal| matches!(refusal, Refusal::MissingClaim(_));
    let malformed: Expected = |refusal| matches!(refusal, Refusal::Malformed(_));
    let no_rule: Expected = |refusal| matches!(refusal, Refusal::UnknownIssuer(_));
    let expired: Expected = |refusal| matches!(refusal, Refusal::Expired(_));
    let too_early: Expected = |refusal| matches!(refusal, Refusal::NotYetValid(_));
    let audience: Expected = |refusal| is_mismatch(refusal, |mismatch| *mismatch == Mismatch::Audience);
    let too_long: Expected =
        |refusal| is_mismatch(refusal, |mismatch| matches!(mismatch, Mismatch::Lifetime { .. }));
    let event: Expected = |refusal| is_mismatch(refusal, |mismatch| *mismatch == Mismatch::Event);
    let claim: Expected = |refusal| is_mismatch(refusal, |mismatch| matches!(mismatch, Mismatch::Claim(_)));

    let table = [
        ("another issuer", json!({"iss": "https://token.actions.githubusercontent.com"}), no_rule),
        ("issuer with a slash", json!({"iss": format!("{url}/")}), no_rule),
        ("issuer in upper case", json!({"iss": url.to_uppercase()}), no_rule),
        ("issuer with a path", json!({"iss": format!("{url}/x")}), no_rule),
        ("issuer with a space", json!({"iss": format!("{url} ")}), no_rule),
        ("issuer as a list", json!({"iss": [url]}), missing),
        ("no issuer", json!({"iss": null}), missing),
        ("audience of another", json!({"aud": "sts.amazonaws.com"}), audience),
        ("audience in upper case", json!({"aud": "REGISTRY.EXAMPLE"}), audience),
        ("audience with a scheme", json!({"aud": "https://registry.example"}), audience),
        ("audience that starts like ours", json!({"aud": "registry.example.evil.example"}), audience),
        ("empty audience", json!({"aud": ""}), audience),
        ("no audience", json!({"aud": null}), audience),
        ("audiences of others", json!({"aud": ["a", "b"]}), audience),
        ("our audience and another", json!({"aud": ["registry.example", "sts.amazonaws.com"]}), audience),
        ("no audiences", json!({"aud": []}), audience),
        ("audience as an object", json!({"aud": {"registry.example": true}}), audience),
        ("audience beside a number", json!({"aud": ["registry.example", 1]}), audience),
        ("no expiry", json!({"exp": null}), missing),
        ("expiry as text", json!({"exp": (now + 300).to_string()}), malformed),
        ("expiry below zero", json!({"exp": -1}), malformed),
        ("expiry beyond all numbers", json!({"exp": 1e300}), malformed),
        ("largest expiry", json!({"exp": u64::MAX}), too_long),
        ("expired", json!({"iat": now - 400, "nbf": now - 400, "exp": now - 60}), expired),
        ("long expired", json!({"iat": 1000, "nbf": 1000, "exp": 2000}), expired),
        ("no time of issue", json!({"iat": null}), missing),
        ("issued in the future", json!({"iat": now + 61}), too_early),
        ("issued in the far future", json!({"iat": u64::MAX, "exp": u64::MAX}), too_early),
        ("not yet valid", json!({"nbf": now + 61}), too_early),
        ("not before as text", json!({"nbf": "0"}), malformed),
        ("expires before it is issued", json!({"iat": now + 50, "exp": now + 40}), malformed),
        ("lives too long", json!({"exp": now + 3601}), too_long),
        (
            "lives too long, most of it over",
            json!({"iat": now - 7000, "nbf": now - 7000, "exp": now + 100}),
            too_long,
        ),
        ("no subject", json!({"sub": null}), missing),
        ("empty subject", json!({"sub": ""}), missing),
        ("subject as a list", json!({"sub": ["repo:o/x:ref:refs/heads/main"]}), missing),
        ("another branch", json!({"sub": "repo:o/x:ref:refs/heads/dev"}), claim),
        ("a branch below", json!({"sub": "repo:o/x:ref:refs/heads/main/x"}), claim),
        (
            "an environment with a ref in its name",
            json!({"sub": "repo:o/x:environment:y:ref:refs/heads/main"}),
            claim,
        ),
        ("an owner that starts alike", json!({"sub": "repo:o2/x:ref:refs/heads/main"}), claim),
        ("another owner before ours", json!({"sub": "repo:evil/o/x:ref:refs/heads/main"}), claim),
        ("another repository id", json!({"repository_id": "43"}), claim),
        ("repository id as a fraction", json!({"repository_id": 42.0}), claim),
        ("repository ids", json!({"repository_id": ["42"]}), claim),
        ("repository id with a zero before", json!({"repository_id": "042"}), claim),
        ("no repository id", json!({"repository_id": null}), claim),
        ("pull_request_target", json!({"event_name": "pull_request_target"}), event),
        ("workflow_run", json!({"event_name": "workflow_run"}), event),
    ];
    for (name, changes, expected) in table {
        let refusal = world.verify(&world.token(&world.claims_with(changes))).await.expect_err(name);
        assert!(expected(&refusal), "{name}: {refusal:?}");
    }
}

/// What lies just inside the limits of the table above.
#[tokio::test]
async fn claims_that_are_good() {
    let world = World::new(Key::p256()).await;
    let now = world.now_secs();
    for changes in [
        json!({}),
        json!({"aud": ["registry.example"]}),
        json!({"aud": ["registry.example", "registry.example"]}),
        json!({"nbf": null}),
        json!({"jti": null}),
        json!({"iat": now + 60, "nbf": now + 60}),
        json!({"iat": now - 400, "nbf": now - 400, "exp": now - 59}),
        json!({"exp": now + 3600}),
        json!({"repository_id": 42}),
        json!({"event_name": "workflow_dispatch"}),
        json!({"event_name": null}),
    ] {
        let verified = world.verify(&world.token(&world.claims_with(changes.clone()))).await;
        assert!(verified.is_ok(), "{changes}: {verified:?}");
    }
}

#[tokio::test]
async fn a_claim_that_occurs_twice_makes_the_token_malformed() {
    let world = World::new(Key::p256()).await;
    let text = world.claims_with(json!({"aud": "sts.amazonaws.com"})).to_string();
    let twice = text.replacen('{', r#"{"aud":"registry.example","#, 1);
    let message = format!("{}.{}", encode(world.header().to_string()), encode(twice));
    let refusal = world.verify(&format!("{message}.{}", encode([1; 64]))).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Malformed(_)), "{refusal:?}");
}

#[tokio::test]
async fn an_issuer_without_rule_is_not_asked() {
    let world = World::new(Key::p256()).await;
    let token = world.token(&world.claims());
    let refusal = world.verifier.verify(&token, &[]).await.unwrap_err();
    assert!(matches!(refusal, Refusal::UnknownIssuer(_)), "{refusal:?}");

    // A rule that is not safe is no rule.
    let unsafe_rule = world.rule(&json!({"sub": {"glob": "*"}}));
    let refusal = world.verifier.verify(&token, &[unsafe_rule]).await.unwrap_err();
    assert!(is_mismatch(&refusal, |mismatch| matches!(mismatch, Mismatch::Rule(_))), "{refusal:?}");
    assert!(world.issuer.server.received().is_empty());
}

#[tokio::test]
async fn the_public_text_does_not_tell_what_differs() {
    let world = World::new(Key::p256()).await;
    let mut texts = Vec::new();
    for changes in [
        json!({"aud": "another"}),
        json!({"sub": "another"}),
        json!({"repository_id": "43"}),
        json!({"exp": world.now_secs() + 5000}),
        json!({"event_name": "workflow_run"}),
        json!({"iss": "https://another.example"}),
    ] {
        let refusal = world.verify(&world.token(&world.claims_with(changes))).await.unwrap_err();
        texts.push(refusal.public());
    }
    let forged = token(&Key::p256(), &world.header(), &world.claims());
    texts.push(world.verify(&forged).await.unwrap_err().public());
    texts.dedup();
    assert_eq!(texts, ["no trust rule accepts this token"]);
}

fn is_mismatch(refusal: &Refusal, expected: impl Fn(&Mismatch) -> bool) -> bool {
    let Refusal::NoMatch(rules) = refusal else { return false };
    matches!(rules.as_slice(), [(rule, mismatch)] if rule == "r1" && expected(mismatch))
}
