//! Presigned `GetCallerIdentity` calls that are good, and what STS says.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use berth_federation::aws::{AwsRefusal, AwsVerifier, PresignError, presign};
use berth_outbound::{Outbound, OutboundError, Policy};
use berth_registry::Clock;
use berth_testkit::ManualClock;

use crate::support::passwords::{
    AwsWorld, NOW_SECS, REGISTRY, credentials, password, password_of, rule, url_of, with,
};
use crate::support::server::Reply;
use crate::support::sts::{self, HOST, JSON, KEY_ID, REGION};

type Expected = fn(&AwsRefusal) -> bool;

#[tokio::test]
async fn a_role_proves_who_it_is() {
    let world = AwsWorld::new(Reply::ok(JSON)).await;
    let verified = world.verify(&password()).await.expect("a good password");
    assert_eq!(verified.rule_id, "deploy-role");
    assert_eq!(verified.principal.account, "123456789012");
    assert_eq!(verified.principal.arn, "arn:aws:iam::123456789012:role/deploy");
    assert_eq!(verified.principal.user_id, "AROAEXAMPLE:run-1");
    assert_eq!(verified.expires_at_secs, NOW_SECS + 900);
    let received = world.sts.received();
    assert_eq!(received.len(), 1, "one call");
    assert_eq!(received[0].header("x-berth-registry"), Some(REGISTRY));
    assert_eq!(received[0].header("accept"), Some("application/json"));
    assert!(received[0].body.is_empty());
}

#[tokio::test]
async fn temporary_credentials_and_other_forms() {
    let world = AwsWorld::new(Reply::ok(JSON)).await;
    let temporary = presign(&credentials(Some("FwoG+/aws==")), REGION, REGISTRY, NOW_SECS).unwrap();
    assert!(world.verify(&temporary).await.is_ok());

    // The order of the parameters is the caller's own business.
    let url = url_of(&password());
    let (head, query) = url.split_once('?').unwrap();
    let reversed = query.split('&').rev().collect::<Vec<_>>().join("&");
    assert!(world.verify(&password_of(&format!("{head}?{reversed}"))).await.is_ok());
}

/// The signatures are those of botocore 1.43 for the same input.
#[test]
fn passwords_are_those_of_other_signers() {
    let query = |token: &str, signature: &str| {
        format!(
            "https://{HOST}/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential={KEY_ID}%2F20261121%2Feu-central-1%2Fsts%2Faws4_request&X-Amz-Date=20261121T083000Z\
             &X-Amz-Expires=900{token}&X-Amz-SignedHeaders=host%3Bx-berth-registry&X-Amz-Signature={signature}"
        )
    };
    let plain = query("", "4599ba9bd215382369bb35a6d7ab9bf52592e3260a75329e5a16be24a9f0abee");
    assert_eq!(sorted(&url_of(&password())), sorted(&plain));
    let token = "FwoGZXIvYXdzEXAMPLE+/token==";
    let temporary = presign(&credentials(Some(token)), REGION, REGISTRY, NOW_SECS).unwrap();
    let expected = query(
        "&X-Amz-Security-Token=FwoGZXIvYXdzEXAMPLE%2B%2Ftoken%3D%3D",
        "d1da1c6150576d06993944316408d9ce84516847702bff283bc33a92397809c3",
    );
    assert_eq!(sorted(&url_of(&temporary)), sorted(&expected));
}

fn sorted(url: &str) -> Vec<&str> {
    let mut parts: Vec<_> = url.split(['?', '&']).collect();
    parts.sort_unstable();
    parts
}

#[test]
fn what_cannot_be_presigned() {
    let other = presign(&credentials(None), "evil.example/", REGISTRY, NOW_SECS);
    assert!(matches!(other, Err(PresignError::Region(_))));
    let long = presign(&credentials(Some(&"a".repeat(4000))), REGION, REGISTRY, NOW_SECS);
    assert!(matches!(long, Err(PresignError::TooLong(_))));
    assert!(presign(&credentials(None), REGION, "a\nb", NOW_SECS).is_err());
}

#[tokio::test]
async fn a_password_is_good_for_fifteen_minutes() {
    let world = AwsWorld::new(Reply::ok(JSON)).await;
    let password = password();
    for (now_secs, is_good) in [
        (NOW_SECS, true),
        (NOW_SECS + 899, true),
        (NOW_SECS + 900, false),
        (NOW_SECS + 100_000, false),
        (NOW_SECS - 300, true),
        (NOW_SECS - 301, false),
        (0, false),
    ] {
        world.clock.set(Duration::from_secs(now_secs));
        let result = world.verify(&password).await;
        assert_eq!(result.is_ok(), is_good, "{now_secs}: {result:?}");
    }
    // What the caller says he wants counts, if it is less.
    world.clock.set(Duration::from_secs(NOW_SECS + 60));
    let refusal = world.verify(&password_of(&with("X-Amz-Expires", "60"))).await.unwrap_err();
    assert!(matches!(refusal, AwsRefusal::Expired(end) if end == NOW_SECS + 60), "{refusal:?}");
    assert_eq!(world.clock.now_secs(), NOW_SECS + 60);
}

#[tokio::test]
async fn what_is_well_formed_and_not_signed_is_rejected_by_sts() {
    let world = AwsWorld::new(Reply::ok(JSON)).await;
    let signature = url_of(&password()).rsplit_once('=').unwrap().1.to_owned();
    let altered = signature.chars().rev().collect::<String>();
    let other_secret = Credentials::new(KEY_ID, "another secret", None, None, "test");
    for (name, password) in [
        ("another signature", password_of(&with("X-Amz-Signature", &altered))),
        ("another expiry", password_of(&with("X-Amz-Expires", "899"))),
        ("another second", password_of(&with("X-Amz-Date", "20261121T083001Z"))),
        ("a session token added", password_of(&format!("{}&X-Amz-Security-Token=a", url_of(&password())))),
        ("another secret", presign(&other_secret, REGION, REGISTRY, NOW_SECS).unwrap()),
        ("for another registry", presign(&credentials(None), REGION, "other.example", NOW_SECS).unwrap()),
    ] {
        let refusal = world.verify(&password).await.expect_err(name);
        assert!(matches!(refusal, AwsRefusal::Rejected(403)), "{name}: {refusal:?}");
        assert_eq!(refusal.public(), "AWS does not accept this proof");
    }
}

#[tokio::test]
async fn answers_of_sts() {
    let elsewhere = sts::start(Reply::ok(JSON)).await;
    let redirect = Reply::redirect(&format!("http://127.0.0.1:{}/", elsewhere.port));
    let slow = Reply { delay: Duration::from_secs(20), ..Reply::ok(JSON) };
    let rejected: Expected = |refusal| matches!(refusal, AwsRefusal::Rejected(_));
    let unreadable: Expected = |refusal| matches!(refusal, AwsRefusal::Answer);
    let failed: Expected = |refusal| matches!(refusal, AwsRefusal::Sts(_));
    for (name, reply, expected, may_pass) in [
        ("redirect", redirect, rejected, false),
        ("expired credentials", Reply::status(403), rejected, false),
        ("bad request", Reply::status(400), rejected, false),
        ("broken", Reply::status(500), rejected, true),
        ("not an answer", Reply::ok("<html>"), unreadable, true),
        ("another status", Reply { status: 201, ..Reply::ok(JSON) }, rejected, false),
        ("huge", Reply::ok(vec![b' '; 20_000]), failed, true),
        ("slow", slow, failed, true),
    ] {
        let world = AwsWorld::new(reply).await;
        let refusal = world.verify(&password()).await.expect_err(name);
        assert!(expected(&refusal), "{name}: {refusal:?}");
        assert_eq!(refusal.is_temporary(), may_pass, "{name}");
        assert_eq!(world.sts.received().len(), 1, "{name}: one call");
    }
    assert!(elsewhere.received().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn rules_for_principals() {
    let world = AwsWorld::new(Reply::ok(JSON)).await;
    let rules = [
        rule("other account", "arn:aws:iam::210987654321:role/deploy"),
        rule("other role", "arn:aws:iam::123456789012:role/deploy-*"),
        rule("session", "arn:aws:sts::123456789012:assumed-role/deploy/run-1"),
        rule("exact", "arn:aws:iam::123456789012:role/deploy"),
    ];
    assert_eq!(world.verifier.verify(&password(), &rules).await.unwrap().rule_id, "exact");
    let refusal = world.verifier.verify(&password(), &rules[..3]).await.unwrap_err();
    assert!(matches!(refusal, AwsRefusal::NoMatch(_)), "{refusal:?}");

    let asked = world.sts.received().len();
    let mut unsafe_rule = rule("unsafe", "arn:aws:iam::123456789012:role/*");
    unsafe_rule.account = "210987654321".to_owned();
    for rules in [&[][..], &[unsafe_rule]] {
        let refusal = world.verifier.verify(&password(), rules).await.unwrap_err();
        assert!(matches!(refusal, AwsRefusal::NoRules), "{refusal:?}");
    }
    assert_eq!(world.sts.received().len(), asked);
}

/// Without an endpoint of a test, AWS itself is asked, at an address that is public.
#[tokio::test]
async fn the_host_is_that_of_the_password() {
    struct Inside;

    #[async_trait::async_trait]
    impl berth_outbound::Names for Inside {
        async fn addresses(&self, host: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
            assert_eq!(host, HOST);
            Ok(vec!["10.0.0.1".parse().expect("an address")])
        }
    }

    let clock = Arc::new(ManualClock::new(Duration::from_secs(NOW_SECS)));
    let outbound = Outbound::with_names(Policy::default(), Arc::new(Inside));
    let verifier = AwsVerifier::new(outbound, clock, REGISTRY).unwrap();
    let rules = [rule("r", "arn:aws:iam::123456789012:role/deploy")];
    let refusal = verifier.verify(&password(), &rules).await.unwrap_err();
    assert!(matches!(refusal, AwsRefusal::Sts(OutboundError::Address { .. })), "{refusal:?}");
}
