//! Workloads: from what a machine brings from elsewhere to the robot that it is here.
//!
//! A password in the form of a JSON Web Token, or one that begins with `berth-aws-v1.`, is a proof. With the name of a robot it is held
//! against that robot's trust rules; with any other name, against all rules for its issuer or AWS account, and the first that fits counts.
//! Whoever a rule accepts *is* the robot: its rights, its expiry and whether it is kept out are looked up at each use.
//!
//! Cheap to refuse: an issuer without a rule costs one read (two with the name of a robot) and no call to anybody; nor is AWS asked
//! anything without a rule.

mod exchange;
mod proof;
mod refusal;

use std::sync::Arc;

use berth_federation::aws::{AwsProven, AwsRefusal, AwsRule, AwsVerifier};
use berth_federation::{Rule, Verifier, claimed_issuer};
use berth_outbound::{Outbound, UrlRefusal};
use berth_records::{RecordRead, RecordWrite};
use berth_registry::{Clock, Credentials, Ids};

pub(crate) use proof::Proof;
pub(crate) use refusal::Refused;

use crate::robots::{ROBOT_PREFIX, Robot, Robots};
use crate::token::Tokens;
use crate::trust::{Seen, TrustRule, TrustRules, Trusted};

/// What workloads are checked with. Cheap to clone.
#[derive(Clone)]
pub struct Workloads {
    rules: TrustRules,
    robots: Robots,
    tokens: Tokens,
    verifier: Arc<Verifier>,
    outbound: Outbound,
    sts_endpoint: Option<Arc<str>>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

/// What [`Workloads`] are made of.
pub struct WorkloadParts {
    /// Machines, and the rules that make workloads such.
    pub robots: Robots,
    /// Rules.
    pub read: Arc<dyn RecordRead>,
    /// Tokens of single use.
    pub write: Arc<dyn RecordWrite>,
    /// Signs identity tokens.
    pub tokens: Tokens,
    /// The way to issuers and to AWS.
    pub outbound: Outbound,
    /// Asked in place of AWS's STS. For development and tests.
    pub sts_endpoint: Option<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names of tokens.
    pub ids: Arc<dyn Ids>,
}

/// A workload that was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub(crate) robot: Robot,
    pub(crate) rule_id: u64,
    /// When the proof ends, and with it whatever is given for it.
    pub(crate) expires_at_secs: u64,
    /// Whether the proof cannot be shown a second time.
    pub(crate) is_used_up: bool,
}

/// A rule that accepts a proof.
struct Fit {
    rule: TrustRule,
    expires_at_secs: u64,
}

impl Workloads {
    /// Workloads by the rules in these parts.
    pub fn new(parts: WorkloadParts) -> Self {
        let WorkloadParts { robots, read, write, tokens, outbound, sts_endpoint, clock, ids } = parts;
        let seen = Arc::new(Seen(Arc::clone(&write)));
        Self {
            rules: TrustRules::new(read, write, Arc::clone(&clock)),
            robots,
            tokens,
            verifier: Arc::new(Verifier::new(outbound.clone(), Arc::clone(&clock), seen)),
            outbound,
            sts_endpoint: sts_endpoint.map(Arc::from),
            clock,
            ids,
        }
    }

    /// Whether the issuer of a new rule could be asked at all. Sends nothing.
    pub fn check_issuer(&self, rule: &Rule) -> Result<(), UrlRefusal> {
        self.verifier.check_issuer(rule)
    }

    /// The robot that somebody with this proof is at `host`, and until when.
    pub(crate) async fn admit(&self, user: &str, proof: Proof<'_>, host: &str) -> Result<Admitted, Refused> {
        let named = if user.starts_with(ROBOT_PREFIX) { Some(self.active(user, None).await?) } else { None };
        let admitted = match proof {
            Proof::Identity(token) => self.by_identity(token, named, host).await?,
            Proof::Token(token) => {
                let fit = self.by_token(token, named.as_ref()).await?;
                self.admitted(fit, named).await?
            }
            Proof::Aws(password) => {
                let fit = self.by_aws(password, named.as_ref(), host).await?;
                self.admitted(fit, named).await?
            }
        };
        if admitted.expires_at_secs <= self.clock.now_secs() {
            return Err(Refused::Over(admitted.expires_at_secs));
        }
        self.robots.note_use(admitted.robot.id).await?;
        Ok(admitted)
    }

    async fn by_token(&self, token: &str, named: Option<&Robot>) -> Result<Fit, Refused> {
        let issuer = claimed_issuer(token)?;
        let found = self.rules.of_issuer(&issuer, named.map(|robot| robot.id)).await?;
        let rules: Vec<Rule> = found.iter().filter_map(token_rule).collect();
        let verified = self.verifier.verify(token, &rules).await?;
        fit(found, &verified.rule_id, verified.expires_at_secs)
    }

    async fn by_aws(&self, password: &str, named: Option<&Robot>, host: &str) -> Result<Fit, Refused> {
        let robot_id = named.map(|robot| robot.id);
        if !self.rules.has_aws(robot_id).await? {
            return Err(AwsRefusal::NoRules.into());
        }
        let verifier = self.aws_verifier(host).ok_or(AwsRefusal::NoRules)?;
        let proven: AwsProven = verifier.identify(password).await?;
        let found = self.rules.of_account(&proven.principal.account, robot_id).await?;
        // The proof is good at the host that the client has called; a rule says which of those are ours.
        let rules: Vec<AwsRule> = found.iter().filter_map(|rule| aws_rule(rule, host)).collect();
        let accepted = proven.fit(&rules)?;
        fit(found, &accepted.rule_id, accepted.expires_at_secs)
    }

    fn aws_verifier(&self, host: &str) -> Option<AwsVerifier> {
        let verifier = AwsVerifier::new(self.outbound.clone(), Arc::clone(&self.clock), host)?;
        Some(match &self.sts_endpoint {
            Some(endpoint) => verifier.with_endpoint(&**endpoint),
            None => verifier,
        })
    }

    async fn by_identity(&self, token: &str, named: Option<Robot>, host: &str) -> Result<Admitted, Refused> {
        let claims = self.tokens.verify_identity(token, host, self.clock.now_secs());
        let claims = claims.ok_or(Refused::Identity)?;
        let robot = match named {
            Some(robot) if robot.id == claims.robot_id => robot,
            Some(robot) => return Err(Refused::NoRobot(robot.full_name)),
            None => self.active(&claims.sub, Some(claims.robot_id)).await?,
        };
        if !self.rules.has(robot.id, claims.rule_id).await? {
            return Err(Refused::RuleGone(claims.rule_id));
        }
        Ok(Admitted { robot, rule_id: claims.rule_id, expires_at_secs: claims.exp, is_used_up: false })
    }

    async fn admitted(&self, fit: Fit, named: Option<Robot>) -> Result<Admitted, Refused> {
        let Fit { rule, expires_at_secs } = fit;
        let is_used_up = matches!(&rule.trusted, Trusted::Token(token) if token.single_use);
        let robot = match named {
            Some(robot) => robot,
            None => self.active(&rule.robot, Some(rule.robot_id)).await?,
        };
        Ok(Admitted { robot, rule_id: rule.id, expires_at_secs, is_used_up })
    }

    /// The robot of this name, if it can sign in now and has this number.
    async fn active(&self, name: &str, id: Option<u64>) -> Result<Robot, Refused> {
        let robot = self.robots.get(name).await?.filter(|robot| id.is_none_or(|id| robot.id == id));
        let robot = robot.ok_or_else(|| Refused::NoRobot(name.to_owned()))?;
        let is_active = robot.is_active(self.clock.now_secs());
        if is_active { Ok(robot) } else { Err(Refused::Inactive(robot.full_name)) }
    }
}

impl std::fmt::Debug for Workloads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Workloads")
    }
}

/// The rule that a verifier names, which is one of those that it was given.
fn fit(found: Vec<TrustRule>, rule_id: &str, expires_at_secs: u64) -> Result<Fit, Refused> {
    let rule = found.into_iter().find(|rule| rule.id.to_string() == rule_id);
    let rule = rule.ok_or_else(|| Refused::NoRobot(String::new()))?;
    Ok(Fit { rule, expires_at_secs })
}

fn token_rule(rule: &TrustRule) -> Option<Rule> {
    match &rule.trusted {
        Trusted::Token(token) => Some(token.clone()),
        Trusted::Aws { .. } => None,
    }
}

fn aws_rule(rule: &TrustRule, host: &str) -> Option<AwsRule> {
    match &rule.trusted {
        Trusted::Aws { rule, registries } if registries.iter().any(|ours| ours == host) => Some(rule.clone()),
        Trusted::Aws { .. } | Trusted::Token(_) => None,
    }
}
