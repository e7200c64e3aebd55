use async_trait::async_trait;
use berth_protocol::{Digest, Manifest, MediaType, RepositoryName, Tag};
use berth_registry::StoreError;
use berth_registry::ports::{
    Artifact, ArtifactList, ListPage, NAME_RETENTION_SECS, Repositories, RepositoryRecord, RepositoryRemoval,
    Shape, TaggedManifest,
};

use super::Memory;
use super::data::Repository;
use super::lists::page;

#[async_trait]
impl ArtifactList for Memory {
    async fn list(
        &self,
        repository: &RepositoryName,
        after: Option<&Digest>,
        limit: usize,
    ) -> Result<ListPage<Artifact>, StoreError> {
        let mut data = self.data().await;
        let repository = data.repository(repository);
        let following =
            repository.manifests.keys().filter(|digest| after.is_none_or(|after| *digest > after));
        Ok(page(following.filter_map(|digest| repository.artifact(digest)), limit))
    }

    async fn get(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Option<Artifact>, StoreError> {
        Ok(self.data().await.repository(repository).artifact(digest))
    }

    async fn tagged(
        &self,
        repository: &RepositoryName,
        after: Option<(&Digest, &Tag)>,
        limit: usize,
    ) -> Result<ListPage<TaggedManifest>, StoreError> {
        let mut data = self.data().await;
        let repository = data.repository(repository);
        let mut tagged = repository.tagged();
        tagged.sort_by(|one, two| (&one.digest, &one.tag).cmp(&(&two.digest, &two.tag)));
        tagged.retain(|tagged| after.is_none_or(|after| (&tagged.digest, &tagged.tag) > after));
        Ok(page(tagged.into_iter(), limit))
    }

    async fn tags_of(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        after: Option<&Tag>,
        limit: usize,
    ) -> Result<ListPage<TaggedManifest>, StoreError> {
        let mut tagged = self.data().await.repository(repository).tagged();
        tagged.retain(|tagged| tagged.digest == *digest && after.is_none_or(|after| tagged.tag > *after));
        Ok(page(tagged.into_iter(), limit))
    }

    async fn parents(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        limit: usize,
    ) -> Result<Vec<Digest>, StoreError> {
        let now_secs = self.now_secs();
        let mut data = self.data().await;
        let mut parents: Vec<Digest> = data.repository(repository).all_needing(digest, now_secs).collect();
        parents.sort();
        parents.dedup();
        parents.truncate(limit);
        Ok(parents)
    }
}

#[async_trait]
impl Repositories for Memory {
    async fn get(&self, repository: &RepositoryName) -> Result<Option<RepositoryRecord>, StoreError> {
        let created_at_secs = self.data().await.catalog.get(repository).copied();
        Ok(created_at_secs.map(|created_at_secs| RepositoryRecord { created_at_secs }))
    }

    /// Nobody is ever in the way: a commit puts its repository back.
    async fn remove(&self, repository: &RepositoryName) -> Result<RepositoryRemoval, StoreError> {
        let mut data = self.data().await;
        if !data.catalog.contains_key(repository) {
            return Ok(RepositoryRemoval::Absent);
        }
        if !data.repository(repository).manifests.is_empty() {
            return Ok(RepositoryRemoval::NotEmpty);
        }
        data.catalog.remove(repository);
        data.kept_until_secs.insert(repository.clone(), self.now_secs() + NAME_RETENTION_SECS);
        Ok(RepositoryRemoval::Removed)
    }
}

impl Repository {
    fn artifact(&self, digest: &Digest) -> Option<Artifact> {
        let stored = self.manifests.get(digest)?;
        let media_type = MediaType::parse(&stored.record.media_type).ok();
        let manifest = self.bodies.get(digest).or(stored.record.body.as_ref());
        let manifest = manifest.and_then(|body| Manifest::read(body, media_type.as_ref()).ok());
        Some(Artifact {
            digest: digest.clone(),
            media_type: stored.record.media_type.clone(),
            size_bytes: stored.record.size_bytes,
            pushed_at_secs: stored.pushed_at_secs,
            subject: stored.subject.clone(),
            shape: manifest.as_ref().map(Shape::of),
        })
    }

    /// All tags, in their order.
    fn tagged(&self) -> Vec<TaggedManifest> {
        let tagged = |(tag, digest): (&Tag, &Digest)| TaggedManifest {
            digest: digest.clone(),
            tag: tag.clone(),
            pushed_at_secs: self.tagged_at_secs.get(tag).copied(),
        };
        self.tags.iter().map(tagged).collect()
    }
}
