//! Deleting manifests and tags.

use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName, Tag};
use berth_registry::ports::{Commitment, ManifestDelete};
use berth_registry::{Effect, StoreError};

use super::expression::Condition;
use super::item::{ItemKey, text};
use super::items::{DIGEST, ManifestItem, PUSH_ID, REVISION, ReferrerItem, TagItem, TaggedItem};
use super::write::Write;
use super::{MAX_ATTEMPTS, Table, pause};
use crate::error::throttled;
use crate::table::item::number;

/// Tags that go in one transaction; each takes two of its hundred writes.
const TAGS_AT_ONCE: usize = 40;

#[async_trait]
impl ManifestDelete for Table {
    async fn delete_tag(&self, repository: &RepositoryName, tag: &Tag) -> Result<bool, StoreError> {
        for attempt in 0..MAX_ATTEMPTS {
            let Some(item) = self.get_item(TagItem::key(repository, tag)).await? else {
                return Ok(attempt > 0);
            };
            let digest = TagItem::decode_digest(&item)?;
            if self.transact(tag_removal(repository, tag, &digest)).await? == Commitment::Committed {
                return Ok(true);
            }
            pause(attempt).await;
        }
        Err(contended("DeleteTag", Effect::DidNotHappen))
    }

    async fn delete_manifest(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<bool, StoreError> {
        let mut conflicts = 0;
        while conflicts < MAX_ATTEMPTS {
            let Some(item) = self.get_item(ManifestItem::key(repository, digest)).await? else {
                return Ok(conflicts > 0);
            };
            let manifest = ManifestItem::decode(&item)?;
            let tags = self.tags_of(repository, digest).await?;
            let is_last = tags.len() <= TAGS_AT_ONCE;
            let mut writes = tag_removals(repository, &tags, digest);
            if is_last {
                writes.extend(manifest_removal(repository, &manifest));
            }
            if self.transact(writes).await? == Commitment::Conflict {
                pause(conflicts).await;
                conflicts += 1;
            } else if is_last {
                self.clear_deleted(repository, &manifest).await;
                return Ok(true);
            }
        }
        Err(contended("DeleteManifest", Effect::MayHaveHappened))
    }
}

impl Table {
    /// Tags that name the manifest: all of them, or one more than go at once.
    async fn tags_of(&self, repository: &RepositoryName, digest: &Digest) -> Result<Vec<Tag>, StoreError> {
        let span = TaggedItem::span(repository, digest, None);
        let found = self.query_first(&span, &[], TAGS_AT_ONCE + 1).await?;
        let tags = found.iter().map(|item| TaggedItem::decode(item).map(|tagged| tagged.tag));
        Ok(tags.collect::<Result<_, _>>()?)
    }

    /// Removes the edges of a manifest that is gone. They do no harm, but for an hour they keep its blobs.
    async fn clear_deleted(&self, repository: &RepositoryName, manifest: &ManifestItem) {
        let digest = &manifest.record.digest;
        if let Err(error) = self.clear_edges(repository, digest, &manifest.push_id).await {
            tracing::warn!(
                %repository,
                %digest,
                error = &error as &dyn std::error::Error,
                "the edges of a deleted manifest stay"
            );
        }
    }
}

/// The tag and its reverse entry, if the tag still names `digest`.
fn tag_removal(repository: &RepositoryName, tag: &Tag, digest: &Digest) -> Vec<Write> {
    let unchanged = Condition::equals(DIGEST, text(digest));
    vec![
        Write::Delete(TagItem::key(repository, tag), Some(unchanged)),
        Write::Delete(TaggedItem::key(repository, digest, tag), None),
    ]
}

fn tag_removals(repository: &RepositoryName, tags: &[Tag], digest: &Digest) -> Vec<Write> {
    tags.iter().take(TAGS_AT_ONCE).flat_map(|tag| tag_removal(repository, tag, digest)).collect()
}

/// The manifest and its referrer entry, if nobody has pushed it meanwhile.
///
/// Revisions begin again when a deleted manifest is pushed anew; together with the push they occur once.
fn manifest_removal(repository: &RepositoryName, manifest: &ManifestItem) -> Vec<Write> {
    let digest = &manifest.record.digest;
    let unchanged = Condition::equals(REVISION, number(manifest.revision))
        .and(Condition::equals(PUSH_ID, text(&manifest.push_id)));
    let referrer = |subject: &Digest| -> ItemKey { ReferrerItem::key(repository, subject, digest) };
    let mut writes = vec![Write::Delete(ManifestItem::key(repository, digest), Some(unchanged))];
    writes.extend(manifest.subject.as_ref().map(|subject| Write::Delete(referrer(subject), None)));
    writes
}

fn contended(operation: &'static str, effect: Effect) -> StoreError {
    throttled(operation, effect, "others kept changing the same manifest or tag")
}
