use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName};
use berth_registry::StoreError;
use berth_registry::ports::{Link, LinkRead, LinkWrite, Unlinking};

use super::Memory;
use super::data::Repository;

/// How long an edge without a manifest counts as one of a push that is under way.
const PUSH_SECS: u64 = 60 * 60;

#[async_trait]
impl LinkRead for Memory {
    async fn get(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<Link>, StoreError> {
        let data = self.data().await;
        Ok(data.repositories.get(repository).and_then(|repository| repository.links.get(digest)).copied())
    }
}

#[async_trait]
impl LinkWrite for Memory {
    async fn put(&self, repository: &RepositoryName, digest: &Digest, link: Link) -> Result<(), StoreError> {
        self.data().await.repository(repository).links.insert(digest.clone(), link);
        Ok(())
    }

    async fn remove(&self, repository: &RepositoryName, digest: &Digest) -> Result<Unlinking, StoreError> {
        let now_secs = self.now_secs();
        let mut data = self.data().await;
        let repository = data.repository(repository);
        if !repository.links.contains_key(digest) {
            return Ok(Unlinking::Absent);
        }
        if let Some(by) = repository.needing(digest, now_secs) {
            return Ok(Unlinking::Needed { by });
        }
        repository.links.remove(digest);
        Ok(Unlinking::Removed)
    }
}

impl Repository {
    /// A manifest that needs `digest`: one that is there, or one whose push is under way.
    fn needing(&self, digest: &Digest, now_secs: u64) -> Option<Digest> {
        self.all_needing(digest, now_secs).next()
    }

    /// All of them, in order; some of them more than once.
    pub(super) fn all_needing(&self, digest: &Digest, now_secs: u64) -> impl Iterator<Item = Digest> {
        let edges = self.edges.iter().filter(move |(edge, _)| edge.needed == *digest);
        let counting = edges.filter(move |(edge, written_at_secs)| {
            self.manifests.contains_key(&edge.parent) || now_secs < **written_at_secs + PUSH_SECS
        });
        counting.map(|(edge, _)| edge.parent.clone())
    }
}
