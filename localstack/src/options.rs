//! What the local stack is started with.

use std::path::PathBuf;

use berth_function_registry::Outside;

use crate::s3::SyncMode;

/// How the local stack behaves towards clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Like a stack with a gateway: bodies of any size, blobs streamed by this process.
    Gateway,
    /// Like a stack of functions alone: what Lambda would refuse is refused, blobs come by redirect.
    LambdaLimits,
}

/// Who may use the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Users {
    /// Users and robots, each in the projects where they have a role.
    Projects {
        /// Whether a push by a system administrator makes the project that is missing.
        create_on_push: bool,
        /// What is configured and cannot be changed.
        locks: berth_configuration::Locks,
    },
    /// Everybody who can reach it may do everything.
    Open,
}

/// What the local stack is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept.
    pub data: PathBuf,
    /// How it behaves.
    pub mode: Mode,
    /// Who may use it.
    pub users: Users,
    /// How hard an acknowledged write is pressed onto the disk.
    pub sync: SyncMode,
    /// Whether each request is logged.
    pub access_log: bool,
    /// How it reaches issuers of tokens and AWS.
    pub outside: Outside,
    /// A file that gets a line of JSON for everything that counts.
    pub audit_log: Option<PathBuf>,
    /// How long audit entries are kept.
    pub audit_retention_days: u64,
}
