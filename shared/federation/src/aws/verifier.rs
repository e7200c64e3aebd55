//! Passwords against rules.

use std::sync::Arc;

use berth_outbound::{Call, Outbound};
use berth_registry::Clock;
use http::{HeaderName, HeaderValue, header};

use super::presigned::Presigned;
use super::{AwsPrincipal, AwsRefusal, AwsRule, REGISTRY_HEADER, sts};

/// The largest answer of STS.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// A principal that a rule accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsVerified {
    /// The rule that accepts it.
    pub rule_id: String,
    /// Who it is.
    pub principal: AwsPrincipal,
    /// When the proof expires. What is given in return need not live as short, but should.
    pub expires_at_secs: u64,
}

/// Who STS says has made a proof. Whether he is let in is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsProven {
    /// Who it is.
    pub principal: AwsPrincipal,
    /// When the proof expires.
    pub expires_at_secs: u64,
}

/// Checks presigned `GetCallerIdentity` calls.
#[derive(Clone)]
pub struct AwsVerifier {
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    registry: HeaderValue,
    endpoint: Option<String>,
}

impl AwsVerifier {
    /// Accepts proofs for `registry`: this registry's public host, from its settings and never from a request. `None` if that cannot be
    /// the value of a header.
    pub fn new(outbound: Outbound, clock: Arc<dyn Clock>, registry: &str) -> Option<Self> {
        let registry = HeaderValue::from_str(registry).ok().filter(|value| !value.is_empty())?;
        Some(Self { outbound, clock, registry, endpoint: None })
    }

    /// Asks `endpoint`, such as `http://127.0.0.1:4566`, in place of AWS. For development and tests.
    #[must_use]
    pub fn with_endpoint(self, endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), ..self }
    }

    /// Accepts `password` by the first of `rules` that fits, or says why not. Calls STS at most once, and not at all if the password
    /// cannot be good or no rule is safe ([`AwsRule::check`]).
    ///
    /// A password may be used until it expires, at most 15 minutes: docker sends it with every request for a token.
    pub async fn verify(&self, password: &str, rules: &[AwsRule]) -> Result<AwsVerified, AwsRefusal> {
        let proof = Presigned::parse(password, self.clock.now_secs())?;
        if !rules.iter().any(|rule| rule.check().is_ok()) {
            return Err(AwsRefusal::NoRules);
        }
        self.prove(&proof).await?.fit(rules)
    }

    /// Who has made `password`, for whoever finds rules by the account. Calls STS at most once, and not at all if the password cannot
    /// be good; the caller sees to it that there are rules at all.
    pub async fn identify(&self, password: &str) -> Result<AwsProven, AwsRefusal> {
        self.prove(&Presigned::parse(password, self.clock.now_secs())?).await
    }

    async fn prove(&self, proof: &Presigned) -> Result<AwsProven, AwsRefusal> {
        let principal = self.ask(proof).await?;
        Ok(AwsProven { principal, expires_at_secs: proof.expires_at_secs })
    }

    async fn ask(&self, proof: &Presigned) -> Result<AwsPrincipal, AwsRefusal> {
        let origin = match &self.endpoint {
            Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
            None => format!("https://{}", proof.host),
        };
        let call = Call::get(format!("{origin}/?{}", proof.query))
            .header(HeaderName::from_static(REGISTRY_HEADER), self.registry.clone())
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .max_answer_bytes(MAX_ANSWER_BYTES);
        let answer = self.outbound.send(call).await?;
        match answer.status.as_u16() {
            200 => sts::principal(&answer.body).ok_or(AwsRefusal::Answer),
            status => Err(AwsRefusal::Rejected(status)),
        }
    }
}

impl AwsProven {
    /// Accepts the principal by the first of `rules` that is safe ([`AwsRule::check`]) and fits.
    pub fn fit(self, rules: &[AwsRule]) -> Result<AwsVerified, AwsRefusal> {
        let Self { principal, expires_at_secs } = self;
        match rules.iter().find(|rule| rule.check().is_ok() && rule.accepts(&principal)) {
            Some(rule) => Ok(AwsVerified { rule_id: rule.id.clone(), principal, expires_at_secs }),
            None => Err(AwsRefusal::NoMatch(principal.arn)),
        }
    }
}

impl std::fmt::Debug for AwsVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsVerifier").field("registry", &self.registry).finish_non_exhaustive()
    }
}
