//! Machines with rights of their own.
//!
//! ```text
//! partition           sort          document
//! robots              <full name>   Robot
//! robot-id            <id>          its full name
//! robots-of#<id>      <robot id>    its full name; 0 for the robots of the system
//! robot-used          <id>          Used          when it last signed in, to the hour
//! ```

mod change;
mod create;

use std::sync::Arc;

use berth_projects::{Permission, Principal, RobotIdentity};
use berth_records::{Expect, Key, Range, RecordRead, RecordWrite, Stored, get, get_many, number_key, put};
use berth_registry::{Clock, Ids, StoreError};
use serde::{Deserialize, Serialize};

pub use change::UpdateRobot;
pub use create::{CreateRobot, InvalidRobot, NewRobot};

use crate::SecretHash;

/// What the full names of robots begin with. No user's name does.
pub const ROBOT_PREFIX: &str = "robot$";
/// How exactly the time of the last sign-in is kept: a write for each would cost more than it tells.
const USED_RESOLUTION_SECS: u64 = 60 * 60;

/// A machine with rights of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Robot {
    /// Never used again.
    pub id: u64,
    /// What it signs in with: `robot$name`, or `robot$project+name`.
    pub full_name: String,
    /// Whose it is.
    pub level: Level,
    /// Whatever somebody wants to remember about it.
    pub description: String,
    /// For how many days it was made; -1 for ever.
    pub duration_days: i64,
    /// When it ends, in seconds since 1970; `None` for never.
    pub expires_at_secs: Option<u64>,
    /// Whether it is kept out.
    pub is_disabled: bool,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The secrets that are good, the newest first.
    pub secrets: Vec<RobotSecret>,
    /// The name of whoever made it.
    pub creator: String,
    /// When it was made, in seconds since 1970.
    pub created_at_secs: u64,
    /// When it was last changed, in seconds since 1970.
    pub updated_at_secs: u64,
}

/// Whose a robot is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The system's.
    System,
    /// A project's.
    Project {
        /// Its number.
        id: u64,
        /// Its name.
        name: String,
    },
}

/// A secret of a robot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RobotSecret {
    /// The secret.
    pub hash: SecretHash,
    /// Until when it is good, in seconds since 1970; `None` for as long as the robot. An old secret lives on for a while beside a new one.
    pub valid_until_secs: Option<u64>,
}

/// When a robot was last seen.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Used {
    at_secs: u64,
}

impl Robot {
    /// Whether it can sign in at this time.
    pub fn is_active(&self, now_secs: u64) -> bool {
        !self.is_disabled && self.expires_at_secs.is_none_or(|expiry| now_secs < expiry)
    }

    /// Whether this secret is good at this time. Slow only for a secret that somebody chose.
    pub fn knows(&self, secret: &str, now_secs: u64) -> bool {
        let is_live = |known: &&RobotSecret| known.valid_until_secs.is_none_or(|until| now_secs < until);
        self.secrets.iter().filter(is_live).any(|known| known.hash.is_of(secret))
    }

    /// What this robot is to the rules of access.
    pub fn principal(&self) -> Principal {
        Principal::Robot(RobotIdentity {
            id: self.id,
            name: self.full_name.clone(),
            permissions: self.permissions.clone(),
        })
    }
}

/// All robots. Cheap to clone.
#[derive(Clone)]
pub struct Robots {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Robots {
    /// Robots on these ports.
    pub fn new(
        read: Arc<dyn RecordRead>,
        write: Arc<dyn RecordWrite>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { read, write, clock, ids }
    }

    /// The robot with this full name.
    pub async fn get(&self, full_name: &str) -> Result<Option<Robot>, StoreError> {
        Ok(self.stored(full_name).await?.map(|stored| stored.value))
    }

    /// The robot with this number. Two reads.
    pub async fn get_by_id(&self, id: u64) -> Result<Option<Robot>, StoreError> {
        let Some(name) = get::<String>(&*self.read, id_key(id)).await? else { return Ok(None) };
        self.get(&name.value).await
    }

    /// At most `limit` robots of a project, or of the system (0), in order of their numbers, after the robot `after`, and whether
    /// more follow.
    pub async fn list(
        &self,
        project_id: u64,
        after: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Robot>, bool), StoreError> {
        let after = after.map(number_key);
        let range = Range { after: after.as_deref(), ..Range::default() };
        let (names, more) =
            berth_records::list::<String>(&*self.read, &of_project(project_id), range, limit).await?;
        let keys: Vec<Key> = names.iter().map(|name| key(&name.value)).collect();
        let mut robots = Vec::new();
        for keys in keys.chunks(berth_records::MAX_KEYS) {
            let found = get_many::<Robot>(&*self.read, keys).await?;
            robots.extend(found.into_iter().flatten().map(|stored| stored.value));
        }
        Ok((robots, more))
    }

    /// When a robot last signed in, to the hour, in seconds since 1970.
    pub async fn last_used_secs(&self, id: u64) -> Result<Option<u64>, StoreError> {
        Ok(get::<Used>(&*self.read, used_key(id)).await?.map(|stored| stored.value.at_secs))
    }

    /// Notes that a robot has signed in. Writes once an hour at most.
    pub async fn note_use(&self, id: u64) -> Result<(), StoreError> {
        let now_secs = self.clock.now_secs();
        let last_secs = self.last_used_secs(id).await?;
        if last_secs.is_some_and(|last_secs| now_secs < last_secs + USED_RESOLUTION_SECS) {
            return Ok(());
        }
        let used = put(used_key(id), &Used { at_secs: now_secs }, Expect::Anything);
        self.write.write(vec![used]).await.map(|_| ())
    }

    async fn stored(&self, full_name: &str) -> Result<Option<Stored<Robot>>, StoreError> {
        // Whatever somebody types as a name comes here.
        let is_name = full_name.starts_with(ROBOT_PREFIX) && full_name.len() <= create::MAX_FULL_NAME_BYTES;
        if is_name { get(&*self.read, key(full_name)).await } else { Ok(None) }
    }
}

impl std::fmt::Debug for Robots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Robots")
    }
}

fn key(full_name: &str) -> Key {
    Key::new("robots", full_name)
}

pub(crate) fn id_key(id: u64) -> Key {
    Key::new("robot-id", number_key(id))
}

fn used_key(id: u64) -> Key {
    Key::new("robot-used", number_key(id))
}

fn of_project(project_id: u64) -> String {
    format!("robots-of#{project_id}")
}

fn of_project_key(project_id: u64, id: u64) -> Key {
    Key::new(of_project(project_id), number_key(id))
}

#[cfg(test)]
mod tests;
