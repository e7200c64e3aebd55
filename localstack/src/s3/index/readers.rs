//! Connections that read beside the writer.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::schema;
use crate::s3::{
    error::{Error, StoreError},
    limits::MAX_READERS,
};

/// A pool that opens connections as they are needed, up to a limit; more reads wait without a thread.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: Arc<Pool>,
}

struct Pool {
    path: PathBuf,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        let permits = Semaphore::new(MAX_READERS);
        Self { pool: Arc::new(Pool { path: path.to_owned(), permits, idle: Mutex::default() }) }
    }

    /// Runs `work` on a blocking thread, within one snapshot.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _permit = self.pool.permits.acquire().await.map_err(|_| StoreError::Unfinished)?;
        let pool = self.pool.clone();
        tokio::task::spawn_blocking(move || {
            let connection = pool.take()?;
            let snapshot = connection.unchecked_transaction()?;
            let outcome = work(&snapshot);
            snapshot.finish()?;
            pool.give_back(connection);
            outcome
        })
        .await?
    }
}

impl Pool {
    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| schema::open_reader(&self.path), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}
