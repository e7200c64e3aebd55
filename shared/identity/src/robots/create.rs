//! Making robots.

use berth_projects::{Permission, PermissionError, Scope};
use berth_records::{Change, Expect, Key, Written, number_key, put};
use berth_registry::StoreError;

use super::{Level, ROBOT_PREFIX, Robot, RobotSecret, Robots, id_key, key, of_project_key};
use crate::SecretHash;
use crate::secret::generate;

pub(super) const MAX_FULL_NAME_BYTES: usize = 600;
const MAX_NAME_CHARS: usize = 255;
const SECS_PER_DAY: u64 = 24 * 60 * 60;
/// Harbor's own limit would be reached in the year 11761.
const MAX_DURATION_DAYS: i64 = 365 * 1000;

/// A robot to be made.
#[derive(Debug, Clone)]
pub struct NewRobot {
    /// The short name.
    pub name: String,
    /// Whose it is.
    pub level: Level,
    /// Whatever somebody wants to remember about it.
    pub description: String,
    /// For how many days; -1 for ever.
    pub duration_days: i64,
    /// Whether it is kept out for now.
    pub is_disabled: bool,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The name of whoever makes it.
    pub creator: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "the large variant is the usual one, and there is one at a time"
)]
pub enum CreateRobot {
    /// It is there. Its secret is shown this once.
    Created {
        /// The robot.
        robot: Robot,
        /// What it signs in with.
        secret: String,
    },
    /// There is one of that name.
    Taken,
    /// The project is gone.
    ProjectGone,
}

/// Why there can be no such robot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRobot {
    /// The name.
    #[error("robot name is not in lower case or contains illegal characters")]
    Name,
    /// The duration.
    #[error("bad request: the robot's duration must be -1, or a number of days from 1 on")]
    Duration,
    /// It would have no rights.
    #[error("bad request: permissions are missing")]
    NoPermissions,
    /// A right outside of the catalogue.
    #[error("bad request: {0}")]
    Permission(#[from] PermissionError),
    /// A robot of a project reaches into that project alone.
    #[error("bad request: a project robot has permissions in its own project alone")]
    Level,
}

impl NewRobot {
    /// Whether there can be such a robot. Whether its maker may give those rights away is another question.
    pub fn check(&self) -> Result<(), InvalidRobot> {
        if !is_name(&self.name) {
            return Err(InvalidRobot::Name);
        }
        check_duration(self.duration_days)?;
        check_permissions(&self.level, &self.permissions)
    }

    fn full_name(&self) -> String {
        match &self.level {
            Level::System => format!("{ROBOT_PREFIX}{}", self.name),
            Level::Project { name, .. } => format!("{ROBOT_PREFIX}{name}+{}", self.name),
        }
    }
}

pub(super) fn check_duration(days: i64) -> Result<(), InvalidRobot> {
    if days == -1 || (1..=MAX_DURATION_DAYS).contains(&days) { Ok(()) } else { Err(InvalidRobot::Duration) }
}

pub(super) fn check_permissions(level: &Level, permissions: &[Permission]) -> Result<(), InvalidRobot> {
    if permissions.iter().all(|permission| permission.rights.is_empty()) {
        return Err(InvalidRobot::NoPermissions);
    }
    if let Level::Project { id, .. } = level
        && permissions.iter().any(|permission| permission.scope != Scope::Project(*id))
    {
        return Err(InvalidRobot::Level);
    }
    Ok(permissions.iter().try_for_each(Permission::check)?)
}

/// When a robot that is made for so many days from `start_secs` on ends.
pub(super) fn expiry_secs(start_secs: u64, days: i64) -> Option<u64> {
    u64::try_from(days).ok().map(|days| start_secs + days * SECS_PER_DAY)
}

impl Robots {
    /// Makes a robot, which must have passed [`NewRobot::check`], and its secret.
    pub async fn create(&self, new: NewRobot) -> Result<CreateRobot, StoreError> {
        let now_secs = self.clock.now_secs();
        let secret = generate(&*self.ids);
        let full_name = new.full_name();
        if self.get(&full_name).await?.is_some() {
            return Ok(CreateRobot::Taken);
        }
        let robot = Robot {
            id: self.write.add(&Key::new("counters", "robots"), 1, None).await?,
            full_name,
            level: new.level,
            description: new.description,
            duration_days: new.duration_days,
            expires_at_secs: expiry_secs(now_secs, new.duration_days),
            is_disabled: new.is_disabled,
            permissions: new.permissions,
            secrets: vec![RobotSecret { hash: SecretHash::of_generated(&secret), valid_until_secs: None }],
            creator: new.creator,
            created_at_secs: now_secs,
            updated_at_secs: now_secs,
        };
        let project_id = robot.project_id();
        let mut changes = vec![
            put(key(&robot.full_name), &robot, Expect::Absent),
            put(id_key(robot.id), &robot.full_name, Expect::Absent),
            put(of_project_key(project_id, robot.id), &robot.full_name, Expect::Absent),
        ];
        if project_id != 0 {
            // The project's number is there as long as the project is.
            let project = Key::new("project-id", number_key(project_id));
            changes.push(Change::Check { key: project, expect: Expect::Present });
        }
        if self.write.write(changes).await? == Written::Written {
            return Ok(CreateRobot::Created { robot, secret });
        }
        Ok(match self.get(&robot.full_name).await? {
            Some(_) => CreateRobot::Taken,
            None => CreateRobot::ProjectGone,
        })
    }
}

impl Robot {
    /// The number of the project that it belongs to; 0 for the system.
    pub fn project_id(&self) -> u64 {
        match &self.level {
            Level::System => 0,
            Level::Project { id, .. } => *id,
        }
    }
}

/// Harbor's grammar: `^[a-z0-9]+(?:[._-][a-z0-9]+)*$`.
fn is_name(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let parts = text.split(['.', '_', '-']);
    text.len() <= MAX_NAME_CHARS
        && text.bytes().all(|byte| is_word(byte) || b"._-".contains(&byte))
        && parts.into_iter().all(|part| !part.is_empty())
}
