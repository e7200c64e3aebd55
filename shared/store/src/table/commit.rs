//! The commit of a push: one transaction.

use berth_protocol::{Digest, RepositoryName};
use berth_records::Key;
use berth_registry::StoreError;
use berth_registry::ports::{Commit, Commitment, PROJECT_PARTITION, TagMove, project_record};

use super::Table;
use super::expression::{Condition, Update};
use super::item::{number, text};
use super::items::{
    CatalogItem, DIGEST, MEDIA_TYPE, ManifestItem, PUSH_ID, PUSHED_AT_MS, REVISION, RecordItem, ReferrerItem,
    TagItem, TaggedItem,
};
use super::write::{Transaction, Write};

/// Where a transaction has the check of its project, if it has one.
const PROJECT_PLACE: usize = 0;

impl Table {
    /// Makes all of the push visible, or nothing.
    ///
    /// Three writes for each tag and four more: 30 tags fit into a transaction. When an answer is lost and the commit is
    /// tried again, its own writes may be in its way: that is a conflict like any other, and the next survey finds all done.
    pub(crate) async fn commit(
        &self,
        repository: &RepositoryName,
        commit: Commit<'_>,
    ) -> Result<Commitment, StoreError> {
        let now_ms = self.now_ms();
        let check =
            commit.project.map(|project| project_check(project, commit.push_id, self.clock.now_secs()));
        let mut writes: Vec<Write> = check.into_iter().collect();
        writes.push(manifest_write(repository, &commit, now_ms));
        for tag_move in commit.tags {
            writes.extend(tag_writes(repository, &commit, tag_move, now_ms));
        }
        if let Some((subject, descriptor)) = commit.referrer {
            let referrer = ReferrerItem::new(descriptor.clone())?.encode(repository, subject)?;
            writes.push(Write::Put(referrer, None));
        }
        if commit.new_repository {
            let item = CatalogItem { repository: repository.clone(), created_at_ms: now_ms };
            writes.push(Write::Put(item.encode(), None));
        }
        let Transaction::Refused { unmet } = self.try_transact(writes).await? else {
            return Ok(Commitment::Committed);
        };
        if commit.project.is_some() && unmet.contains(&PROJECT_PLACE) {
            return Ok(Commitment::ProjectGone);
        }
        if commit.made_by.is_none() {
            self.clear_lost_push(repository, &commit.record.digest, commit.push_id).await?;
        }
        Ok(Commitment::Conflict)
    }

    /// Clears the edges of a push that came too late: another push has made the manifest, and holds its blobs.
    ///
    /// Without this they would keep the blobs from being deleted for a while after the manifest is gone.
    async fn clear_lost_push(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        push_id: &str,
    ) -> Result<(), StoreError> {
        let item = self.get_item(ManifestItem::key(repository, digest)).await?;
        let Some(item) = item else { return Ok(()) };
        if ManifestItem::decode(&item)?.push_id == push_id {
            return Ok(());
        }
        self.clear_edges(repository, digest, push_id).await
    }
}

/// One of the project's records exists.
fn project_check(project: u64, push_id: &str, now_secs: u64) -> Write {
    let key = Key::new(PROJECT_PARTITION, project_record(project, push_id));
    Write::Check(RecordItem::key(&key), RecordItem::present(now_secs))
}

/// A manifest that is there keeps its push, whose edges hold its blobs, and counts one commit more: a deletion that
/// does not know the new tags is refused. Commits do not get in each other's way.
fn manifest_write(repository: &RepositoryName, commit: &Commit<'_>, now_ms: u64) -> Write {
    let Some(made_by) = commit.made_by else {
        let item = ManifestItem {
            record: commit.record.clone(),
            revision: 1,
            push_id: commit.push_id.to_owned(),
            subject: commit.referrer.map(|(subject, _)| subject.clone()),
            shape: ManifestItem::kept_shape(commit.record),
            created_at_ms: now_ms,
        };
        return Write::Put(item.encode(repository), Some(Condition::absent()));
    };
    let update = Update::default().add(REVISION, number(1)).set(MEDIA_TYPE, text(&commit.record.media_type));
    let condition = Condition::equals(PUSH_ID, text(made_by));
    Write::Update(ManifestItem::key(repository, &commit.record.digest), update, Some(condition))
}

/// Moves the tag and its reverse entry.
fn tag_writes(
    repository: &RepositoryName,
    commit: &Commit<'_>,
    tag_move: &TagMove,
    now_ms: u64,
) -> Vec<Write> {
    let TagMove { tag, from } = tag_move;
    let record = commit.record;
    let unchanged =
        from.as_ref().map_or_else(Condition::absent, |from| Condition::equals(DIGEST, text(from)));
    let tagged = TaggedItem { digest: record.digest.clone(), tag: tag.clone(), pushed_at_ms: Some(now_ms) };
    let mut writes = vec![Write::Put(tagged.encode(repository), None)];
    if from.as_ref() == Some(&record.digest) {
        let update =
            Update::default().set(MEDIA_TYPE, text(&record.media_type)).set(PUSHED_AT_MS, number(now_ms));
        writes.push(Write::Update(TagItem::key(repository, tag), update, Some(unchanged)));
        return writes;
    }
    let item =
        TagItem { record: record.clone(), pushed_at_ms: now_ms, moved_at_ms: now_ms, previous: from.clone() };
    writes.push(Write::Put(item.encode(repository, tag), Some(unchanged)));
    if let Some(from) = from {
        writes.push(Write::Delete(TaggedItem::key(repository, from, tag), None));
    }
    writes
}
