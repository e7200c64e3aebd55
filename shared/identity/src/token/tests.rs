//! What is a token of ours and what is not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_registry::RepositoryAction;
use berth_registry::sign_in::Grant;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::*;

const NOW: u64 = 1_800_000_000;
const HOST: &str = "registry.example";

fn tokens() -> Tokens {
    Tokens::new("a secret", None).unwrap()
}

fn claims() -> Claims {
    let grant = Grant {
        repository: "team/app".parse().unwrap(),
        project: 7,
        allowed: vec![RepositoryAction::Pull],
        refused: vec![RepositoryAction::Push],
        may_revive: true,
        role: Some("guest".to_owned()),
    };
    Claims {
        iss: claims::ISSUER.to_owned(),
        sub: "alice".to_owned(),
        aud: HOST.to_owned(),
        exp: NOW + 300,
        nbf: NOW,
        iat: NOW,
        jti: "1".to_owned(),
        access: vec![Access::of(&grant), Access::catalog(false)],
    }
}

/// A token with another header, signed with our own key.
fn with_header(header: &Value) -> String {
    let mut header = header.clone();
    header["typ"] = json!(ACCESS_TYPE);
    let parts = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", parts(&header), parts(&serde_json::to_value(claims()).unwrap()));
    let signature =
        jsonwebtoken::crypto::sign(signed.as_bytes(), &tokens().keys[0].signing, Algorithm::ES256).unwrap();
    format!("{signed}.{signature}")
}

#[test]
fn a_token_says_what_it_was_given_for() {
    let token = tokens().sign(&claims()).unwrap();
    let read = tokens().verify(&token, HOST, NOW).unwrap();
    assert_eq!(read, claims());
    let holder = read.holder();
    assert_eq!((holder.name.as_deref(), holder.catalog), (Some("alice"), Some(false)));
    assert_eq!(holder.grants[0].allowed, [RepositoryAction::Pull]);
    assert_eq!(holder.grants[0].refused, [RepositoryAction::Push]);
    assert_eq!(holder.grants[0].project, 7);
}

#[test]
fn a_token_is_good_at_its_host_and_in_its_time() {
    let token = tokens().sign(&claims()).unwrap();
    for (host, now_secs, good) in [
        (HOST, NOW - 60, true),
        (HOST, NOW - 61, false),
        (HOST, NOW + 299, true),
        (HOST, NOW + 300, false),
        ("registry.example:443", NOW, false),
        ("other.example", NOW, false),
        ("", NOW, false),
    ] {
        assert_eq!(tokens().verify(&token, host, now_secs).is_some(), good, "{host} {now_secs}");
    }
}

#[test]
fn a_token_of_the_previous_key_is_good_and_of_another_is_not() {
    let token = Tokens::new("old", None).unwrap().sign(&claims()).unwrap();
    let verify =
        |current, previous| Tokens::new(current, previous).unwrap().verify(&token, HOST, NOW).is_some();
    assert!(verify("new", Some("old")));
    assert!(!verify("new", None));
    assert!(!verify("new", Some("other")));
    let both = Tokens::new("new", Some("old")).unwrap().key_set();
    let both: Value = serde_json::from_str(&both).unwrap();
    assert_eq!(both["keys"].as_array().unwrap().len(), 2);
}

#[test]
fn a_token_signed_otherwise_is_nobodys() {
    let kid = tokens().keys[0].id.clone();
    let public = serde_json::to_value(tokens().keys[0].public()).unwrap();
    let good = tokens().sign(&claims()).unwrap();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, body) = signed.split_once('.').unwrap();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());

    // The control: our own header, made by the same function as the forgeries.
    assert!(tokens().verify(&with_header(&json!({"alg": "ES256", "kid": kid})), HOST, NOW).is_some());

    let none = format!("{}.{body}.", encode(&json!({"alg": "none", "kid": kid})));
    let mut mac = Hmac::<Sha256>::new_from_slice(public.to_string().as_bytes()).unwrap();
    let symmetric = format!("{}.{body}", encode(&json!({"alg": "HS256", "kid": kid})));
    mac.update(symmetric.as_bytes());
    let symmetric = format!("{symmetric}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    let mut more = claims();
    more.access[0].actions = vec!["pull".to_owned(), "push".to_owned()];
    let altered = format!("{header}.{}.{signature}", encode(&serde_json::to_value(&more).unwrap()));
    let attacker = Tokens::new("attacker", None).unwrap();
    let own_key = {
        let stranger = &attacker.keys[0];
        let header = json!({"alg": "ES256", "kid": kid, "jwk": stranger.public()});
        let signed = format!("{}.{body}", encode(&header));
        let signature =
            jsonwebtoken::crypto::sign(signed.as_bytes(), &stranger.signing, Algorithm::ES256).unwrap();
        format!("{signed}.{signature}")
    };

    for (what, token) in [
        ("no algorithm", none),
        ("the public key as a shared secret", symmetric),
        ("altered claims", altered),
        ("a key that comes along", own_key),
        (
            "a key that comes along, with our signature",
            with_header(&json!({"alg": "ES256", "kid": kid, "jwk": public})),
        ),
        (
            "a key at an address",
            with_header(&json!({"alg": "ES256", "kid": kid, "jku": "https://evil.example"})),
        ),
        (
            "a certificate that comes along",
            with_header(&json!({"alg": "ES256", "kid": kid, "x5c": ["MIIB"]})),
        ),
        (
            "a certificate at an address",
            with_header(&json!({"alg": "ES256", "kid": kid, "x5u": "https://evil.example"})),
        ),
        ("another curve", with_header(&json!({"alg": "ES384", "kid": kid}))),
        ("another kind of key", with_header(&json!({"alg": "RS256", "kid": kid}))),
        ("an algorithm in small letters", with_header(&json!({"alg": "es256", "kid": kid}))),
        ("no key named", with_header(&json!({"alg": "ES256"}))),
        ("another key named", with_header(&json!({"alg": "ES256", "kid": "other"}))),
        ("another key", attacker.sign(&claims()).unwrap()),
        ("no signature", format!("{signed}.")),
        ("too little", signed.to_owned()),
        ("too much", format!("{good}.{good}")),
        ("too long", format!("{good}{}", "A".repeat(MAX_TOKEN_BYTES))),
        ("nothing", String::new()),
    ] {
        assert_eq!(tokens().verify(&token, HOST, NOW), None, "{what}");
    }
}

#[test]
fn claims_that_are_missing_make_no_token() {
    let key = &tokens().keys[0];
    let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::ES256) };
    for missing in ["exp", "nbf", "aud", "iss", "access"] {
        let mut claims = serde_json::to_value(claims()).unwrap();
        claims.as_object_mut().unwrap().remove(missing);
        let token = encode(&header, &claims, &key.signing).unwrap();
        assert_eq!(tokens().verify(&token, HOST, NOW), None, "{missing}");
    }
    for (claim, value) in
        [("iss", json!("other")), ("aud", json!(["other.example"])), ("exp", json!("never"))]
    {
        let mut claims = serde_json::to_value(claims()).unwrap();
        claims[claim] = value;
        let token = encode(&header, &claims, &key.signing).unwrap();
        assert_eq!(tokens().verify(&token, HOST, NOW), None, "{claim}");
    }
}

/// Asserts nothing about time. `cargo test --release --workspace -- --ignored --nocapture token::tests::the_cost`
#[test]
#[ignore = "heavy: run by just test-full"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn the_cost_of_signing_and_checking() {
    const TIMES: u32 = 5000;
    let tokens = tokens();
    let each = |what: &str, work: &dyn Fn()| {
        let start = std::time::Instant::now();
        (0..TIMES).for_each(|_| work());
        eprintln!("{what}: {} µs", start.elapsed().as_micros() / u128::from(TIMES));
    };
    let token = tokens.sign(&claims()).unwrap();
    each("sign", &|| assert!(tokens.sign(&claims()).is_some()));
    each("verify", &|| assert!(tokens.verify(&token, HOST, NOW).is_some()));
}
