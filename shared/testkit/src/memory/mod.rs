//! All ports on maps in memory.
//!
//! One mutex guards everything, so each call is atomic and the calls have one order. Every call lets other tasks run
//! before it does its work, so tasks that run side by side interleave at the ports, where processes would.

mod artifacts;
mod blobs;
mod data;
mod links;
mod lists;
mod manifests;
mod records;
mod uploads;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use berth_protocol::{Digest, RepositoryName};
use berth_registry::{Clock, Ports};
use bytes::Bytes;

use crate::{CountingIds, ManualClock};
use data::Data;

/// Ports in memory. A clone is another handle on the same data.
#[derive(Clone, Default)]
pub struct Memory {
    data: Arc<Mutex<Data>>,
    clock: Arc<ManualClock>,
    ids: Arc<CountingIds>,
}

impl Memory {
    /// An empty memory, at [`ManualClock::START`].
    pub fn new() -> Self {
        Self::default()
    }

    /// The ports.
    pub fn ports(&self) -> Ports {
        let this = Arc::new(self.clone());
        Ports {
            blob_read: this.clone(),
            blob_write: this.clone(),
            staging: this.clone(),
            link_read: this.clone(),
            link_write: this.clone(),
            manifest_read: this.clone(),
            manifest_write: this.clone(),
            manifest_delete: this.clone(),
            tags: this.clone(),
            repositories: this.clone(),
            referrers: this.clone(),
            artifacts: this.clone(),
            catalog: this.clone(),
            upload_states: this.clone(),
            upload_data: this,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// The ports for records, `RecordRead` and `RecordWrite`.
    pub fn records(&self) -> Arc<Self> {
        Arc::new(self.clone())
    }

    /// The clock that the ports go by.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Puts `content` into the staging area under `digest`, which it need not have, as a client would at the edge.
    pub fn stage(&self, repository: &RepositoryName, digest: &Digest, content: Bytes) {
        self.lock().staged.insert((repository.clone(), digest.clone()), content);
    }

    /// Whether something is staged.
    pub fn is_staged(&self, repository: &RepositoryName, digest: &Digest) -> bool {
        self.lock().staged.contains_key(&(repository.clone(), digest.clone()))
    }

    /// How many objects of unfinished uploads there are: parts, tails and joined content.
    pub fn upload_objects(&self) -> usize {
        let data = self.lock();
        let parts: usize = data.multiparts.values().map(|multipart| multipart.parts.len()).sum();
        parts + data.joined.len() + data.tails.len()
    }

    /// The data, after everybody else had a turn.
    async fn data(&self) -> MutexGuard<'_, Data> {
        tokio::task::yield_now().await;
        self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_secs(&self) -> u64 {
        self.clock.now_secs()
    }
}
