//! Reads in progress, and the removal of files that waits for them.

use std::{
    collections::{BTreeSet, VecDeque},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use super::{DataFolder, FileId};

/// Keeps each doomed file until the reads that began before its doom have ended.
///
/// A read takes a lease before it looks into the index, so what it finds there stays readable to its end. Files are
/// removed on a thread of their own, since removal of a large file takes time. When the process dies first, the sweep
/// at the next start removes them.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    reaper: Reaper,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the next read.
    next: u64,
    active: BTreeSet<u64>,
    /// Files with the number of the first read that cannot know them, oldest first.
    doomed: VecDeque<(u64, FileId)>,
}

impl Leases {
    pub(crate) fn new(folder: Arc<DataFolder>) -> io::Result<Self> {
        let shared = Shared { state: Mutex::default(), reaper: Reaper::start(folder)? };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Begins a read.
    pub(crate) fn begin(&self) -> Lease {
        let mut state = self.shared.lock();
        let number = state.next;
        state.next += 1;
        state.active.insert(number);
        Lease { shared: self.shared.clone(), number }
    }

    /// Removes files that no row names any more, as soon as no read can know them.
    pub(crate) fn doom(&self, files: Vec<FileId>) {
        let mut state = self.shared.lock();
        let next = state.next;
        state.doomed.extend(files.into_iter().map(|file| (next, file)));
        self.shared.reap(state);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reap(&self, mut state: MutexGuard<'_, State>) {
        let oldest = state.active.first().copied().unwrap_or(state.next);
        while state.doomed.front().is_some_and(|(doomed_at, _)| *doomed_at <= oldest) {
            self.reaper.remove(state.doomed.pop_front().map(|(_, file)| file));
        }
    }
}

/// A read in progress.
#[derive(Debug)]
pub(crate) struct Lease {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.active.remove(&self.number);
        self.shared.reap(state);
    }
}

/// The thread that removes files. Dropped, it removes what it was given and ends.
#[derive(Debug)]
struct Reaper {
    files: Option<mpsc::Sender<FileId>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Reaper {
    fn start(folder: Arc<DataFolder>) -> io::Result<Self> {
        let (files, doomed) = mpsc::channel();
        let thread = thread::Builder::new().name("s3-reaper".to_owned()).spawn(move || {
            for file in doomed {
                folder.remove(&file);
            }
        })?;
        Ok(Self { files: Some(files), thread: Some(thread) })
    }

    /// Without its thread the file stays until the next start.
    fn remove(&self, file: Option<FileId>) {
        if let (Some(files), Some(file)) = (&self.files, file) {
            drop(files.send(file));
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        drop(self.files.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
