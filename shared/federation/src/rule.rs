//! Trust rules: which tokens of which issuer are accepted.

use std::collections::BTreeMap;

use berth_outbound::Url;
use serde::{Deserialize, Serialize};

use crate::Glob;
use crate::platform::tenants;

/// The longest life that a rule may allow.
const MAX_LIFETIME_SECS: u64 = 24 * 60 * 60;
/// The most audiences and the most conditions of one rule.
const MAX_ENTRIES: usize = 32;
/// Longest id, issuer, audience, claim name or value, in bytes.
const MAX_TEXT_BYTES: usize = 1024;
/// GitHub's events that run with the rights of the target repository on behalf of a stranger.
const DANGEROUS_EVENTS: [&str; 2] = ["pull_request_target", "workflow_run"];
/// Claims that are checked in another way and say nothing about who the caller is.
const CHECKED_ELSEWHERE: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// A trust rule. What it grants is kept elsewhere, under its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What the rights are kept under, and what the log says.
    pub id: String,
    /// The name for people to read.
    pub name: String,
    /// The `iss` of the tokens, character by character.
    pub issuer: String,
    /// The audiences that are ours. A token must name one of them, and none besides.
    pub audiences: Vec<String>,
    /// What the claims must be, all of them. A key is the name of a claim, or a JSON pointer (RFC 6901) into nested claims, which
    /// starts with `/`: `/kubernetes.io/namespace`, `/https:~1~1sts.amazonaws.com~1/org_id`.
    pub claims: BTreeMap<String, Condition>,
    /// Values of `event_name` that are refused whatever the other claims say. Unless told, `pull_request_target` and `workflow_run`.
    #[serde(default = "Rule::dangerous_events")]
    pub refused_events: Vec<String>,
    /// Whether a token is good once; it then needs a `jti`. Kubernetes hands one token to many pulls: false there.
    #[serde(default = "yes")]
    pub single_use: bool,
    /// The longest life that a token may have, from `iat` to `exp`. An hour unless told.
    #[serde(default = "an_hour")]
    pub max_lifetime_secs: u64,
}

/// What a claim must be. Numbers and booleans are compared as text; a claim that is missing, a list or an object never fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// This text.
    Equals(String),
    /// A text that matches.
    Glob(Glob),
}

/// Why a rule must not be used. The text is for whoever wrote the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A text that is empty or too long.
    #[error("{0} must have between 1 and {MAX_TEXT_BYTES} bytes")]
    Text(&'static str),
    /// Too many audiences, events or conditions.
    #[error("a rule has at most {MAX_ENTRIES} {0}")]
    TooMany(&'static str),
    /// The issuer is not what an issuer can be.
    #[error(
        "the issuer must be an https URL without user, query and fragment, exactly as the tokens name it"
    )]
    Issuer,
    /// No audience.
    #[error("the rule needs an audience: otherwise tokens for other services would be accepted")]
    NoAudience,
    /// No condition.
    #[error("the rule pins no claim: every token of the issuer would be accepted")]
    NoClaim,
    /// Conditions, but none that says anything.
    #[error(
        "no claim is pinned: every pattern has a * in every part, which accepts nearly every token of the issuer"
    )]
    Unpinned,
    /// A shared issuer, and no tenant.
    #[error("{issuer} issues tokens to everybody: pin one of {claims} without * in the owner's part")]
    NoTenant {
        /// The issuer.
        issuer: String,
        /// The claims of which one is needed, separated by commas.
        claims: String,
    },
    /// A condition on a claim that is checked in another way.
    #[error("the claim {0} is checked by itself and cannot be a condition")]
    Reserved(String),
    /// A key that starts with `/` and is not a JSON pointer.
    #[error("{0} is not a JSON pointer: write / as ~1 and ~ as ~0")]
    Pointer(String),
    /// A life that no rule may allow.
    #[error("the longest life must be between 1 and {MAX_LIFETIME_SECS} seconds")]
    Lifetime,
}

impl Rule {
    /// The longest life of a token, unless a rule says another.
    pub const USUAL_LIFETIME_SECS: u64 = 60 * 60;

    /// The events that are refused, unless a rule says others.
    pub fn dangerous_events() -> Vec<String> {
        DANGEROUS_EVENTS.map(str::to_owned).to_vec()
    }

    /// Whether the rule is safe to use. A [`Verifier`](crate::Verifier) passes over rules that are not.
    pub fn check(&self) -> Result<(), RuleError> {
        check_text("the id", &self.id)?;
        check_text("the name", &self.name)?;
        check_issuer(&self.issuer)?;
        check_count("audiences", self.audiences.len())?;
        check_count("refused events", self.refused_events.len())?;
        check_count("conditions", self.claims.len())?;
        if !(1..=MAX_LIFETIME_SECS).contains(&self.max_lifetime_secs) {
            return Err(RuleError::Lifetime);
        }
        if self.audiences.is_empty() {
            return Err(RuleError::NoAudience);
        }
        self.audiences.iter().try_for_each(|audience| check_text("an audience", audience))?;
        self.claims.iter().try_for_each(|(claim, condition)| check_condition(claim, condition))?;
        self.check_pins()
    }

    fn check_pins(&self) -> Result<(), RuleError> {
        if self.claims.is_empty() {
            return Err(RuleError::NoClaim);
        }
        if !self.claims.values().any(Condition::has_a_literal) {
            return Err(RuleError::Unpinned);
        }
        let Some(tenants) = tenants(&self.issuer) else { return Ok(()) };
        let names_tenant = tenants.iter().any(|(claim, segments)| {
            self.claims.get(*claim).is_some_and(|condition| condition.starts_with_literals(*segments))
        });
        if names_tenant {
            return Ok(());
        }
        let claims: Vec<_> = tenants.iter().map(|(claim, _)| *claim).collect();
        Err(RuleError::NoTenant { issuer: self.issuer.clone(), claims: claims.join(", ") })
    }
}

impl Condition {
    /// Whether the claim is what it must be.
    pub fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Equals(expected) => expected == text,
            Self::Glob(glob) => glob.matches(text),
        }
    }

    fn has_a_literal(&self) -> bool {
        match self {
            Self::Equals(_) => true,
            Self::Glob(glob) => glob.has_a_literal(),
        }
    }

    fn starts_with_literals(&self, segments: usize) -> bool {
        match self {
            Self::Equals(_) => true,
            Self::Glob(glob) => glob.starts_with_literals(segments),
        }
    }
}

fn check_condition(claim: &str, condition: &Condition) -> Result<(), RuleError> {
    check_text("the name of a claim", claim)?;
    if CHECKED_ELSEWHERE.contains(&claim.strip_prefix('/').unwrap_or(claim)) {
        return Err(RuleError::Reserved(claim.to_owned()));
    }
    // Every ~ of a pointer is ~0 or ~1.
    if claim.starts_with('/') && claim.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
        return Err(RuleError::Pointer(claim.to_owned()));
    }
    match condition {
        Condition::Equals(value) => check_text("the value of a claim", value),
        Condition::Glob(_) => Ok(()),
    }
}

/// Plain `http` is for issuers of tests on loopback; the guard of outbound calls refuses them in production.
fn check_issuer(issuer: &str) -> Result<(), RuleError> {
    check_text("the issuer", issuer)?;
    let url = Url::parse(issuer).map_err(|_| RuleError::Issuer)?;
    let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_plain = issuer.bytes().all(|byte| byte.is_ascii_graphic());
    let has_scheme = issuer.starts_with("https://") || (issuer.starts_with("http://") && is_loopback);
    let has_more = !url.username().is_empty() || url.password().is_some() || issuer.contains(['?', '#']);
    if has_scheme && is_plain && !has_more { Ok(()) } else { Err(RuleError::Issuer) }
}

fn check_text(what: &'static str, text: &str) -> Result<(), RuleError> {
    if (1..=MAX_TEXT_BYTES).contains(&text.len()) { Ok(()) } else { Err(RuleError::Text(what)) }
}

fn check_count(what: &'static str, count: usize) -> Result<(), RuleError> {
    if count <= MAX_ENTRIES { Ok(()) } else { Err(RuleError::TooMany(what)) }
}

fn yes() -> bool {
    true
}

fn an_hour() -> u64 {
    Rule::USUAL_LIFETIME_SECS
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const GITHUB: &str = "https://token.actions.githubusercontent.com";

    fn rule(issuer: &str, claims: &Value) -> Rule {
        let document = json!({
            "id": "r1", "name": "release", "issuer": issuer, "audiences": ["registry.example"], "claims": claims
        });
        serde_json::from_value(document).expect("a rule")
    }

    #[test]
    fn defaults_are_the_careful_ones() {
        let rule = rule(GITHUB, &json!({"repository_id": {"equals": "1"}}));
        assert_eq!(rule.refused_events, ["pull_request_target", "workflow_run"]);
        assert!(rule.single_use);
        assert_eq!(rule.max_lifetime_secs, 3600);
        assert_eq!(rule.check(), Ok(()));
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule);
    }

    #[test]
    fn claims_that_pin_and_claims_that_do_not() {
        let own = "https://gitlab.example";
        let tenant = |issuer: &str| {
            let claims: Vec<_> = tenants(issuer).unwrap().iter().map(|(claim, _)| *claim).collect();
            Err(RuleError::NoTenant { issuer: issuer.to_owned(), claims: claims.join(", ") })
        };
        let table = [
            (own, json!({}), Err(RuleError::NoClaim)),
            (own, json!({"sub": {"glob": "*"}}), Err(RuleError::Unpinned)),
            (own, json!({"sub": {"glob": "*:*/*"}}), Err(RuleError::Unpinned)),
            (own, json!({"sub": {"glob": "*"}, "ref": {"glob": "v*"}}), Err(RuleError::Unpinned)),
            (own, json!({"project_id": {"equals": "7"}}), Ok(())),
            (own, json!({"sub": {"glob": "project_path:g/*:ref_type:tag:ref:*"}}), Ok(())),
            (own, json!({"aud": {"equals": "x"}}), Err(RuleError::Reserved("aud".into()))),
            (own, json!({"/iss": {"equals": "x"}}), Err(RuleError::Reserved("/iss".into()))),
            (own, json!({"sub": {"equals": ""}}), Err(RuleError::Text("the value of a claim"))),
            (own, json!({"/a~2": {"equals": "x"}}), Err(RuleError::Pointer("/a~2".into()))),
            (own, json!({"/a~": {"equals": "x"}}), Err(RuleError::Pointer("/a~".into()))),
            (own, json!({"/a~1b/c": {"equals": "x"}}), Ok(())),
            (GITHUB, json!({"ref": {"equals": "refs/heads/main"}}), tenant(GITHUB)),
            (GITHUB, json!({"sub": {"glob": "repo:*/*:ref:refs/heads/main"}}), tenant(GITHUB)),
            (GITHUB, json!({"sub": {"glob": "repo:o*/x:ref:refs/heads/main"}}), tenant(GITHUB)),
            (GITHUB, json!({"repository": {"glob": "*/app"}}), tenant(GITHUB)),
            (GITHUB, json!({"repository_owner_id": {"glob": "1*"}}), Err(RuleError::Unpinned)),
            (
                GITHUB,
                json!({"job_workflow_ref": {"equals": "o/r/.github/w.yml@refs/heads/main"}}),
                tenant(GITHUB),
            ),
            (GITHUB, json!({"sub": {"glob": "repo:o/*:environment:prod"}}), Ok(())),
            (GITHUB, json!({"sub": {"glob": "repo:o@1/*:environment:prod"}}), Ok(())),
            (GITHUB, json!({"repository": {"glob": "o/*"}}), Ok(())),
            (
                "https://gitlab.com",
                json!({"ref_protected": {"equals": "true"}}),
                tenant("https://gitlab.com"),
            ),
            ("https://gitlab.com", json!({"namespace_id": {"equals": "9"}}), Ok(())),
            (
                "https://agent.buildkite.com",
                json!({"pipeline_slug": {"equals": "app"}}),
                tenant("https://agent.buildkite.com"),
            ),
        ];
        for (issuer, claims, expected) in table {
            assert_eq!(rule(issuer, &claims).check(), expected, "{issuer} {claims}");
        }
    }

    #[test]
    fn issuers() {
        let ok = [
            "https://a.example",
            "https://a.example/",
            "https://a.example:8443/x",
            "http://127.0.0.1:9",
            "http://localhost",
        ];
        let bad = [
            "",
            "a.example",
            "http://a.example",
            "http://10.0.0.1",
            "HTTPS://a.example",
            "https://",
            "https://u@a.example",
            "https://a.example/?q",
            "https://a.example/#f",
            "https://a.example/ ",
            "https://a.exa\tmple/",
            "file:///a",
        ];
        let claims = json!({"sub": {"equals": "x"}});
        for issuer in ok {
            assert_eq!(rule(issuer, &claims).check(), Ok(()), "{issuer}");
        }
        for issuer in bad {
            assert!(rule(issuer, &claims).check().is_err(), "{issuer}");
        }
    }

    #[test]
    fn other_mistakes() {
        let good = rule("https://a.example", &json!({"sub": {"equals": "x"}}));
        let text = |count: usize| "a".repeat(count);
        let table = [
            (Rule { audiences: vec![], ..good.clone() }, RuleError::NoAudience),
            (Rule { audiences: vec![String::new()], ..good.clone() }, RuleError::Text("an audience")),
            (Rule { audiences: vec![text(1); 33], ..good.clone() }, RuleError::TooMany("audiences")),
            (Rule { id: String::new(), ..good.clone() }, RuleError::Text("the id")),
            (Rule { name: text(1025), ..good.clone() }, RuleError::Text("the name")),
            (Rule { max_lifetime_secs: 0, ..good.clone() }, RuleError::Lifetime),
            (Rule { max_lifetime_secs: 86401, ..good.clone() }, RuleError::Lifetime),
        ];
        for (rule, expected) in table {
            assert_eq!(rule.check(), Err(expected));
        }
    }

    #[test]
    fn what_is_no_rule_at_all() {
        for claims in [
            json!({"sub": "x"}),
            json!({"sub": {"regex": ".*"}}),
            json!({"sub": {"glob": "a/**"}}),
            json!({"sub": {"equals": "a", "glob": "*"}}),
        ] {
            let document = json!({
                "id": "r", "name": "n", "issuer": "https://a.example", "audiences": ["x"], "claims": claims
            });
            assert!(serde_json::from_value::<Rule>(document).is_err(), "{claims}");
        }
    }
}
