//! Removing rules.

use berth_records::{Change, Expect, RecordRead, Written, get, put};
use berth_registry::{Effect, StoreError, StoreErrorKind};

use super::TrustRules;
use super::create::MAX_ATTEMPTS;
use super::keys::{Held, held_key};

impl TrustRules {
    /// Removes a rule of a robot. Whether it was there. Who came by it is kept out from now on; tokens for the registry that were
    /// given before live to their end.
    pub async fn delete(&self, robot_id: u64, rule_id: u64) -> Result<bool, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(stored) = get::<Held>(&*self.read, held_key(robot_id)).await? else { return Ok(false) };
            let expect = stored.unchanged();
            let (gone, kept): (Vec<_>, Vec<_>) =
                stored.value.rules.into_iter().partition(|held| held.id == rule_id);
            let Some(gone) = gone.first() else { return Ok(false) };
            let held = if kept.is_empty() {
                Change::Delete { key: held_key(robot_id), expect }
            } else {
                put(held_key(robot_id), &Held { rules: kept }, expect)
            };
            if self.write.write(vec![Change::delete(gone.key()), held]).await? == Written::Written {
                return Ok(true);
            }
        }
        Err(contended("DeleteTrustRule"))
    }
}

/// What removes all rules of a robot, for the write that removes the robot: it fails if a rule is made at the same moment.
pub(crate) async fn removal(read: &dyn RecordRead, robot_id: u64) -> Result<Vec<Change>, StoreError> {
    let key = held_key(robot_id);
    let Some(stored) = get::<Held>(read, key.clone()).await? else {
        return Ok(vec![Change::Check { key, expect: Expect::Absent }]);
    };
    let rules = stored.value.rules.iter().map(|held| Change::delete(held.key()));
    let mut changes: Vec<Change> = rules.collect();
    changes.push(Change::Delete { key, expect: stored.unchanged() });
    Ok(changes)
}

/// Others keep changing the same records.
pub(crate) fn contended(operation: &'static str) -> StoreError {
    StoreError { kind: StoreErrorKind::Throttled, effect: Effect::DidNotHappen, operation, source: None }
}
