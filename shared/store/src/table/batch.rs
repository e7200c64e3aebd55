//! Reads and writes of many items, none of which depends on another.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};
use berth_registry::{Effect, StoreError};
use futures::{StreamExt, TryStreamExt, stream};

use super::expression::{names, projection};
use super::item::{Item, ItemKey, PK, SK};
use super::{MAX_ATTEMPTS, Table, pause};
use crate::error::{reading, throttled, unavailable, writing};

/// DynamoDB takes no more keys in one `BatchGetItem`.
const MAX_BATCH_KEYS: usize = 100;
/// DynamoDB takes no more writes in one `BatchWriteItem`.
const MAX_BATCH_WRITES: usize = 25;
/// Batches on their way at a time.
const BATCHES_AT_ONCE: usize = 4;
const LEFT_UNDONE: &str = "a part of the batch was left undone again and again";

/// A change in a batch. There are no conditions in batches.
#[derive(Debug, Clone)]
pub(super) enum BatchWrite {
    Put(Item),
    Delete(ItemKey),
}

impl Table {
    /// Those of the items that are there, each read strongly consistent, with these attributes alone.
    pub(super) async fn get_items(
        &self,
        keys: BTreeSet<ItemKey>,
        attributes: &[&'static str],
    ) -> Result<HashMap<ItemKey, Item>, StoreError> {
        let attributes = [&[PK, SK], attributes].concat();
        let keys: Vec<ItemKey> = keys.into_iter().collect();
        let batches: Vec<Vec<ItemKey>> = keys.chunks(MAX_BATCH_KEYS).map(<[_]>::to_vec).collect();
        let batches: Vec<Vec<Item>> = stream::iter(batches)
            .map(|keys| self.get_batch(keys, &attributes))
            .buffer_unordered(BATCHES_AT_ONCE)
            .try_collect()
            .await?;
        Ok(batches.into_iter().flatten().map(|item| (item.key.clone(), item)).collect())
    }

    /// Makes and removes items, in any order, at most once each; after an error some of it is done.
    pub(super) async fn write_items(&self, writes: Vec<BatchWrite>) -> Result<(), StoreError> {
        let batches: Vec<Vec<BatchWrite>> = writes.chunks(MAX_BATCH_WRITES).map(<[_]>::to_vec).collect();
        stream::iter(batches)
            .map(|batch| self.write_batch(batch))
            .buffer_unordered(BATCHES_AT_ONCE)
            .try_collect()
            .await
    }

    async fn get_batch(
        &self,
        keys: Vec<ItemKey>,
        attributes: &[&'static str],
    ) -> Result<Vec<Item>, StoreError> {
        const OPERATION: &str = "BatchGetItem";
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.into_iter().map(ItemKey::into_attributes).collect()))
            .consistent_read(true)
            .projection_expression(projection(attributes))
            .set_expression_attribute_names(Some(names(attributes)))
            .build()
            .map_err(|error| unavailable(OPERATION, error))?;
        let mut wanted = HashMap::from([(self.name.clone(), wanted)]);
        let mut found = Vec::new();
        for attempt in 0..MAX_ATTEMPTS {
            let call = self.client.batch_get_item().set_request_items(Some(wanted));
            let answer = call.send().await.map_err(reading(OPERATION))?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                found.push(Item::from_attributes(item)?);
            }
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(found);
            }
            pause(attempt).await;
        }
        Err(throttled(OPERATION, Effect::DidNotHappen, LEFT_UNDONE))
    }

    async fn write_batch(&self, batch: Vec<BatchWrite>) -> Result<(), StoreError> {
        const OPERATION: &str = "BatchWriteItem";
        let writes: Result<Vec<WriteRequest>, _> = batch.into_iter().map(write_request).collect();
        let writes = writes.map_err(|error| unavailable(OPERATION, error))?;
        let mut wanted = HashMap::from([(self.name.clone(), writes)]);
        for attempt in 0..MAX_ATTEMPTS {
            let call = self.client.batch_write_item().set_request_items(Some(wanted));
            let answer = call.send().await.map_err(writing(OPERATION))?;
            wanted = answer.unprocessed_items.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(());
            }
            pause(attempt).await;
        }
        Err(throttled(OPERATION, Effect::MayHaveHappened, LEFT_UNDONE))
    }
}

fn write_request(write: BatchWrite) -> Result<WriteRequest, aws_sdk_dynamodb::error::BuildError> {
    let request = WriteRequest::builder();
    Ok(match write {
        BatchWrite::Put(item) => {
            request.put_request(PutRequest::builder().set_item(Some(item.into_attributes())).build()?)
        }
        BatchWrite::Delete(key) => {
            request.delete_request(DeleteRequest::builder().set_key(Some(key.into_attributes())).build()?)
        }
    }
    .build())
}
