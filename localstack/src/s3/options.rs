//! What a store is opened with.

use std::{fmt, path::PathBuf, sync::Arc};

/// The time in milliseconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A source of identifiers: 32 lower-case hexadecimal characters, never the same twice, also after a restart.
pub type Ids = Arc<dyn Fn() -> String + Send + Sync>;

/// How hard an acknowledged write is pressed onto the disk. Both survive the death of this process at any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncMode {
    /// Data, folder and index are flushed before a write is acknowledged: it survives the loss of power.
    Full,
    /// Nothing is flushed: the last writes may be lost with the power.
    Off,
}

/// What [`Store::open`](super::Store::open) needs.
#[derive(Clone)]
pub struct S3Options {
    /// Holds all state: `index.db` and `data/`. Created when missing. One process at a time may use it.
    pub folder: PathBuf,
    /// How durable a write is.
    pub sync: SyncMode,
    /// The time of creation of objects and uploads, and of expiry.
    pub clock: Clock,
    /// Names of data files and uploads, and so of entity tags.
    pub ids: Ids,
    /// Creation of an object whose key starts with one of these puts an event into the outbox.
    pub event_prefixes: Vec<String>,
}

impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Options")
            .field("folder", &self.folder)
            .field("sync", &self.sync)
            .field("event_prefixes", &self.event_prefixes)
            .finish_non_exhaustive()
    }
}
