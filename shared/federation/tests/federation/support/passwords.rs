//! Presigned passwords, good and altered, and a verifier with an STS for them.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_federation::aws::{AwsRefusal, AwsRule, AwsVerified, AwsVerifier, PASSWORD_PREFIX, presign};
use berth_testkit::ManualClock;
use serde_json::json;

use super::keys::encode;
use super::server::{Reply, Server};
use super::sts::{self, KEY_ID, REGION, SECRET};
use super::world::outbound;

pub(crate) const REGISTRY: &str = "registry.example";
/// 2026-11-21T08:30:00Z.
pub(crate) const NOW_SECS: u64 = 1_795_249_800;

pub(crate) struct AwsWorld {
    pub(crate) sts: Server,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) verifier: AwsVerifier,
}

impl AwsWorld {
    pub(crate) async fn new(reply: Reply) -> Self {
        let sts = sts::start(reply).await;
        let clock = Arc::new(ManualClock::new(Duration::from_secs(NOW_SECS)));
        let verifier = AwsVerifier::new(outbound(), clock.clone(), REGISTRY).expect("a header value");
        let verifier = verifier.with_endpoint(format!("http://127.0.0.1:{}", sts.port));
        Self { sts, clock, verifier }
    }

    pub(crate) async fn verify(&self, password: &str) -> Result<AwsVerified, AwsRefusal> {
        self.verifier.verify(password, &[rule("deploy-role", "arn:aws:iam::123456789012:role/deploy*")]).await
    }
}

pub(crate) fn rule(id: &str, principal: &str) -> AwsRule {
    let account = principal.split(':').nth(4).expect("an ARN");
    let rule = json!({"id": id, "name": id, "account": account, "principals": [principal]});
    serde_json::from_value(rule).expect("a rule")
}

pub(crate) fn credentials(session_token: Option<&str>) -> Credentials {
    Credentials::new(KEY_ID, SECRET, session_token.map(str::to_owned), None, "test")
}

pub(crate) fn password() -> String {
    presign(&credentials(None), REGION, REGISTRY, NOW_SECS).expect("a password")
}

pub(crate) fn url_of(password: &str) -> String {
    let encoded = password.strip_prefix(PASSWORD_PREFIX).expect("our prefix");
    String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).expect("base64url")).expect("text")
}

pub(crate) fn password_of(url: &str) -> String {
    format!("{PASSWORD_PREFIX}{}", encode(url))
}

/// The URL of a good password, with the value of one parameter replaced as it stands in the URL.
pub(crate) fn with(name: &str, value: &str) -> String {
    let url = url_of(&password());
    let (head, query) = url.split_once('?').expect("a query");
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((found, _)) if found == name => format!("{name}={value}"),
        _ => pair.to_owned(),
    });
    format!("{head}?{}", pairs.collect::<Vec<_>>().join("&"))
}

pub(crate) fn without(name: &str) -> String {
    let url = with(name, "@");
    url.replace(&format!("&{name}=@"), "").replace(&format!("{name}=@&"), "")
}
