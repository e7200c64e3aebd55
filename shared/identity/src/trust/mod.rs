//! Trust rules: which workloads are which robot.
//!
//! A rule belongs to a robot and dies with it. What it accepts is that robot, for as long as what it brought is good.
//!
//! ```text
//! partition             sort                                  document
//! trust#<hash>          <robot id>#<rule id>                  TrustRule    by the hash of the issuer
//! trust#aws             <account>#<robot id>#<rule id>        TrustRule
//! trust-of              <robot id>                            the keys of the robot's rules
//! seen-token#<hash>     used                                  a token of single use, until it expires
//! ```
//!
//! A rule is never changed: who wants another one makes it and removes the old one.

mod change;
mod create;
mod keys;
mod read;
mod seen;

use std::sync::Arc;

use berth_records::{RecordRead, RecordWrite};
use berth_registry::Clock;
use serde::{Deserialize, Serialize};

pub use berth_federation::aws::AwsRule;
pub use berth_federation::{Condition, Glob, Rule};
pub(crate) use change::{contended, removal};
pub use create::{CreateTrustRule, InvalidTrustRule, NewTrustRule};
pub(crate) use seen::Seen;

/// The most rules of one robot.
pub const MAX_RULES_PER_ROBOT: usize = 32;
/// The most rules of one issuer, or of one AWS account, in this registry: a workload that names no robot is held against all of them.
pub const MAX_RULES_PER_ISSUER: usize = 256;

/// A rule that makes workloads a robot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustRule {
    /// Never used again.
    pub id: u64,
    /// The robot's number.
    pub robot_id: u64,
    /// The robot's full name.
    pub robot: String,
    /// What a workload must bring.
    pub trusted: Trusted,
    /// The name of whoever made it.
    pub creator: String,
    /// When it was made, in seconds since 1970.
    pub created_at_secs: u64,
}

/// What a workload must bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trusted {
    /// A token of an issuer.
    Token(Rule),
    /// A proof of an AWS identity.
    Aws {
        /// Whose.
        rule: AwsRule,
        /// The names of this registry that the proof may be made for.
        registries: Vec<String>,
    },
}

impl Trusted {
    /// The name for people to read.
    pub fn name(&self) -> &str {
        match self {
            Self::Token(rule) => &rule.name,
            Self::Aws { rule, .. } => &rule.name,
        }
    }

    /// Whether the rule is safe to use.
    pub(crate) fn check(&self) -> Result<(), InvalidTrustRule> {
        match self {
            Self::Token(rule) => Ok(rule.check()?),
            Self::Aws { rule, registries } => {
                rule.check()?;
                let is_name = |name: &String| (1..=255).contains(&name.len()) && name.is_ascii();
                let are_names = registries.iter().all(is_name) && (1..=8).contains(&registries.len());
                if are_names { Ok(()) } else { Err(InvalidTrustRule::Registries) }
            }
        }
    }

    fn with_id(self, id: u64) -> Self {
        match self {
            Self::Token(rule) => Self::Token(Rule { id: id.to_string(), ..rule }),
            Self::Aws { rule, registries } => {
                Self::Aws { rule: AwsRule { id: id.to_string(), ..rule }, registries }
            }
        }
    }
}

/// All trust rules. Cheap to clone.
#[derive(Clone)]
pub struct TrustRules {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
}

impl TrustRules {
    /// Rules on these ports.
    pub fn new(read: Arc<dyn RecordRead>, write: Arc<dyn RecordWrite>, clock: Arc<dyn Clock>) -> Self {
        Self { read, write, clock }
    }
}

impl std::fmt::Debug for TrustRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrustRules")
    }
}

#[cfg(test)]
mod tests;
