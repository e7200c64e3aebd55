//! Links.
//!
//! Removing a link and pushing a manifest that needs the blob notice each other, because each first writes and then
//! reads: the removal marks the link and then reads the edges, the push writes its edges and then reads the links.

use std::collections::BTreeSet;

use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName};
use berth_registry::ports::{Link, LinkRead, LinkWrite, Unlinking};
use berth_registry::{Effect, StoreError};

use super::expression::{Condition, Update};
use super::item::{number, text};
use super::items::{EdgeItem, LinkItem, MARK, MARKED_AT_MS, ManifestItem, Mark, WRITTEN_AT_MS};
use super::write::Write;
use super::{MAX_ATTEMPTS, Table, pause};
use crate::error::throttled;

/// Edges that are read at a time.
const EDGES_PER_PAGE: usize = 100;

#[async_trait]
impl LinkRead for Table {
    async fn get(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<Link>, StoreError> {
        let item = self.get_item(LinkItem::key(repository, digest)).await?;
        Ok(item.map(|item| LinkItem::decode(&item)).transpose()?.map(|item| item.link))
    }
}

#[async_trait]
impl LinkWrite for Table {
    /// A mark that stands is overwritten, and so the removal that made it does not happen.
    async fn put(&self, repository: &RepositoryName, digest: &Digest, link: Link) -> Result<(), StoreError> {
        let item = LinkItem { link, mark: None }.encode(repository, digest);
        self.write(Write::Put(item, None)).await?;
        Ok(())
    }

    async fn remove(&self, repository: &RepositoryName, digest: &Digest) -> Result<Unlinking, StoreError> {
        for attempt in 0..MAX_ATTEMPTS {
            let Some(mark) = self.mark(repository, digest).await? else {
                // Not the first time round, the link was there: this removal or another one has done it.
                return Ok(if attempt == 0 { Unlinking::Absent } else { Unlinking::Removed });
            };
            if let Some(by) = self.needed_by(repository, digest).await? {
                self.unmark(repository, digest, &mark).await?;
                return Ok(Unlinking::Needed { by });
            }
            let condition = Condition::equals(MARK, text(&mark.id));
            let removal = Write::Delete(LinkItem::key(repository, digest), Some(condition));
            if mark.is_fresh(self.now_ms()) && self.write(removal).await? {
                return Ok(Unlinking::Removed);
            }
            pause(attempt).await;
        }
        Err(throttled("RemoveLink", Effect::DidNotHappen, "others kept linking or removing the same blob"))
    }
}

impl Table {
    /// Says that a removal is under way; `None` if there is no link.
    async fn mark(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<Mark>, StoreError> {
        let mark = Mark { id: self.ids.next(), at_ms: self.now_ms() };
        let update = Update::default().set(MARK, text(&mark.id)).set(MARKED_AT_MS, number(mark.at_ms));
        let key = LinkItem::key(repository, digest);
        let is_marked = self.write(Write::Update(key, update, Some(Condition::exists()))).await?;
        Ok(is_marked.then_some(mark))
    }

    /// Takes the mark back, if it still stands.
    async fn unmark(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let update = Update::default().remove(MARK).remove(MARKED_AT_MS);
        let condition = Condition::equals(MARK, text(&mark.id));
        self.write(Write::Update(LinkItem::key(repository, digest), update, Some(condition))).await?;
        Ok(())
    }

    /// A manifest that needs the digest and is there, or is being pushed.
    async fn needed_by(
        &self,
        repository: &RepositoryName,
        need: &Digest,
    ) -> Result<Option<Digest>, StoreError> {
        let span = EdgeItem::span(repository, need);
        let mut start = None;
        loop {
            let page = self.query_page(&span, &[WRITTEN_AT_MS], EDGES_PER_PAGE, start).await?;
            let edges = page.items.iter().map(|item| EdgeItem::decode(need, item));
            let edges: Vec<EdgeItem> = edges.collect::<Result<_, _>>()?;
            let now_ms = self.now_ms();
            if let Some(edge) = edges.iter().find(|edge| edge.is_in_flight(now_ms)) {
                return Ok(Some(edge.parent.clone()));
            }
            if let Some(parent) = self.first_there(repository, edges).await? {
                return Ok(Some(parent));
            }
            start = page.next;
            if start.is_none() {
                return Ok(None);
            }
        }
    }

    async fn first_there(
        &self,
        repository: &RepositoryName,
        edges: Vec<EdgeItem>,
    ) -> Result<Option<Digest>, StoreError> {
        let parents: BTreeSet<Digest> = edges.into_iter().map(|edge| edge.parent).collect();
        let keys = parents.iter().map(|parent| ManifestItem::key(repository, parent)).collect();
        let there = self.get_items(keys, &[]).await?;
        Ok(parents.into_iter().find(|parent| there.contains_key(&ManifestItem::key(repository, parent))))
    }
}
