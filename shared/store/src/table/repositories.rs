//! Whether a repository exists, and its end.
//!
//! The removal of a repository and a push into it notice each other, because each first writes and then reads: the removal marks
//! the catalog item and then reads which pushes are under way; the push writes that it is under way and then surveys. A push
//! that sees the mark, or no item, writes the item anew with its commit. One that has surveyed before the mark is seen by the
//! removal, as a manifest or as a push.

use async_trait::async_trait;
use berth_protocol::RepositoryName;
use berth_registry::ports::{
    Commitment, NAME_RETENTION_SECS, Repositories, RepositoryRecord, RepositoryRemoval,
};
use berth_registry::{Effect, StoreError};

use super::expression::{Condition, Update};
use super::item::text;
use super::items::{CatalogItem, KeptItem, MARK, ManifestItem, PushItem, WRITTEN_AT_MS};
use super::write::Write;
use super::{MAX_ATTEMPTS, Table, pause};
use crate::error::throttled;

/// Pushes that are read at a time.
const PUSHES_PER_PAGE: usize = 1000;

#[async_trait]
impl Repositories for Table {
    async fn get(&self, repository: &RepositoryName) -> Result<Option<RepositoryRecord>, StoreError> {
        let Some(item) = self.get_item(CatalogItem::key(repository)).await? else { return Ok(None) };
        let created_at_ms = CatalogItem::decode_created_at_ms(&item)?;
        Ok(Some(RepositoryRecord { created_at_secs: created_at_ms / 1000 }))
    }

    /// The mark of a removal that did not come to its end stays. It harms nobody: the next push writes the item anew.
    async fn remove(&self, repository: &RepositoryName) -> Result<RepositoryRemoval, StoreError> {
        for attempt in 0..MAX_ATTEMPTS {
            if self.get_item(CatalogItem::key(repository)).await?.is_none() {
                // Not the first time round, it was there: this removal or another one has done it.
                return Ok(if attempt == 0 { RepositoryRemoval::Absent } else { RepositoryRemoval::Removed });
            }
            let mark = self.ids.next();
            if self.mark_repository(repository, &mark).await? == Commitment::Committed {
                if !self.query_first(&ManifestItem::span(repository, None), &[], 1).await?.is_empty() {
                    return Ok(RepositoryRemoval::NotEmpty);
                }
                if self.is_pushed_to(repository).await? {
                    return Ok(RepositoryRemoval::Busy);
                }
                let unchanged = Condition::equals(MARK, text(&mark));
                let removal = vec![
                    Write::Delete(CatalogItem::key(repository), Some(unchanged)),
                    Write::Put(
                        KeptItem::encode(repository, self.clock.now_secs() + NAME_RETENTION_SECS),
                        None,
                    ),
                ];
                if self.transact(removal).await? == Commitment::Committed {
                    return Ok(RepositoryRemoval::Removed);
                }
            }
            pause(attempt).await;
        }
        Err(throttled("RemoveRepository", Effect::DidNotHappen, "others kept pushing to the repository"))
    }
}

impl Table {
    /// Says that a removal is under way.
    async fn mark_repository(
        &self,
        repository: &RepositoryName,
        mark: &str,
    ) -> Result<Commitment, StoreError> {
        let update = Update::default().set(MARK, text(mark));
        let key = CatalogItem::key(repository);
        self.write_shared(Write::Update(key, update, Some(Condition::exists()))).await
    }

    /// Whether a push of a new manifest may still commit.
    async fn is_pushed_to(&self, repository: &RepositoryName) -> Result<bool, StoreError> {
        let span = PushItem::span(repository);
        let mut start = None;
        loop {
            let page = self.query_page(&span, &[WRITTEN_AT_MS], PUSHES_PER_PAGE, start).await?;
            let now_ms = self.now_ms();
            for item in &page.items {
                if PushItem::is_in_flight(item, now_ms)? {
                    return Ok(true);
                }
            }
            start = page.next;
            if start.is_none() {
                return Ok(false);
            }
        }
    }
}
