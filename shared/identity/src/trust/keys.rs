//! Where rules are.

use berth_protocol::Digest;
use berth_records::{Key, number_key};
use serde::{Deserialize, Serialize};

use super::{TrustRule, Trusted};

/// Of all rules for AWS.
pub(super) const AWS: &str = "trust#aws";

/// The keys of a robot's rules, in the order in which they were made. Every change of them rests on the revision of this record, so
/// that their number holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) rules: Vec<HeldRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeldRule {
    pub(super) id: u64,
    partition: String,
    sort: String,
}

impl HeldRule {
    pub(super) fn of(rule: &TrustRule) -> Self {
        let Key { partition, sort } = key(rule);
        Self { id: rule.id, partition, sort }
    }

    pub(super) fn key(&self) -> Key {
        Key::new(self.partition.as_str(), self.sort.as_str())
    }

    pub(super) fn is_aws(&self) -> bool {
        self.partition == AWS
    }
}

pub(super) fn key(rule: &TrustRule) -> Key {
    let sort = format!("{}{}", robot_prefix(rule.robot_id), number_key(rule.id));
    match &rule.trusted {
        Trusted::Token(token) => Key::new(issuer_partition(&token.issuer), sort),
        Trusted::Aws { rule, .. } => Key::new(AWS, format!("{}{sort}", account_prefix(&rule.account))),
    }
}

/// An issuer is whatever somebody wrote into a token: of any length, with any characters.
pub(super) fn issuer_partition(issuer: &str) -> String {
    format!("trust#{}", hash(&[issuer]))
}

pub(super) fn account_prefix(account: &str) -> String {
    format!("{account}#")
}

pub(super) fn robot_prefix(robot_id: u64) -> String {
    format!("{}#", number_key(robot_id))
}

pub(super) fn held_key(robot_id: u64) -> Key {
    Key::new("trust-of", number_key(robot_id))
}

/// 128 bits of the hash of these texts, each with its length, so that no two lists run into one.
pub(super) fn hash(texts: &[&str]) -> String {
    let mut all = Vec::new();
    for text in texts {
        all.extend_from_slice(&(text.len() as u64).to_be_bytes());
        all.extend_from_slice(text.as_bytes());
    }
    Digest::sha256(&all).hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_do_not_run_into_one() {
        assert_eq!(hash(&["a", "b"]).len(), 32);
        assert_ne!(hash(&["a", "b"]), hash(&["ab", ""]));
        assert_ne!(issuer_partition("aws"), AWS);
    }
}
