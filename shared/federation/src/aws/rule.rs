//! Trust rules for AWS principals.

use serde::{Deserialize, Serialize};

use super::{AwsPrincipal, is_account};
use crate::Glob;

/// The most patterns of one rule.
const MAX_PRINCIPALS: usize = 64;

/// A trust rule: which roles and users of one account are accepted. What it grants is kept elsewhere, under its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsRule {
    /// What the rights are kept under, and what the log says.
    pub id: String,
    /// The name for people to read.
    pub name: String,
    /// The account: 12 digits.
    pub account: String,
    /// Patterns for ARNs of roles and users, of which one must match: `arn:aws:iam::123456789012:role/deploy-*`. Roles are written
    /// without their path.
    pub principals: Vec<Glob>,
}

/// Why a rule must not be used. The text is for whoever wrote the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwsRuleError {
    /// No id.
    #[error("the rule needs an id")]
    Id,
    /// Not the number of an account.
    #[error("an account is a number of 12 digits")]
    Account,
    /// No pattern, or too many.
    #[error("the rule needs between 1 and {MAX_PRINCIPALS} principals")]
    Principals,
    /// A pattern that is not an ARN of this account up to the name of the principal.
    #[error("{0} must start with arn:aws:iam::<account of the rule>: and name a kind, such as role/")]
    Arn(String),
}

impl AwsRule {
    /// Whether the rule is safe to use. An [`AwsVerifier`](super::AwsVerifier) passes over rules that are not.
    pub fn check(&self) -> Result<(), AwsRuleError> {
        if self.id.is_empty() {
            return Err(AwsRuleError::Id);
        }
        if !is_account(&self.account) {
            return Err(AwsRuleError::Account);
        }
        if !(1..=MAX_PRINCIPALS).contains(&self.principals.len()) {
            return Err(AwsRuleError::Principals);
        }
        let unfit = self.principals.iter().find(|pattern| !self.is_of_account(pattern.as_str()));
        unfit.map_or(Ok(()), |pattern| Err(AwsRuleError::Arn(pattern.as_str().to_owned())))
    }

    /// Whether the rule is for this principal.
    pub fn accepts(&self, principal: &AwsPrincipal) -> bool {
        self.account == principal.account
            && self.principals.iter().any(|pattern| pattern.matches(&principal.arn))
    }

    fn is_of_account(&self, pattern: &str) -> bool {
        let fields: Vec<_> = pattern.splitn(6, ':').collect();
        let &["arn", partition, "iam" | "sts", "", account, resource] = fields.as_slice() else {
            return false;
        };
        let kind = resource.split('/').next().unwrap_or_default();
        account == self.account && !partition.contains('*') && !kind.is_empty() && !kind.contains('*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(principals: &[&str]) -> AwsRule {
        let principals = principals.iter().map(|pattern| Glob::parse(pattern).unwrap()).collect();
        AwsRule { id: "r".into(), name: "n".into(), account: "123456789012".into(), principals }
    }

    #[test]
    fn rules() {
        for (pattern, is_good) in [
            ("arn:aws:iam::123456789012:role/ci", true),
            ("arn:aws:iam::123456789012:role/deploy-*", true),
            ("arn:aws:iam::123456789012:role/*", true),
            ("arn:aws:iam::123456789012:root", true),
            ("arn:aws:iam::123456789012:*", false),
            ("arn:aws:iam::123456789012:*/ci", false),
            ("arn:aws:iam::*:role/ci", false),
            ("arn:*:iam::123456789012:role/ci", false),
            ("arn:aws:*::123456789012:role/ci", false),
            ("arn:aws:iam::210987654321:role/ci", false),
            ("*", false),
            ("role/ci", false),
        ] {
            assert_eq!(rule(&[pattern]).check().is_ok(), is_good, "{pattern}");
        }
        assert_eq!(rule(&[]).check(), Err(AwsRuleError::Principals));
        let short = AwsRule { account: "123".into(), ..rule(&["arn:aws:iam::123:root"]) };
        assert_eq!(short.check(), Err(AwsRuleError::Account));
    }

    #[test]
    fn principals() {
        let principal = |arn: &str| AwsPrincipal {
            account: arn.split(':').nth(4).unwrap().into(),
            arn: arn.into(),
            user_id: "AROA:s".into(),
        };
        let rule =
            rule(&["arn:aws:iam::123456789012:role/deploy-*", "arn:aws:iam::123456789012:user/team/alice"]);
        for (arn, expected) in [
            ("arn:aws:iam::123456789012:role/deploy-prod", true),
            ("arn:aws:iam::123456789012:user/team/alice", true),
            ("arn:aws:iam::123456789012:user/alice", false),
            ("arn:aws:iam::123456789012:role/ci", false),
            ("arn:aws:iam::123456789012:role/path/deploy-prod", false),
            ("arn:aws:iam::210987654321:role/deploy-prod", false),
            ("arn:aws-cn:iam::123456789012:role/deploy-prod", false),
        ] {
            assert_eq!(rule.accepts(&principal(arn)), expected, "{arn}");
        }
        // A rule that does not pass its check accepts nobody of another account either.
        let other = AwsRule { account: "210987654321".into(), ..rule };
        assert!(!other.accepts(&principal("arn:aws:iam::123456789012:role/deploy-prod")));
    }
}
