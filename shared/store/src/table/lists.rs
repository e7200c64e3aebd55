//! Listings of tags and repositories.

use async_trait::async_trait;
use berth_protocol::{RepositoryName, Tag};
use berth_registry::StoreError;
use berth_registry::ports::{ListPage, RepositoryList, TagList};

use super::Table;
use super::item::{Item, Malformed};
use super::items::{CatalogItem, TagItem};
use super::query::Span;

#[async_trait]
impl TagList for Table {
    async fn list(
        &self,
        repository: &RepositoryName,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Option<ListPage<Tag>>, StoreError> {
        let page = self.list_names(&TagItem::span(repository, after), limit, TagItem::decode_tag).await?;
        let is_known = !page.items.is_empty() || page.more;
        if !is_known && self.get_item(CatalogItem::key(repository)).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(page))
    }
}

#[async_trait]
impl RepositoryList for Table {
    async fn list(&self, after: Option<&str>, limit: usize) -> Result<ListPage<RepositoryName>, StoreError> {
        self.list_names(&CatalogItem::span(after), limit, CatalogItem::decode_repository).await
    }
}

impl Table {
    /// The first `limit` names of the span. One more is read, to know whether more follow.
    async fn list_names<T>(
        &self,
        span: &Span,
        limit: usize,
        decode: fn(&Item) -> Result<T, Malformed>,
    ) -> Result<ListPage<T>, StoreError> {
        let found = self.query_first(span, &[], limit.saturating_add(1)).await?;
        let items = found.iter().take(limit).map(decode).collect::<Result<_, _>>()?;
        Ok(ListPage { items, more: found.len() > limit })
    }
}
