use serde::{Deserialize, Serialize};

use crate::{Metadata, ProjectName};

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Never used again, whatever becomes of the name.
    pub id: u64,
    /// What its repositories begin with.
    pub name: ProjectName,
    /// The number of the user who made it; 0 for a robot.
    pub owner_id: u64,
    /// The name of whoever made it.
    pub owner_name: String,
    /// Its settings.
    pub metadata: Metadata,
    /// When it was made, in seconds since 1970.
    pub created_at_secs: u64,
    /// When it was last changed, in seconds since 1970.
    pub updated_at_secs: u64,
}
