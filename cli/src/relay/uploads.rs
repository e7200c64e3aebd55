//! The uploads under way.

use std::collections::HashMap;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_protocol::{Algorithm, RepositoryName};
use reqwest::Url;
use tokio::time::Instant;

use super::spool::Spool;
use crate::clock::now;

/// An upload that nobody touches for so long is forgotten, and its file with it.
const IDLE_TIMEOUT: Duration = Duration::from_hours(1);

/// Uploads by their identifiers. Their files have no names, so they are gone when they are forgotten or the process ends.
pub(super) struct Uploads {
    folder: PathBuf,
    by_id: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    upload: Arc<Upload>,
    touched: Instant,
}

/// One upload.
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) name: RepositoryName,
    pub(super) spool: Spool,
    /// The upload at the registry that was started with it, used at the end.
    pub(super) started: Mutex<Option<Url>>,
    /// Held by the one request that may add to it.
    pub(super) turn: tokio::sync::Mutex<()>,
}

impl Uploads {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, by_id: Mutex::default() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn start(
        &self,
        name: RepositoryName,
        algorithm: Algorithm,
        started: Url,
    ) -> io::Result<Arc<Upload>> {
        let upload = Arc::new(Upload {
            id: random_id()?,
            name,
            spool: Spool::new(&self.folder, algorithm)?,
            started: Mutex::new(Some(started)),
            turn: tokio::sync::Mutex::new(()),
        });
        let entry = Entry { upload: Arc::clone(&upload), touched: now() };
        self.lock().insert(upload.id.clone(), entry);
        Ok(upload)
    }

    /// The upload of that identifier, if it belongs to the repository.
    pub(super) fn get(&self, name: &RepositoryName, id: &str) -> Option<Arc<Upload>> {
        let mut uploads = self.lock();
        let entry = uploads.get_mut(id).filter(|entry| entry.upload.name == *name)?;
        entry.touched = now();
        Some(Arc::clone(&entry.upload))
    }

    /// Forgets an upload; requests that are at it keep its file until they end.
    pub(super) fn forget(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Forgets what is idle. A request under way holds the upload, which is then not idle.
    pub(super) fn expire(&self) {
        let now = now();
        self.lock().retain(|_, entry| {
            Arc::strong_count(&entry.upload) > 1 || now.duration_since(entry.touched) < IDLE_TIMEOUT
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::disallowed_methods, reason = "a program at the edge of the system has the real source only")]
fn random_id() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().fold(String::new(), |mut id, byte| {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(uploads: &Uploads, name: &str) -> Arc<Upload> {
        let url = Url::parse("http://registry.test/upload").unwrap();
        uploads.start(RepositoryName::parse(name).unwrap(), Algorithm::Sha256, url).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn uploads_belong_to_a_repository_and_expire_when_idle() {
        let uploads = Uploads::new(std::env::temp_dir());
        let (idle, busy) = (start(&uploads, "a").id.clone(), start(&uploads, "a"));
        let (own, other) = (RepositoryName::parse("a").unwrap(), RepositoryName::parse("b").unwrap());
        assert!(uploads.get(&own, &idle).is_some());
        assert!(uploads.get(&other, &idle).is_none());
        tokio::time::advance(IDLE_TIMEOUT).await;
        uploads.expire();
        assert!(uploads.get(&own, &idle).is_none());
        assert!(uploads.get(&own, &busy.id).is_some(), "a request holds it");
        uploads.forget(&busy.id);
        assert!(uploads.get(&own, &busy.id).is_none());
    }
}
