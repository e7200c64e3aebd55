//! Changing and removing robots.

use berth_projects::Permission;
use berth_records::{Change, Written, put};
use berth_registry::StoreError;

use super::create::{check_duration, check_permissions, expiry_secs};
use super::{InvalidRobot, Robot, RobotSecret, Robots, id_key, key, of_project_key, used_key};
use crate::secret::generate;
use crate::{SecretHash, trust};

/// How often a change begins again because others were at the same robot.
const MAX_ATTEMPTS: usize = 8;
/// How many secrets are good side by side.
const MAX_SECRETS: usize = 2;

/// What of a robot can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRobot {
    /// Whatever somebody wants to remember about it.
    pub description: String,
    /// For how many days from now on, if that is to change; -1 for ever.
    pub duration_days: i64,
    /// Whether it is kept out.
    pub is_disabled: bool,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

impl UpdateRobot {
    /// Whether `robot` can be changed so.
    pub fn check(&self, robot: &Robot) -> Result<(), InvalidRobot> {
        check_duration(self.duration_days)?;
        check_permissions(&robot.level, &self.permissions)
    }
}

impl Robots {
    /// Changes a robot; the change must have passed [`UpdateRobot::check`]. Whether it is there.
    pub async fn update(&self, id: u64, change: &UpdateRobot) -> Result<bool, StoreError> {
        self.change(id, |robot, now_secs| {
            robot.description.clone_from(&change.description);
            robot.is_disabled = change.is_disabled;
            robot.permissions.clone_from(&change.permissions);
            if robot.duration_days != change.duration_days {
                robot.duration_days = change.duration_days;
                robot.expires_at_secs = expiry_secs(now_secs, change.duration_days);
            }
        })
        .await
    }

    /// A new secret, which is shown this once. The old one stays good for `overlap_secs`. `Ok(None)` if there is no such robot.
    pub async fn renew_secret(&self, id: u64, overlap_secs: u64) -> Result<Option<String>, StoreError> {
        let secret = generate(&*self.ids);
        let is_done = self.replace_secret(id, &SecretHash::of_generated(&secret), overlap_secs).await?;
        Ok(is_done.then_some(secret))
    }

    /// A secret that somebody chose and the caller has hashed. Whether there is such a robot.
    pub async fn set_secret(
        &self,
        id: u64,
        secret: &SecretHash,
        overlap_secs: u64,
    ) -> Result<bool, StoreError> {
        self.replace_secret(id, secret, overlap_secs).await
    }

    /// Removes a robot and its trust rules. Whether it was there.
    pub async fn delete(&self, id: u64) -> Result<bool, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(robot) = self.get_by_id(id).await? else { return Ok(false) };
            let mut changes = vec![
                Change::delete(key(&robot.full_name)),
                Change::delete(id_key(id)),
                Change::delete(of_project_key(robot.project_id(), id)),
                Change::delete(used_key(id)),
            ];
            changes.extend(trust::removal(&*self.read, id).await?);
            if self.write.write(changes).await? == Written::Written {
                return Ok(true);
            }
        }
        Err(trust::contended("DeleteRobot"))
    }

    /// Removes all robots of a project.
    pub async fn delete_of_project(&self, project_id: u64) -> Result<(), StoreError> {
        loop {
            let (robots, more) = self.list(project_id, None, 100).await?;
            for robot in &robots {
                self.delete(robot.id).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    async fn replace_secret(&self, id: u64, new: &SecretHash, overlap_secs: u64) -> Result<bool, StoreError> {
        self.change(id, |robot, now_secs| {
            let until_secs = now_secs + overlap_secs;
            robot
                .secrets
                .retain(|old| overlap_secs > 0 && old.valid_until_secs.is_none_or(|until| now_secs < until));
            for old in &mut robot.secrets {
                old.valid_until_secs =
                    Some(old.valid_until_secs.map_or(until_secs, |until| until.min(until_secs)));
            }
            robot.secrets.insert(0, RobotSecret { hash: new.clone(), valid_until_secs: None });
            robot.secrets.truncate(MAX_SECRETS);
        })
        .await
    }

    async fn change(
        &self,
        id: u64,
        change: impl Fn(&mut Robot, u64) + Send + Sync,
    ) -> Result<bool, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(robot) = self.get_by_id(id).await? else { return Ok(false) };
            let Some(stored) = self.stored(&robot.full_name).await? else { return Ok(false) };
            let mut robot = stored.value.clone();
            let now_secs = self.clock.now_secs();
            change(&mut robot, now_secs);
            robot.updated_at_secs = now_secs;
            let written =
                self.write.write(vec![put(key(&robot.full_name), &robot, stored.unchanged())]).await?;
            if written == Written::Written {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
