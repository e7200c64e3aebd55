//! Content on its way to a file.

use std::{
    fs::File,
    io::{self, Write},
    sync::Arc,
};

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{DataFolder, FileId, NewFile};
use crate::s3::{
    checksums::{Computed, Hasher},
    error::Error,
    limits::WRITE_BACK_BYTES,
    options::SyncMode,
};

/// A file in the making. Hashing and writing happen on blocking threads, one step at a time, while the caller
/// collects the next step: at most two steps are in memory. Dropped at any point, it leaves no file behind.
pub(crate) struct Sink {
    step: JoinHandle<io::Result<Open>>,
    flush: Option<JoinHandle<io::Result<()>>>,
}

/// What travels from step to step.
struct Open {
    file: File,
    guard: NewFile,
    hasher: Hasher,
    unflushed_bytes: u64,
}

impl Sink {
    /// Starts a file with its first bytes.
    pub(crate) fn start(folder: Arc<DataFolder>, id: FileId, hasher: Hasher, chunks: Vec<Bytes>) -> Self {
        let step = spawn_blocking(move || {
            let (file, guard) = folder.create(id)?;
            Open { file, guard, hasher, unflushed_bytes: 0 }.write(&chunks)
        });
        Self { step, flush: None }
    }

    /// Waits for the step before and starts the next.
    pub(crate) async fn write(self, chunks: Vec<Bytes>) -> Result<Self, Error> {
        let Self { step, mut flush } = self;
        let mut open = step.await??;
        if open.wants_flush() && flush.as_ref().is_none_or(JoinHandle::is_finished) {
            flushed(flush).await?;
            flush = Some(open.flush()?);
        }
        let step = spawn_blocking(move || open.write(&chunks));
        Ok(Self { step, flush })
    }

    /// Waits for all steps and makes the file durable as the folder's sync mode says.
    pub(crate) async fn finish(self) -> Result<(NewFile, Computed), Error> {
        let open = self.step.await??;
        flushed(self.flush).await?;
        Ok(spawn_blocking(move || open.finish()).await??)
    }
}

/// An error of an early flush is reported once, to whoever waits for that flush: nobody may skip it.
async fn flushed(flush: Option<JoinHandle<io::Result<()>>>) -> Result<(), Error> {
    match flush {
        Some(flush) => Ok(flush.await??),
        None => Ok(()),
    }
}

impl Open {
    fn write(mut self, chunks: &[Bytes]) -> io::Result<Self> {
        for chunk in chunks {
            self.hasher.update(chunk);
            self.file.write_all(chunk)?;
            self.unflushed_bytes += chunk.len() as u64;
        }
        Ok(self)
    }

    fn wants_flush(&self) -> bool {
        self.guard.folder.sync == SyncMode::Full && self.unflushed_bytes >= WRITE_BACK_BYTES
    }

    /// Presses what is written so far onto the disk while writing goes on, so that the last flush is short.
    fn flush(&mut self) -> io::Result<JoinHandle<io::Result<()>>> {
        let file = self.file.try_clone()?;
        self.unflushed_bytes = 0;
        Ok(spawn_blocking(move || file.sync_data()))
    }

    fn finish(self) -> io::Result<(NewFile, Computed)> {
        let folder = &self.guard.folder;
        if folder.sync == SyncMode::Full {
            self.file.sync_data()?;
            let path = folder.path(&self.guard.id);
            folder.flush_folder(path.parent().unwrap_or(&folder.root))?;
        }
        Ok((self.guard, self.hasher.finish()))
    }
}
