//! DynamoDB inside this process: dynoxide on one SQLite file, reached by the AWS SDK without a socket.
//!
//! DynamoDB Streams stay off: each write to a table with a stream scans the whole stream.

mod client;
mod connector;
mod operations;
mod sweep;

use std::path::{Path, PathBuf};

pub use dynoxide::Database;
use dynoxide::DynoxideError;
use thiserror::Error;

pub use self::{
    client::client,
    connector::Connector,
    sweep::{SweepError, sweep},
};
use crate::s3::SyncMode;

/// Why the database could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// SQLite takes its path as text.
    #[error("the database path is not valid UTF-8: {}", .0.display())]
    Path(PathBuf),
    /// The file could not be opened or is not a database.
    #[error("could not open the DynamoDB database")]
    Database(#[source] DynoxideError),
}

/// Opens or creates the database file. Blocking.
///
/// With [`SyncMode::Off`] a commit survives the death of this process, but not the loss of power.
pub fn open(path: &Path, sync: SyncMode) -> Result<Database, OpenError> {
    let name = path.to_str().ok_or_else(|| OpenError::Path(path.to_owned()))?;
    let database = Database::new(name).map_err(OpenError::Database)?;
    if sync == SyncMode::Off {
        // This pair leaves SQLite at synchronous=NORMAL: there is no call for that alone.
        database.enable_bulk_loading().map_err(OpenError::Database)?;
        database.disable_bulk_loading().map_err(OpenError::Database)?;
    }
    Ok(database)
}
