//! Metadata: everything is one DynamoDB table, and everything is reached by its key.
//!
//! ```text
//! pk                 sk                                          item
//! repo#<repository>  manifest#<digest>                           ManifestItem   a manifest
//!                    tag#<tag>                                   TagItem        where a tag points
//!                    tagged#<digest>#<tag>                       TaggedItem     which tags name a manifest
//!                    blob#<digest>                               LinkItem       the repository may serve a blob
//!                    needs#<digest>#<parent>#<push id>           EdgeItem       a manifest, as pushed, needs a digest
//!                    push#<parent>#<push id>                     PushItem       the edges that a push has written
//!                    referrer#<subject>#<digest>                 ReferrerItem   a manifest that has a subject
//! catalog            <repository>                                CatalogItem    the repository exists
//! upload#<id>        state                                       UploadItem     an upload in pieces, with a TTL
//! record#<partition> <sort key>                                  RecordItem     a document, may have a TTL
//! number#<partition> <sort key>                                  NumberItem     a sum, may have a TTL
//! ```
//!
//! A manifest, its tags with their reverse entries, its referrer entry and its repository change together, in one
//! transaction, and nothing else writes them. Links, edges, uploads and numbers are written one by one. Records are
//! written one by one or together. A repository leaves the catalog by a mark and a removal (`repositories.rs`).

mod artifacts;
mod batch;
mod commit;
mod definition;
mod delete;
mod edges;
mod expression;
mod item;
mod items;
mod links;
mod lists;
mod query;
mod records;
mod referrers;
mod repositories;
mod survey;
mod uploads;
mod write;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use berth_registry::{Clock, Ids, StoreError};

pub use definition::{PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE, create_table};
use item::{Item, ItemKey};
pub(crate) use items::ReferrerItem;

use crate::error::reading;

/// Bodies of manifests up to this size are kept in the items, so that a pull is one read. A tag is written anew with
/// each push, at one unit for each KiB.
pub const INLINE_BODY_BYTES: usize = 16 << 10;

/// How often something is tried again because others got in the way, or DynamoDB left a part of it undone.
const MAX_ATTEMPTS: u32 = 8;

/// The registry's metadata in one DynamoDB table: `LinkRead`, `LinkWrite`, `TagList`, `RepositoryList`, `ArtifactList`, `Repositories`, `UploadStates`,
/// `ManifestDelete`, `RecordRead` and `RecordWrite`. Cheap to clone. Needs a Tokio runtime with time.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Table {
    /// Metadata in the table `name`, which [`create_table`] or the deployment has made.
    pub fn new(client: Client, name: impl Into<String>, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self { client, name: name.into(), clock, ids }
    }

    /// One strongly consistent read.
    async fn get_item(&self, key: ItemKey) -> Result<Option<Item>, StoreError> {
        let call = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = call.set_key(Some(key.into_attributes())).send().await.map_err(reading("GetItem"))?;
        Ok(answer.item.map(Item::from_attributes).transpose()?)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.clock.now().as_millis()).unwrap_or(u64::MAX)
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Waits before attempt `attempt + 1`: 20 ms, doubled each time, at most a second.
async fn pause(attempt: u32) {
    const FIRST_MS: u64 = 20;
    const MAX_MS: u64 = 1000;
    let pause_ms = FIRST_MS.saturating_mul(1 << attempt.min(16)).min(MAX_MS);
    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
}
