//! What an administrator has configured.
//!
//! ```text
//! partition       sort     document
//! configuration   system   Configured
//! ```

use std::sync::Arc;

use berth_records::{Expect, Key, RecordRead, RecordWrite, Stored, Written, get, put};
use berth_registry::StoreError;
use serde::{Deserialize, Serialize};

/// How often a change begins again because others were at it.
const MAX_ATTEMPTS: usize = 8;
/// The longest message for all.
pub(crate) const MAX_BANNER_BYTES: usize = 4096;

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Configured {
    pub(crate) project_creation: ProjectCreation,
    /// For how many days a robot is made if nobody says otherwise.
    pub(crate) robot_duration_days: i64,
    /// What everybody is told. Empty for nothing.
    pub(crate) banner_message: String,
}

/// Who may make projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProjectCreation {
    Everyone,
    AdminOnly,
}

impl ProjectCreation {
    /// The word in Harbor's REST API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::AdminOnly => "adminonly",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Everyone, Self::AdminOnly].into_iter().find(|known| known.as_str() == text)
    }
}

impl Default for Configured {
    fn default() -> Self {
        Self {
            project_creation: ProjectCreation::Everyone,
            robot_duration_days: 30,
            banner_message: String::new(),
        }
    }
}

/// The configuration. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Configuration {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
}

impl Configuration {
    pub(crate) fn new(read: Arc<dyn RecordRead>, write: Arc<dyn RecordWrite>) -> Self {
        Self { read, write }
    }

    pub(crate) async fn get(&self) -> Result<Configured, StoreError> {
        Ok(self.stored().await?.map(|stored| stored.value).unwrap_or_default())
    }

    /// Lets `change` have the newest configuration. Whether that came about: others may keep changing it.
    pub(crate) async fn update(&self, change: impl Fn(&mut Configured) + Send) -> Result<bool, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let stored = self.stored().await?;
            let expect = stored.as_ref().map_or(Expect::Absent, Stored::unchanged);
            let mut configured = stored.map(|stored| stored.value).unwrap_or_default();
            change(&mut configured);
            if self.write.write(vec![put(key(), &configured, expect)]).await? == Written::Written {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn stored(&self) -> Result<Option<Stored<Configured>>, StoreError> {
        get(&*self.read, key()).await
    }
}

fn key() -> Key {
    Key::new("configuration", "system")
}
