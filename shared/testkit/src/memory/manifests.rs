use async_trait::async_trait;
use berth_protocol::{Digest, Reference, RepositoryName, Tag};
use berth_records::Key;
use berth_registry::StoreError;
use berth_registry::ports::{
    Commit, Commitment, ManifestDelete, ManifestRead, ManifestRecord, ManifestWrite, PROJECT_PARTITION,
    Survey, SurveyedManifest, Wanted, project_record,
};
use bytes::Bytes;

use super::Memory;
use super::data::{Edge, Repository, StoredManifest};

/// A longer body does not come with its record.
const INLINE_BODY_BYTES: u64 = 16 * 1024;

#[async_trait]
impl ManifestRead for Memory {
    async fn get(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<Option<ManifestRecord>, StoreError> {
        let mut data = self.data().await;
        let repository = data.repository(repository);
        let digest = match reference {
            Reference::Digest(digest) => Some(digest),
            Reference::Tag(tag) => repository.tags.get(tag),
        };
        Ok(digest.and_then(|digest| repository.manifests.get(digest)).map(|stored| stored.record.clone()))
    }

    async fn body(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<Bytes>, StoreError> {
        Ok(self.data().await.repository(repository).bodies.get(digest).cloned())
    }
}

#[async_trait]
impl ManifestWrite for Memory {
    async fn survey(&self, repository: &RepositoryName, wanted: Wanted<'_>) -> Result<Survey, StoreError> {
        let mut data = self.data().await;
        let repository_exists = data.catalog.contains_key(repository);
        let kept_until_secs = data.kept_until_secs.get(repository).copied();
        let kept_until_secs =
            kept_until_secs.filter(|until_secs| !repository_exists && self.now_secs() < *until_secs);
        let repository = data.repository(repository);
        let surveyed = |stored: &StoredManifest| SurveyedManifest { push_id: stored.push_id.clone() };
        let link = |digest: &Digest| Some((digest.clone(), *repository.links.get(digest)?));
        let target = |tag: &Tag| Some((tag.clone(), repository.tags.get(tag)?.clone()));
        let children = wanted.children.iter().filter(|child| repository.manifests.contains_key(child));
        Ok(Survey {
            manifest: repository.manifests.get(wanted.manifest).map(surveyed),
            links: wanted.blobs.iter().filter_map(link).collect(),
            children: children.cloned().collect(),
            tags: wanted.tags.iter().filter_map(target).collect(),
            repository_exists,
            kept_until_secs,
        })
    }

    async fn put_body(
        &self,
        repository: &RepositoryName,
        record: &ManifestRecord,
        body: Bytes,
    ) -> Result<(), StoreError> {
        self.data().await.repository(repository).bodies.insert(record.digest.clone(), body);
        Ok(())
    }

    async fn put_edges(
        &self,
        repository: &RepositoryName,
        parent: &Digest,
        needs: &[Digest],
        push_id: &str,
    ) -> Result<(), StoreError> {
        let now_secs = self.now_secs();
        let mut data = self.data().await;
        let edge = |needed: &Digest| Edge {
            needed: needed.clone(),
            parent: parent.clone(),
            push_id: push_id.to_owned(),
        };
        data.repository(repository).edges.extend(needs.iter().map(|needed| (edge(needed), now_secs)));
        Ok(())
    }

    async fn commit(
        &self,
        repository: &RepositoryName,
        commit: Commit<'_>,
    ) -> Result<Commitment, StoreError> {
        let mut data = self.data().await;
        let record = |project| {
            let sort = project_record(project, commit.push_id);
            data.record(&Key::new(PROJECT_PARTITION, sort), self.now_secs())
        };
        if commit.project.is_some_and(|project| record(project).is_none()) {
            return Ok(Commitment::ProjectGone);
        }
        if data.repository(repository).contradicts(&commit) {
            return Ok(Commitment::Conflict);
        }
        let now_secs = self.now_secs();
        data.repository(repository).apply(&commit, now_secs);
        // Also for a push that has seen a repository which was removed since.
        data.catalog.entry(repository.clone()).or_insert(now_secs);
        Ok(Commitment::Committed)
    }
}

#[async_trait]
impl ManifestDelete for Memory {
    async fn delete_tag(&self, repository: &RepositoryName, tag: &Tag) -> Result<bool, StoreError> {
        Ok(self.data().await.repository(repository).tags.remove(tag).is_some())
    }

    async fn delete_manifest(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<bool, StoreError> {
        let mut data = self.data().await;
        let repository = data.repository(repository);
        let Some(stored) = repository.manifests.remove(digest) else { return Ok(false) };
        repository.tags.retain(|_, target| target != digest);
        repository.edges.retain(|edge, _| edge.parent != *digest || edge.push_id != stored.push_id);
        if let Some(referrers) = stored.subject.and_then(|subject| repository.referrers.get_mut(&subject)) {
            referrers.remove(digest);
        }
        Ok(true)
    }
}

impl Repository {
    /// Whether somebody changed what the survey behind `commit` saw.
    fn contradicts(&self, commit: &Commit<'_>) -> bool {
        let made_by = self.manifests.get(&commit.record.digest).map(|stored| stored.push_id.as_str());
        let is_moved = |tag: &Tag, from: Option<&Digest>| self.tags.get(tag) != from;
        made_by != commit.made_by
            || commit.tags.iter().any(|tag_move| is_moved(&tag_move.tag, tag_move.from.as_ref()))
    }

    fn apply(&mut self, commit: &Commit<'_>, now_secs: u64) {
        let digest = &commit.record.digest;
        let mut record = commit.record.clone();
        record.body = record.body.filter(|_| record.size_bytes <= INLINE_BODY_BYTES);
        // The edges of a manifest that is there already are those of the push that made it.
        let push_id = self.manifests.get(digest).map_or(commit.push_id, |stored| &stored.push_id).to_owned();
        let pushed_at_secs = self.manifests.get(digest).map_or(now_secs, |stored| stored.pushed_at_secs);
        let subject = commit.referrer.map(|(subject, _)| subject.clone());
        let subject = subject.or(self.manifests.get(digest).and_then(|stored| stored.subject.clone()));
        let stored = StoredManifest { record, push_id, subject, pushed_at_secs };
        self.manifests.insert(digest.clone(), stored);
        self.tags.extend(commit.tags.iter().map(|tag_move| (tag_move.tag.clone(), digest.clone())));
        self.tagged_at_secs.extend(commit.tags.iter().map(|tag_move| (tag_move.tag.clone(), now_secs)));
        if let Some((subject, descriptor)) = commit.referrer {
            self.referrers.entry(subject.clone()).or_default().insert(digest.clone(), descriptor.clone());
        }
    }
}
