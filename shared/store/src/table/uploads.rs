//! States of uploads in pieces.

use async_trait::async_trait;
use berth_registry::StoreError;
use berth_registry::ports::{Saved, UploadState, UploadStates};

use super::Table;
use super::expression::Condition;
use super::item::number;
use super::items::{TTL, UploadItem, VERSION};
use super::write::Write;

#[async_trait]
impl UploadStates for Table {
    async fn get(&self, id: &str) -> Result<Option<UploadState>, StoreError> {
        let item = self.get_item(UploadItem::key(id)).await?;
        let state = item.map(|item| UploadItem::decode(&item)).transpose()?;
        Ok(state.filter(|state| state.expires_at_secs > self.clock.now_secs()))
    }

    async fn save(&self, state: &UploadState) -> Result<Saved, StoreError> {
        let now = number(self.clock.now_secs());
        let condition = match state.version.saturating_sub(1) {
            0 => Condition::absent().or(Condition::at_most(TTL, now)),
            stored => Condition::equals(VERSION, number(stored)).and(Condition::greater(TTL, now)),
        };
        let is_saved = self.write(Write::Put(UploadItem::encode(state)?, Some(condition))).await?;
        Ok(if is_saved { Saved::Saved } else { Saved::Conflict })
    }
}
