//! The store: an index, the data files, and what connects them.

use std::{fs, sync::Arc};

use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use tokio::sync::Notify;

use super::{
    data::{DataFolder, FileId, Leases},
    error::{Error, StoreError},
    index::{Effects, Event, Expiry, Index, after_key},
    options::S3Options,
};

/// An S3 on a folder of this machine. Clones share it; dropping the last one waits for changes under way.
#[derive(Clone)]
pub struct Store {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) index: Index,
    pub(super) data: Arc<DataFolder>,
    pub(super) leases: Leases,
    created: Arc<Notify>,
    options: S3Options,
}

/// A service that answers S3 requests from `store`, signed with this key: in the `Authorization` header or the query.
/// Anonymous requests are denied.
pub fn service(store: Store, access_key: &str, secret_key: &str) -> S3Service {
    let mut builder = S3ServiceBuilder::new(store);
    builder.set_auth(SimpleAuth::from_single(access_key, secret_key));
    builder.build()
}

impl Store {
    /// Opens the folder, creating it when missing, and removes the data files that a crash left without a row.
    /// Blocking. No other process may use the folder: its uploads in progress would be taken for such leavings.
    pub fn open(options: S3Options) -> Result<Self, StoreError> {
        fs::create_dir_all(&options.folder)?;
        let path = options.folder.join("index.db");
        let data = Arc::new(DataFolder::open(options.folder.join("data"), options.sync)?);
        let leases = Leases::new(data.clone())?;
        let created = Arc::new(Notify::new());
        let committed = on_commit(leases.clone(), created.clone());
        let index = Index::open(&path, options.sync, options.event_prefixes.clone(), committed)?;
        let swept = Index::sweep(&path, &data)?;
        if swept > 0 {
            tracing::info!(files = swept, "removed data files of unfinished uploads");
        }
        Ok(Self { inner: Arc::new(Inner { index, data, leases, created, options }) })
    }

    /// The oldest events that are not done, at most `limit`. They stay until [`event_done`](Self::event_done), also
    /// when the store is closed and opened again: whoever acts on them may see one twice.
    pub async fn events_pending(&self, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.inner
            .index
            .read(move |connection| Event::pending(connection, limit))
            .await
            .map_err(only_failures)
    }

    /// Removes an event from the outbox. Idempotent.
    pub async fn event_done(&self, id: i64) -> Result<(), StoreError> {
        self.inner.index.change(move |change| change.finish_event(id)).await.map_err(only_failures)
    }

    /// Woken after the commit of new events. A wake-up is kept while nobody waits, so that the one reader that takes
    /// all pending events and then waits misses none.
    pub fn events_created(&self) -> &Notify {
        &self.inner.created
    }

    /// Deletes the objects below `prefix` that were created more than `older_than_ms` ago and aborts such uploads, as
    /// S3's lifecycle rules do. Returns how many. Works in bounded batches; other changes go on between them.
    pub async fn expire(&self, bucket: &str, prefix: &str, older_than_ms: u64) -> Result<usize, StoreError> {
        let created_before_ms = self.now_ms().saturating_sub(older_than_ms);
        let expiry = Expiry { bucket: bucket.to_owned(), prefix: prefix.to_owned(), created_before_ms };
        let expiry = Arc::new(expiry);
        let objects = self.expire_objects(&expiry).await.map_err(only_failures)?;
        let uploads = self.expire_uploads(&expiry).await.map_err(only_failures)?;
        Ok(objects + uploads)
    }

    async fn expire_objects(&self, expiry: &Arc<Expiry>) -> Result<usize, Error> {
        let index = &self.inner.index;
        let (mut removed, mut from) = (0, String::new());
        loop {
            let rule = expiry.clone();
            let keys = index.read(move |connection| rule.objects(connection, &from)).await?;
            let Some(last) = keys.last() else { return Ok(removed) };
            from = after_key(last);
            let rule = expiry.clone();
            removed += index.change(move |change| change.expire_objects(&rule, &keys)).await?;
        }
    }

    async fn expire_uploads(&self, expiry: &Arc<Expiry>) -> Result<usize, Error> {
        let index = &self.inner.index;
        let mut removed = 0;
        loop {
            let rule = expiry.clone();
            let uploads = index.read(move |connection| rule.uploads(connection)).await?;
            if uploads.is_empty() {
                return Ok(removed);
            }
            let rule = expiry.clone();
            removed += index.change(move |change| change.expire_uploads(&rule, &uploads)).await?;
        }
    }

    pub(super) fn now_ms(&self) -> u64 {
        (self.inner.options.clock)()
    }

    /// A name for an upload or a version of an object.
    pub(super) fn new_id(&self) -> String {
        (self.inner.options.ids)()
    }

    pub(super) fn new_file_id(&self) -> FileId {
        FileId(self.new_id())
    }
}

fn on_commit(leases: Leases, created: Arc<Notify>) -> impl Fn(Effects) + Send + 'static {
    move |effects| {
        if !effects.unnamed.is_empty() {
            leases.doom(effects.unnamed);
        }
        if effects.told {
            created.notify_one();
        }
    }
}

/// The store's own calls ask for nothing that could be refused.
fn only_failures(error: Error) -> StoreError {
    match error {
        Error::Store(error) => error,
        Error::Refused { .. } | Error::NotModified { .. } => StoreError::Unfinished,
    }
}
