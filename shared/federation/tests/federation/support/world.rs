//! An issuer with one key, a rule for it, and a verifier.

use std::sync::Arc;

use berth_federation::{Refusal, Rule, Verified, Verifier};
use berth_outbound::{Outbound, Policy};
use berth_registry::Clock;
use berth_testkit::ManualClock;
use serde_json::{Value, json};

use super::issuer::Issuer;
use super::keys::{Key, token};
use super::seen::Seen;

pub(crate) const AUDIENCE: &str = "registry.example";
pub(crate) const KEY_ID: &str = "k1";
/// Long enough for loopback on a busy machine.
pub(crate) const TIMEOUT_MS: u64 = 2_000;

pub(crate) struct World {
    pub(crate) key: Key,
    pub(crate) issuer: Issuer,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) verifier: Verifier,
}

impl World {
    pub(crate) async fn new(key: Key) -> Self {
        Self::with_seen(key, Seen::default()).await
    }

    pub(crate) async fn with_seen(key: Key, seen: Seen) -> Self {
        let issuer = Issuer::start(&[key.jwk(KEY_ID)]).await;
        let (clock, seen) = (Arc::new(ManualClock::default()), Arc::new(seen));
        let verifier = Verifier::new(outbound(), clock.clone(), seen.clone());
        Self { key, issuer, clock, seen, verifier }
    }

    pub(crate) fn now_secs(&self) -> u64 {
        self.clock.now_secs()
    }

    /// Claims that `rule` accepts.
    pub(crate) fn claims(&self) -> Value {
        let now_secs = self.now_secs();
        json!({
            "iss": self.issuer.url, "aud": AUDIENCE, "sub": "repo:o/x:ref:refs/heads/main", "jti": "j1",
            "iat": now_secs, "nbf": now_secs, "exp": now_secs + 300,
            "repository": "o/x", "repository_id": "42", "event_name": "push"
        })
    }

    /// The claims with some replaced; null takes one away.
    pub(crate) fn claims_with(&self, changes: Value) -> Value {
        merged(self.claims(), changes)
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.key.algorithm(), "kid": KEY_ID, "typ": "JWT"})
    }

    pub(crate) fn header_with(&self, changes: Value) -> Value {
        merged(self.header(), changes)
    }

    /// A token as the issuer makes it.
    pub(crate) fn token(&self, claims: &Value) -> String {
        token(&self.key, &self.header(), claims)
    }

    /// A rule with these conditions; tokens may be used again.
    pub(crate) fn rule(&self, claims: &Value) -> Rule {
        let rule = json!({
            "id": "r1", "name": "a rule", "issuer": self.issuer.url, "audiences": [AUDIENCE], "claims": claims, "single_use": false
        });
        serde_json::from_value(rule).expect("a rule")
    }

    /// A rule for the claims above.
    pub(crate) fn usual_rule(&self) -> Rule {
        self.rule(
            &json!({"repository_id": {"equals": "42"}, "sub": {"glob": "repo:o/*:ref:refs/heads/main"}}),
        )
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<Verified, Refusal> {
        self.verifier.verify(token, &[self.usual_rule()]).await
    }
}

/// An outbound client that reaches loopback.
pub(crate) fn outbound() -> Outbound {
    Outbound::new(Policy { allow_loopback: true, total_timeout_ms: TIMEOUT_MS, ..Policy::default() })
}

fn merged(mut object: Value, changes: Value) -> Value {
    let (Value::Object(fields), Value::Object(changes)) = (&mut object, changes) else { panic!("objects") };
    for (name, value) in changes {
        match value {
            Value::Null => fields.remove(&name),
            value => fields.insert(name, value),
        };
    }
    object
}
