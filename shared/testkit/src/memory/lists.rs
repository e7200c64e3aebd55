use async_trait::async_trait;
use berth_protocol::{Descriptor, Digest, RepositoryName, Tag};
use berth_registry::StoreError;
use berth_registry::ports::{ListPage, ReferrerList, RepositoryList, TagList};

use super::Memory;

/// Pages of referrers may be shorter than asked for; here they often are.
const MAX_REFERRERS_PER_PAGE: usize = 50;

#[async_trait]
impl TagList for Memory {
    async fn list(
        &self,
        repository: &RepositoryName,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Option<ListPage<Tag>>, StoreError> {
        let mut data = self.data().await;
        if !data.catalog.contains_key(repository) {
            return Ok(None);
        }
        let tags = data.repository(repository).tags.keys();
        Ok(Some(page(tags.filter(|tag| follows(tag.as_str(), after)).cloned(), limit)))
    }
}

#[async_trait]
impl RepositoryList for Memory {
    async fn list(&self, after: Option<&str>, limit: usize) -> Result<ListPage<RepositoryName>, StoreError> {
        let data = self.data().await;
        Ok(page(data.catalog.keys().filter(|name| follows(name.as_str(), after)).cloned(), limit))
    }
}

#[async_trait]
impl ReferrerList for Memory {
    async fn list(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ListPage<Descriptor>, StoreError> {
        let mut data = self.data().await;
        let referrers = data.repository(repository).referrers.get(subject).into_iter().flatten();
        let following = referrers.filter(|(digest, _)| follows(&digest.to_string(), after));
        Ok(page(following.map(|(_, descriptor)| descriptor.clone()), limit.min(MAX_REFERRERS_PER_PAGE)))
    }
}

fn follows(name: &str, after: Option<&str>) -> bool {
    after.is_none_or(|after| name > after)
}

pub(super) fn page<T>(entries: impl Iterator<Item = T>, limit: usize) -> ListPage<T> {
    let mut items: Vec<T> = entries.take(limit + 1).collect();
    let more = items.len() > limit;
    items.truncate(limit);
    ListPage { items, more }
}
