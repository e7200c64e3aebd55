//! Making rules.

use berth_federation::RuleError;
use berth_federation::aws::AwsRuleError;
use berth_records::{Change, Expect, Key, Written, get, put};
use berth_registry::StoreError;

use super::keys::{AWS, Held, HeldRule, account_prefix, held_key, issuer_partition, key};
use super::read::all;
use super::{MAX_RULES_PER_ISSUER, MAX_RULES_PER_ROBOT, TrustRule, TrustRules, Trusted};
use crate::robots::{self, Robot};

/// How often making a rule begins again because others were at the rules of the same robot.
pub(super) const MAX_ATTEMPTS: usize = 8;
/// All rules of an issuer may be held in memory at once.
const MAX_RULE_BYTES: usize = 8 * 1024;

/// A rule to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrustRule {
    /// What a workload must bring. The ids in it are replaced.
    pub trusted: Trusted,
    /// The name of whoever makes it.
    pub creator: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "the large variant is the usual one, and there is one at a time"
)]
pub enum CreateTrustRule {
    /// It is there.
    Created(TrustRule),
    /// The robot has as many as it may have ([`MAX_RULES_PER_ROBOT`]).
    RobotFull,
    /// The issuer or the account has as many as it may have ([`MAX_RULES_PER_ISSUER`]).
    IssuerFull,
    /// The robot is gone.
    RobotGone,
    /// Others keep changing the robot's rules. Nothing happened.
    Contended,
}

/// Why there can be no such rule. The text is for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTrustRule {
    /// A rule for tokens.
    #[error(transparent)]
    Token(#[from] RuleError),
    /// A rule for AWS.
    #[error(transparent)]
    Aws(#[from] AwsRuleError),
    /// The audiences of a rule for AWS.
    #[error("audiences must be between 1 and 8 hosts of this registry, as in registry.example")]
    Registries,
    /// It has too many bytes.
    #[error("the rule is too large: write fewer or shorter conditions, in at most {MAX_RULE_BYTES} bytes")]
    TooLarge,
}

impl NewTrustRule {
    /// Whether there can be such a rule. Whether its maker may give the robot's rights away is another question.
    pub fn check(&self) -> Result<(), InvalidTrustRule> {
        // The id is ours and does not count.
        self.trusted.clone().with_id(1).check()?;
        let length = serde_json::to_string(&self.trusted).map_or(usize::MAX, |text| text.len());
        if length <= MAX_RULE_BYTES { Ok(()) } else { Err(InvalidTrustRule::TooLarge) }
    }
}

impl TrustRules {
    /// Makes a rule, which must have passed [`NewTrustRule::check`]. The limit for a robot is exact; the limit for an issuer may be
    /// passed by as many as are made at the same moment, and what is beyond it accepts nobody who does not name the robot.
    pub async fn create(&self, robot: &Robot, new: NewTrustRule) -> Result<CreateTrustRule, StoreError> {
        let id = self.write.add(&Key::new("counters", "trust-rules"), 1, None).await?;
        let rule = TrustRule {
            id,
            robot_id: robot.id,
            robot: robot.full_name.clone(),
            trusted: new.trusted.with_id(id),
            creator: new.creator,
            created_at_secs: self.clock.now_secs(),
        };
        let (partition, prefix) = neighbours(&rule.trusted);
        if all(&*self.read, &partition, &prefix).await?.len() >= MAX_RULES_PER_ISSUER {
            return Ok(CreateTrustRule::IssuerFull);
        }
        for _ in 0..MAX_ATTEMPTS {
            let stored = get::<Held>(&*self.read, held_key(robot.id)).await?;
            let expect = stored.as_ref().map_or(Expect::Absent, berth_records::Stored::unchanged);
            let mut held = stored.map(|stored| stored.value).unwrap_or_default();
            if held.rules.len() >= MAX_RULES_PER_ROBOT {
                return Ok(CreateTrustRule::RobotFull);
            }
            held.rules.push(HeldRule::of(&rule));
            let changes = vec![
                put(key(&rule), &rule, Expect::Absent),
                put(held_key(robot.id), &held, expect),
                Change::Check { key: robots::id_key(robot.id), expect: Expect::Present },
            ];
            if self.write.write(changes).await? == Written::Written {
                return Ok(CreateTrustRule::Created(rule));
            }
            if get::<String>(&*self.read, robots::id_key(robot.id)).await?.is_none() {
                return Ok(CreateTrustRule::RobotGone);
            }
        }
        Ok(CreateTrustRule::Contended)
    }
}

/// The rules that a workload is held against together with this one.
fn neighbours(trusted: &Trusted) -> (String, String) {
    match trusted {
        Trusted::Token(rule) => (issuer_partition(&rule.issuer), String::new()),
        Trusted::Aws { rule, .. } => (AWS.to_owned(), account_prefix(&rule.account)),
    }
}
