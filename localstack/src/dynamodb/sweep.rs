//! Removal of expired items, which DynamoDB does by itself and the embedded one does when told.

use dynoxide::{Database, DynoxideError};
use thiserror::Error;

/// Why a sweep did not run to its end. What it deleted before stays deleted.
#[derive(Debug, Error)]
pub enum SweepError {
    /// The database refused a page of the sweep.
    #[error("the sweep of expired items failed")]
    Database(#[source] DynoxideError),
    /// The sweep's thread died.
    #[error("the sweep of expired items was stopped")]
    Stopped(#[source] tokio::task::JoinError),
}

/// Deletes every item whose time to live has passed, in all tables, and returns how many.
///
/// Runs on a blocking thread, page by page: other calls get their turn between pages. An item that expires while the
/// sweep runs may be left to the next one.
pub async fn sweep(database: &Database) -> Result<usize, SweepError> {
    let database = database.clone();
    tokio::task::spawn_blocking(move || database.sweep_ttl())
        .await
        .map_err(SweepError::Stopped)?
        .map_err(SweepError::Database)
}
