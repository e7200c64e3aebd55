//! Who needs what.

use std::collections::BTreeSet;

use berth_protocol::{Digest, RepositoryName};
use berth_registry::StoreError;

use super::Table;
use super::batch::BatchWrite;
use super::items::{EdgeItem, PushItem};

impl Table {
    /// Notes what `parent` needs, as pushed by `push_id`, and that there is such a push. Idempotent; after an error some of it is noted.
    pub(crate) async fn put_edges(
        &self,
        repository: &RepositoryName,
        parent: &Digest,
        needs: &[Digest],
        push_id: &str,
    ) -> Result<(), StoreError> {
        let needs: BTreeSet<Digest> = needs.iter().cloned().collect();
        let written_at_ms = self.now_ms();
        let edge = |need: &Digest| EdgeItem {
            need: need.clone(),
            parent: parent.clone(),
            push_id: push_id.to_owned(),
            written_at_ms,
        };
        let edges: Vec<BatchWrite> =
            needs.iter().map(|need| BatchWrite::Put(edge(need).encode(repository))).collect();
        let push = PushItem { needs, written_at_ms: Some(written_at_ms) }.encode(repository, parent, push_id);
        self.write_items([vec![BatchWrite::Put(push)], edges].concat()).await
    }

    /// Removes all that [`put_edges`](Self::put_edges) has written for this push, which is over and has no manifest.
    pub(super) async fn clear_edges(
        &self,
        repository: &RepositoryName,
        parent: &Digest,
        push_id: &str,
    ) -> Result<(), StoreError> {
        let key = PushItem::key(repository, parent, push_id);
        let Some(item) = self.get_item(key.clone()).await? else { return Ok(()) };
        let needs = PushItem::decode(&item)?.needs;
        let edges = needs.iter().map(|need| EdgeItem::key(repository, need, parent, push_id));
        self.write_items(edges.map(BatchWrite::Delete).collect()).await?;
        self.write_items(vec![BatchWrite::Delete(key)]).await
    }
}
