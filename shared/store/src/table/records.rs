//! Records and numbers.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use berth_records::{Change, Key, MAX_CHANGES, Page, Range, Record, RecordRead, RecordWrite, Written};
use berth_registry::ports::Commitment;
use berth_registry::{Effect, StoreError};

use super::expression::{Condition, Expressions, Update};
use super::item::{Item, ItemKey};
use super::items::{NumberItem, RecordItem};
use super::write::{CONDITION_FAILURE, Write};
use super::{MAX_ATTEMPTS, Table, pause};
use crate::error::{code, throttled, unavailable, writing};

#[async_trait]
impl RecordRead for Table {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, StoreError> {
        let keys: Vec<ItemKey> = keys.iter().map(RecordItem::key).collect();
        let found = self.items_at(&keys, &RecordItem::ATTRIBUTES).await?;
        let now_secs = self.clock.now_secs();
        let live = |key| found.get(key).map(|item| RecordItem::decode_live(item, now_secs)).transpose();
        keys.iter().map(|key| Ok(live(key)?.flatten())).collect()
    }

    async fn list(&self, partition: &str, range: Range<'_>, limit: usize) -> Result<Page, StoreError> {
        let span = RecordItem::span(partition, range);
        let mut records = Vec::new();
        let mut start = None;
        loop {
            // One more than is left, to know whether more follow, and the one that the page comes after.
            let wanted = (limit - records.len()).saturating_add(1 + usize::from(range.after.is_some()));
            let page = self.query_page(&span, &RecordItem::ATTRIBUTES, wanted, start).await?;
            let now_secs = self.clock.now_secs();
            for item in page.items.iter().filter(|item| range.after != Some(item.key.sk.as_str())) {
                let Some(record) = RecordItem::decode_live(item, now_secs)? else { continue };
                if records.len() == limit {
                    return Ok(Page { records, more: true });
                }
                records.push(record);
            }
            start = page.next;
            if start.is_none() {
                return Ok(Page { records, more: false });
            }
        }
    }

    async fn numbers(&self, keys: &[Key]) -> Result<Vec<u64>, StoreError> {
        let keys: Vec<ItemKey> = keys.iter().map(NumberItem::key).collect();
        let found = self.items_at(&keys, &NumberItem::ATTRIBUTES).await?;
        let now_secs = self.clock.now_secs();
        let live = |key| found.get(key).map_or(Ok(0), |item| NumberItem::decode_live(item, now_secs));
        keys.iter().map(|key| Ok(live(key)?)).collect()
    }
}

#[async_trait]
impl RecordWrite for Table {
    /// DynamoDB refuses documents of more than 4 MB in all.
    async fn write(&self, changes: Vec<Change>) -> Result<Written, StoreError> {
        if changes.len() > MAX_CHANGES {
            return Err(unavailable("WriteRecords", "one write does not take so many changes"));
        }
        let now_secs = self.clock.now_secs();
        let mut writes: Vec<Write> =
            changes.into_iter().filter_map(|change| self.record_write(change, now_secs)).collect();
        let commitment = match writes.len() {
            0 => Commitment::Committed,
            1 => self.write_shared(writes.remove(0)).await?,
            _ => self.transact(writes).await?,
        };
        Ok(if commitment == Commitment::Committed { Written::Written } else { Written::Conflict })
    }

    async fn add(&self, key: &Key, amount: u64, expires_at_secs: Option<u64>) -> Result<u64, StoreError> {
        for attempt in 0..MAX_ATTEMPTS {
            let now_secs = self.clock.now_secs();
            for (update, condition) in [
                NumberItem::addition(amount, expires_at_secs, now_secs),
                NumberItem::renewal(amount, expires_at_secs, now_secs),
            ] {
                if let Some(sum) = self.update_number(key, update, condition).await? {
                    return Ok(sum);
                }
            }
            pause(attempt).await;
        }
        Err(throttled("AddNumber", Effect::DidNotHappen, "others kept renewing the same number"))
    }
}

impl Table {
    /// Those of the items that are there, each read strongly consistent.
    async fn items_at(
        &self,
        keys: &[ItemKey],
        attributes: &[&'static str],
    ) -> Result<HashMap<ItemKey, Item>, StoreError> {
        if let [key] = keys {
            let item = self.get_item(key.clone()).await?;
            return Ok(item.map(|item| (key.clone(), item)).into_iter().collect());
        }
        self.get_items(keys.iter().cloned().collect(), attributes).await
    }

    /// `None` for a check that nothing can fail.
    fn record_write(&self, change: Change, now_secs: u64) -> Option<Write> {
        match change {
            Change::Put { key, document, expires_at_secs, expect } => {
                let record = Record { key, revision: self.ids.next(), document };
                let item = RecordItem { record, expires_at_secs }.encode();
                Some(Write::Put(item, RecordItem::expectation(expect, now_secs)))
            }
            Change::Delete { key, expect } => {
                Some(Write::Delete(RecordItem::key(&key), RecordItem::expectation(expect, now_secs)))
            }
            Change::Check { key, expect } => {
                let condition = RecordItem::expectation(expect, now_secs)?;
                Some(Write::Check(RecordItem::key(&key), condition))
            }
        }
    }

    /// The number after the update; `None` if the condition does not hold.
    async fn update_number(
        &self,
        key: &Key,
        update: Update,
        condition: Condition,
    ) -> Result<Option<u64>, StoreError> {
        const OPERATION: &str = "UpdateItem";
        let expressions = Expressions::new(Some(update), Some(condition));
        let call = self.client.update_item().table_name(&self.name);
        let sent = call
            .set_key(Some(NumberItem::key(key).into_attributes()))
            .set_update_expression(expressions.update)
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) if code(&error) == Some(CONDITION_FAILURE) => return Ok(None),
            Err(error) => return Err(writing(OPERATION)(error)),
        };
        let sum = NumberItem::decode_sum(answer.attributes.unwrap_or_default());
        // It was added all the same.
        let corrupt = |malformed| StoreError {
            effect: Effect::MayHaveHappened,
            ..StoreError::corrupt(OPERATION, malformed)
        };
        sum.map(Some).map_err(corrupt)
    }
}
