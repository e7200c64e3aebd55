//! The index: which objects, uploads and parts exist, where their content lies, and which events are to be told.
//!
//! One SQLite file in write-ahead mode. All changes go through one thread, which lets waiting changes share a commit;
//! reads run beside it on connections of their own and see the last commit.

mod events;
mod expiry;
mod files;
mod listing;
mod objects;
mod readers;
mod schema;
mod uploads;
mod writer;

use std::{future::Future, path::Path, sync::Arc};

use rusqlite::Connection;

pub use self::events::Event;
pub(crate) use self::{
    expiry::Expiry,
    listing::{Entry, PageRequest, after_key, list},
    objects::{Body, Object, find, require_bucket},
    readers::Readers,
    uploads::{Part, Upload, find_upload, list_parts, list_uploads},
    writer::{Change, Effects},
};
use super::{
    data::DataFolder,
    error::{Error, StoreError},
    options::SyncMode,
};

/// The index of one store.
pub(crate) struct Index {
    readers: Readers,
    writer: writer::Writer,
}

impl Index {
    /// Opens or creates the file. `committed` is told the effects of each change once it is durable. Blocking.
    pub(crate) fn open(
        path: &Path,
        sync: SyncMode,
        event_prefixes: Vec<String>,
        committed: impl Fn(Effects) + Send + 'static,
    ) -> Result<Self, StoreError> {
        let connection = schema::open_writer(path, sync)?;
        let writer = writer::Writer::start(connection, event_prefixes, committed)?;
        Ok(Self { readers: Readers::new(path), writer })
    }

    /// Runs `work` in a transaction of its own among all others: all of it is committed, or, when it returns an error,
    /// nothing. The outcome is known only after the commit. Once begun, a change runs on when the caller is dropped.
    pub(crate) fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
    ) -> impl Future<Output = Result<T, Error>> + Send {
        self.writer.change(work)
    }

    /// Runs `work` on a snapshot of the last commit.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.readers.read(work).await
    }

    /// Removes the files that no row names. Only while nothing is written. Blocking.
    pub(crate) fn sweep(path: &Path, folder: &Arc<DataFolder>) -> Result<usize, StoreError> {
        let connection = schema::open_reader(path)?;
        folder.sweep(|name| files::is_named(&connection, name))
    }
}
