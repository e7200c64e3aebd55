//! Manifests and tags for whoever looks at them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName, Tag};
use berth_registry::StoreError;
use berth_registry::ports::{Artifact, ArtifactList, ListPage, TaggedManifest};

use super::Table;
use super::item::{Item, Malformed};
use super::items::{EdgeItem, LISTED, ManifestItem, PUSHED_AT_MS, TaggedItem, WRITTEN_AT_MS};
use super::query::Span;

/// Edges that are read at a time.
const EDGES_PER_PAGE: usize = 100;

#[async_trait]
impl ArtifactList for Table {
    async fn list(
        &self,
        repository: &RepositoryName,
        after: Option<&Digest>,
        limit: usize,
    ) -> Result<ListPage<Artifact>, StoreError> {
        self.list_decoded(
            &ManifestItem::span(repository, after),
            LISTED,
            limit,
            ManifestItem::decode_artifact,
        )
        .await
    }

    async fn get(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Option<Artifact>, StoreError> {
        let item = self.get_item(ManifestItem::key(repository, digest)).await?;
        Ok(item.map(|item| ManifestItem::decode_artifact(&item)).transpose()?)
    }

    async fn tagged(
        &self,
        repository: &RepositoryName,
        after: Option<(&Digest, &Tag)>,
        limit: usize,
    ) -> Result<ListPage<TaggedManifest>, StoreError> {
        self.list_decoded(&TaggedItem::span_of_all(repository, after), &[PUSHED_AT_MS], limit, tagged).await
    }

    async fn tags_of(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        after: Option<&Tag>,
        limit: usize,
    ) -> Result<ListPage<TaggedManifest>, StoreError> {
        self.list_decoded(&TaggedItem::span(repository, digest, after), &[PUSHED_AT_MS], limit, tagged).await
    }

    async fn parents(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        limit: usize,
    ) -> Result<Vec<Digest>, StoreError> {
        let span = EdgeItem::span(repository, digest);
        let mut parents = BTreeSet::new();
        let mut start = None;
        loop {
            let page = self.query_page(&span, &[WRITTEN_AT_MS], EDGES_PER_PAGE, start).await?;
            let edges = page.items.iter().map(|item| EdgeItem::decode(digest, item));
            let edges: Vec<EdgeItem> = edges.collect::<Result<_, _>>()?;
            parents.extend(self.holding(repository, edges).await?);
            start = page.next;
            if start.is_none() || parents.len() >= limit {
                return Ok(parents.into_iter().take(limit).collect());
            }
        }
    }
}

impl Table {
    /// The first `limit` items of the span, each decoded as soon as it is read: no more than a page of whole items is held.
    async fn list_decoded<T>(
        &self,
        span: &Span,
        attributes: &[&'static str],
        limit: usize,
        decode: fn(&Item) -> Result<T, Malformed>,
    ) -> Result<ListPage<T>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            // One more is read, to know whether more follow.
            let wanted = limit.saturating_add(1) - items.len();
            let page = self.query_page(span, attributes, wanted, start).await?;
            for item in &page.items {
                if items.len() == limit {
                    return Ok(ListPage { items, more: true });
                }
                items.push(decode(item)?);
            }
            start = page.next;
            if start.is_none() {
                return Ok(ListPage { items, more: false });
            }
        }
    }

    /// The parents among these edges that are there, or are being pushed.
    async fn holding(
        &self,
        repository: &RepositoryName,
        edges: Vec<EdgeItem>,
    ) -> Result<Vec<Digest>, StoreError> {
        let now_ms = self.now_ms();
        let (pushed, old): (Vec<_>, Vec<_>) = edges.into_iter().partition(|edge| edge.is_in_flight(now_ms));
        let keys = old.iter().map(|edge| ManifestItem::key(repository, &edge.parent)).collect();
        let there = self.get_items(keys, &[]).await?;
        let old =
            old.into_iter().filter(|edge| there.contains_key(&ManifestItem::key(repository, &edge.parent)));
        Ok(pushed.into_iter().chain(old).map(|edge| edge.parent).collect())
    }
}

fn tagged(item: &Item) -> Result<TaggedManifest, Malformed> {
    let TaggedItem { digest, tag, pushed_at_ms } = TaggedItem::decode(item)?;
    Ok(TaggedManifest { digest, tag, pushed_at_secs: pushed_at_ms.map(|at_ms| at_ms / 1000) })
}
