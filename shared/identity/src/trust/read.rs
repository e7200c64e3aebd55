//! Finding rules.

use berth_records::{Key, Range, RecordRead, get, get_many, list};
use berth_registry::StoreError;

use super::keys::{AWS, Held, HeldRule, account_prefix, held_key, issuer_partition, robot_prefix};
use super::{MAX_RULES_PER_ISSUER, TrustRule, TrustRules};

impl TrustRules {
    /// The rules of a robot, in the order in which they were made. Two reads.
    pub async fn of_robot(&self, robot_id: u64) -> Result<Vec<TrustRule>, StoreError> {
        let keys: Vec<Key> = self.held(robot_id).await?.rules.iter().map(HeldRule::key).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = get_many::<TrustRule>(&*self.read, &keys).await?;
        Ok(found.into_iter().flatten().map(|stored| stored.value).collect())
    }

    /// Whether the robot has this rule. One read.
    pub(crate) async fn has(&self, robot_id: u64, rule_id: u64) -> Result<bool, StoreError> {
        Ok(self.held(robot_id).await?.rules.iter().any(|held| held.id == rule_id))
    }

    /// The rules for tokens of an issuer, of one robot or of all: by the number of the robot, then by their own. One read.
    pub(crate) async fn of_issuer(
        &self,
        issuer: &str,
        robot_id: Option<u64>,
    ) -> Result<Vec<TrustRule>, StoreError> {
        let prefix = robot_id.map(robot_prefix).unwrap_or_default();
        all(&*self.read, &issuer_partition(issuer), &prefix).await
    }

    /// The rules for principals of an AWS account, as above.
    pub(crate) async fn of_account(
        &self,
        account: &str,
        robot_id: Option<u64>,
    ) -> Result<Vec<TrustRule>, StoreError> {
        let prefix = format!("{}{}", account_prefix(account), robot_id.map(robot_prefix).unwrap_or_default());
        all(&*self.read, AWS, &prefix).await
    }

    /// Whether there is any rule for AWS, of this robot or at all: without one, nobody asks AWS anything. One read.
    pub(crate) async fn has_aws(&self, robot_id: Option<u64>) -> Result<bool, StoreError> {
        match robot_id {
            Some(robot_id) => Ok(self.held(robot_id).await?.rules.iter().any(HeldRule::is_aws)),
            None => Ok(!list::<TrustRule>(&*self.read, AWS, Range::default(), 1).await?.0.is_empty()),
        }
    }

    async fn held(&self, robot_id: u64) -> Result<Held, StoreError> {
        let held = get::<Held>(&*self.read, held_key(robot_id)).await?;
        Ok(held.map(|stored| stored.value).unwrap_or_default())
    }
}

/// All rules with keys that begin so, as far as there may be so many.
pub(super) async fn all(
    read: &dyn RecordRead,
    partition: &str,
    prefix: &str,
) -> Result<Vec<TrustRule>, StoreError> {
    let range = Range { prefix, ..Range::default() };
    let (found, _) = list::<TrustRule>(read, partition, range, MAX_RULES_PER_ISSUER).await?;
    Ok(found.into_iter().map(|stored| stored.value).collect())
}
