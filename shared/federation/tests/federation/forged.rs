//! Presigned `GetCallerIdentity` calls with every part forged. None of them reaches STS.

use berth_federation::aws::{AwsRefusal, PASSWORD_PREFIX};

use crate::support::keys::encode;
use crate::support::passwords::{AwsWorld, password, password_of, url_of, with, without};
use crate::support::server::Reply;
use crate::support::sts::{HOST, JSON, KEY_ID};

#[tokio::test]
async fn forged_parameters_never_reach_sts() {
    let world = AwsWorld::new(Reply::ok(JSON)).await;
    let good = url_of(&password());
    assert!(world.verify(&password_of(&good)).await.is_ok(), "the table proves something");
    let add = |text: &str| format!("{good}&{text}");
    let credential = |scope: &str| with("X-Amz-Credential", &scope.replace('/', "%2F"));

    let table = [
        ("another action", with("Action", "AssumeRole")),
        ("action in lower case", with("Action", "getcalleridentity")),
        ("no action", without("Action")),
        ("two actions", add("Action=GetCallerIdentity")),
        ("another action added", add("Action=GetSessionToken")),
        ("action in another case added", add("action=GetSessionToken")),
        ("action in another case", good.replace("?Action=", "?action=")),
        ("action, its name encoded", add("%41ction=GetSessionToken")),
        ("another version", with("Version", "2010-05-08")),
        ("no version", without("Version")),
        ("another algorithm", with("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256")),
        ("no algorithm", without("X-Amz-Algorithm")),
        ("no credential", without("X-Amz-Credential")),
        (
            "credential of another service",
            credential(&format!("{KEY_ID}/20261121/eu-central-1/s3/aws4_request")),
        ),
        (
            "credential of another region",
            credential(&format!("{KEY_ID}/20261121/us-east-1/sts/aws4_request")),
        ),
        (
            "credential of another day",
            credential(&format!("{KEY_ID}/20261120/eu-central-1/sts/aws4_request")),
        ),
        (
            "credential with another end",
            credential(&format!("{KEY_ID}/20261121/eu-central-1/sts/aws5_request")),
        ),
        ("credential with more", credential(&format!("{KEY_ID}/20261121/eu-central-1/sts/aws4_request/x"))),
        ("credential without key", credential("/20261121/eu-central-1/sts/aws4_request")),
        (
            "credential with a strange key",
            credential("AKID&EXAMPLE=012345/20261121/eu-central-1/sts/aws4_request"),
        ),
        ("no date", without("X-Amz-Date")),
        ("a date of another form", with("X-Amz-Date", "2026-11-21T08:30:00Z")),
        ("a day that is none", with("X-Amz-Date", "20261132T083000Z")),
        ("an hour that is none", with("X-Amz-Date", "20261121T250000Z")),
        ("two dates", add("X-Amz-Date=20261121T083000Z")),
        ("no expiry", without("X-Amz-Expires")),
        ("expiry of zero", with("X-Amz-Expires", "0")),
        ("expiry too long", with("X-Amz-Expires", "901")),
        ("expiry far too long", with("X-Amz-Expires", "604800")),
        ("expiry below zero", with("X-Amz-Expires", "-1")),
        ("expiry with a sign", with("X-Amz-Expires", "%2B60")),
        ("expiry that is empty", with("X-Amz-Expires", "")),
        ("expiry in hexadecimal", with("X-Amz-Expires", "0x3")),
        ("no signature", without("X-Amz-Signature")),
        ("a short signature", with("X-Amz-Signature", "00")),
        ("a signature in upper case", with("X-Amz-Signature", &"A".repeat(64))),
        ("a signature with more", with("X-Amz-Signature", &format!("{}%0d%0a", "a".repeat(60)))),
        ("no signed headers", without("X-Amz-SignedHeaders")),
        ("our header not signed", with("X-Amz-SignedHeaders", "host")),
        ("host not signed", with("X-Amz-SignedHeaders", "x-berth-registry")),
        ("the header of another product", with("X-Amz-SignedHeaders", "host%3Bx-k8s-aws-id")),
        ("more signed headers", with("X-Amz-SignedHeaders", "host%3Bx-berth-registry%3Bx-more")),
        ("an empty session token", add("X-Amz-Security-Token=")),
        ("a strange session token", add("X-Amz-Security-Token=a%26Action%3Db")),
        ("two session tokens", add("X-Amz-Security-Token=a&X-Amz-Security-Token=b")),
        ("an unknown parameter", add("DurationSeconds=900")),
        ("a parameter of other clients", add("X-Amz-User-Agent=x")),
        ("a parameter without value", add("x")),
        ("an empty parameter", add("")),
        ("a value that is not ASCII", add("X-Amz-Security-Token=%C3%A9")),
        ("a value that is not text", add("X-Amz-Security-Token=%FF")),
        ("a fragment", add("X-Amz-Security-Token=a#b")),
    ];
    refused_by_form(&world, table.into()).await;
}

#[tokio::test]
async fn urls_of_other_places_are_never_asked() {
    let world = AwsWorld::new(Reply::ok(JSON)).await;
    let good = url_of(&password());
    assert!(world.verify(&password_of(&good)).await.is_ok(), "the table proves something");
    let host = |host: &str| good.replace(HOST, host);

    let table = [
        ("plain http", good.replace("https://", "http://")),
        ("scheme in upper case", good.replace("https://", "HTTPS://")),
        ("the global host", host("sts.amazonaws.com")),
        ("another region's host", host("sts.us-east-1.amazonaws.com")),
        ("China's suffix", host(&format!("{HOST}.cn"))),
        ("a host that ends alike", host(&format!("evil-{HOST}"))),
        ("a host that starts alike", host(&format!("{HOST}.evil.example"))),
        ("another host", host("evil.example")),
        ("the metadata service", host("169.254.169.254")),
        ("a host in upper case", host(&HOST.to_uppercase())),
        ("a host with a dot at its end", host(&format!("{HOST}."))),
        ("a port", host(&format!("{HOST}:443"))),
        ("another port", host(&format!("{HOST}:8443"))),
        ("a user", host(&format!("user@{HOST}"))),
        ("a host before an at sign", host(&format!("{HOST}@evil.example"))),
        ("a host before a backslash", host(&format!("evil.example\\@{HOST}"))),
        ("a host before a fragment", host(&format!("evil.example#{HOST}"))),
        ("a path", good.replace("/?", "/x?")),
        ("a path up", good.replace("/?", "/x/../?")),
        ("two slashes", good.replace("/?", "//?")),
        ("no path", good.replace("/?", "?")),
        ("two queries", good.replace("/?", "/?/?")),
        ("space before", format!(" {good}")),
        ("line break after", format!("{good}\n")),
    ];
    refused_by_form(&world, table.into()).await;
}

/// Each URL is refused, and nobody is asked about it.
async fn refused_by_form(world: &AwsWorld, table: Vec<(&str, String)>) {
    let good = url_of(&password());
    let before = world.sts.received().len();
    for (name, url) in table {
        assert_ne!(url, good, "{name}: the row changes nothing");
        let refusal = world.verify(&password_of(&url)).await.expect_err(name);
        let is_refused_by_form = matches!(
            refusal,
            AwsRefusal::Malformed(_) | AwsRefusal::Parameter(_) | AwsRefusal::UnknownParameter
        );
        assert!(is_refused_by_form && !refusal.is_temporary(), "{name}: {refusal:?}");
        assert_eq!(refusal.public(), "the AWS proof is malformed", "{name}");
    }
    assert_eq!(world.sts.received().len(), before, "STS was asked");
}

#[tokio::test]
async fn passwords_that_are_none() {
    let world = AwsWorld::new(Reply::ok(JSON)).await;
    let good = password();
    let encoded = good.strip_prefix(PASSWORD_PREFIX).unwrap();
    for text in [
        String::new(),
        encoded.to_owned(),
        format!("k8s-aws-v1.{encoded}"),
        format!("BERTH-AWS-V1.{encoded}"),
        format!("{good}="),
        format!("{good}!"),
        format!("{PASSWORD_PREFIX}{}", encode([0xff, 0xfe])),
        format!("{PASSWORD_PREFIX}{}", "A".repeat(4096)),
    ] {
        let refusal = world.verify(&text).await.unwrap_err();
        assert!(matches!(refusal, AwsRefusal::Malformed(_)), "{text}: {refusal:?}");
    }
    assert!(world.sts.received().is_empty());
}
