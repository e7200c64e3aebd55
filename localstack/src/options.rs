//! What the local stack is started with.

use std::path::PathBuf;

use crate::s3::SyncMode;

/// How the local stack behaves towards clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Like a stack with a gateway: bodies of any size, blobs streamed by this process.
    Gateway,
    /// Like a stack of functions alone: what Lambda would refuse is refused, blobs come by redirect.
    LambdaLimits,
}

/// What the local stack is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept.
    pub data: PathBuf,
    /// How it behaves.
    pub mode: Mode,
    /// How hard an acknowledged write is pressed onto the disk.
    pub sync: SyncMode,
    /// Whether each request is logged.
    pub access_log: bool,
}
