//! Writes: one by one with a condition, or many at once.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Delete, Put, TransactWriteItem, Update as TransactUpdate};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use berth_registry::ports::Commitment;
use berth_registry::{Effect, StoreError};

use super::Table;
use super::expression::{Condition, Expressions, Update};
use super::item::{Item, ItemKey};
use crate::error::{code, is_throttling, throttled, unavailable, writing};

/// DynamoDB takes no more writes in one transaction.
pub(super) const MAX_TRANSACTION_WRITES: usize = 100;

/// A change of one item.
#[derive(Debug, Clone)]
pub(super) enum Write {
    /// Replaces the item, or makes it.
    Put(Item, Option<Condition>),
    /// Changes some attributes; makes the item if no condition forbids it.
    Update(ItemKey, Update, Option<Condition>),
    /// Removes the item; removing nothing is a success.
    Delete(ItemKey, Option<Condition>),
}

impl Table {
    /// Writes one item. `Ok(false)` if its condition does not hold. Not for items that take part in transactions.
    pub(super) async fn write(&self, write: Write) -> Result<bool, StoreError> {
        match write {
            Write::Put(item, condition) => put(&self.client, &self.name, item, condition).await,
            Write::Update(key, changes, condition) => {
                update(&self.client, &self.name, key, changes, condition).await
            }
            Write::Delete(key, condition) => delete(&self.client, &self.name, key, condition).await,
        }
    }

    /// Writes all items or none. `Conflict` if a condition does not hold or another transaction is at the same items.
    ///
    /// The SDK gives each transaction a token, which makes its own retries safe: what was done already is answered as
    /// done.
    pub(super) async fn transact(&self, writes: Vec<Write>) -> Result<Commitment, StoreError> {
        debug_assert!(writes.len() <= MAX_TRANSACTION_WRITES);
        let items: Result<Vec<_>, StoreError> =
            writes.into_iter().map(|write| self.transaction_item(write)).collect();
        let call = self.client.transact_write_items();
        match call.set_transact_items(Some(items?)).send().await {
            Ok(_) => Ok(Commitment::Committed),
            Err(error) => refused(error),
        }
    }

    fn transaction_item(&self, write: Write) -> Result<TransactWriteItem, StoreError> {
        let item = TransactWriteItem::builder();
        let item = match write {
            Write::Put(put, condition) => {
                let expressions = Expressions::new(None, condition);
                let put = Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(put.into_attributes()))
                    .set_condition_expression(expressions.condition)
                    .set_expression_attribute_names(expressions.names)
                    .set_expression_attribute_values(expressions.values);
                item.put(put.build().map_err(incomplete)?)
            }
            Write::Update(key, update, condition) => {
                let expressions = Expressions::new(Some(update), condition);
                let update = TransactUpdate::builder()
                    .table_name(&self.name)
                    .set_key(Some(key.into_attributes()))
                    .set_update_expression(expressions.update)
                    .set_condition_expression(expressions.condition)
                    .set_expression_attribute_names(expressions.names)
                    .set_expression_attribute_values(expressions.values);
                item.update(update.build().map_err(incomplete)?)
            }
            Write::Delete(key, condition) => {
                let expressions = Expressions::new(None, condition);
                let delete = Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(key.into_attributes()))
                    .set_condition_expression(expressions.condition)
                    .set_expression_attribute_names(expressions.names)
                    .set_expression_attribute_values(expressions.values);
                item.delete(delete.build().map_err(incomplete)?)
            }
        };
        Ok(item.build())
    }
}

async fn put(
    client: &Client,
    table: &str,
    item: Item,
    condition: Option<Condition>,
) -> Result<bool, StoreError> {
    let expressions = Expressions::new(None, condition);
    let call = client.put_item().table_name(table).set_item(Some(item.into_attributes()));
    let sent = call
        .set_condition_expression(expressions.condition)
        .set_expression_attribute_names(expressions.names)
        .set_expression_attribute_values(expressions.values)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(true),
        Err(error) if is_condition_failure(code(&error)) => Ok(false),
        Err(error) => Err(writing("PutItem")(error)),
    }
}

async fn update(
    client: &Client,
    table: &str,
    key: ItemKey,
    changes: Update,
    condition: Option<Condition>,
) -> Result<bool, StoreError> {
    let expressions = Expressions::new(Some(changes), condition);
    let call = client.update_item().table_name(table).set_key(Some(key.into_attributes()));
    let sent = call
        .set_update_expression(expressions.update)
        .set_condition_expression(expressions.condition)
        .set_expression_attribute_names(expressions.names)
        .set_expression_attribute_values(expressions.values)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(true),
        Err(error) if is_condition_failure(code(&error)) => Ok(false),
        Err(error) => Err(writing("UpdateItem")(error)),
    }
}

async fn delete(
    client: &Client,
    table: &str,
    key: ItemKey,
    condition: Option<Condition>,
) -> Result<bool, StoreError> {
    let expressions = Expressions::new(None, condition);
    let call = client.delete_item().table_name(table).set_key(Some(key.into_attributes()));
    let sent = call
        .set_condition_expression(expressions.condition)
        .set_expression_attribute_names(expressions.names)
        .set_expression_attribute_values(expressions.values)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(true),
        Err(error) if is_condition_failure(code(&error)) => Ok(false),
        Err(error) => Err(writing("DeleteItem")(error)),
    }
}

fn is_condition_failure(code: Option<&str>) -> bool {
    code == Some("ConditionalCheckFailedException")
}

fn incomplete(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    unavailable("TransactWriteItems", error)
}

/// What became of a transaction that DynamoDB did not carry out.
fn refused(error: SdkError<TransactWriteItemsError, HttpResponse>) -> Result<Commitment, StoreError> {
    const OPERATION: &str = "TransactWriteItems";
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
    else {
        return Err(writing(OPERATION)(error));
    };
    let reasons: Vec<&str> =
        cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code).collect();
    if reasons.iter().any(|reason| matches!(*reason, "ConditionalCheckFailed" | "TransactionConflict")) {
        return Ok(Commitment::Conflict);
    }
    if reasons.iter().any(|reason| is_throttling(reason)) {
        return Err(throttled(OPERATION, Effect::DidNotHappen, "the transaction was cancelled"));
    }
    Err(writing(OPERATION)(error))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use berth_registry::StoreErrorKind;

    use super::*;

    fn cancelled(reasons: &[&str]) -> SdkError<TransactWriteItemsError, HttpResponse> {
        let reasons = reasons.iter().map(|code| CancellationReason::builder().code(*code).build());
        let code = ErrorMetadata::builder().code("TransactionCanceledException").build();
        let error = TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons.collect()))
            .meta(code)
            .build();
        let response = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
        SdkError::service_error(TransactWriteItemsError::TransactionCanceledException(error), response)
    }

    #[test]
    fn lost_races_are_values() {
        for reasons in [
            &["None", "ConditionalCheckFailed"][..],
            &["TransactionConflict", "None"],
            &["ThrottlingError", "ConditionalCheckFailed"],
        ] {
            assert_eq!(refused(cancelled(reasons)).unwrap(), Commitment::Conflict, "{reasons:?}");
        }
    }

    #[test]
    fn other_cancellations_are_errors_that_did_nothing() {
        for (reasons, kind) in [
            (&["None", "ThrottlingError"][..], StoreErrorKind::Throttled),
            (&["ProvisionedThroughputExceeded"], StoreErrorKind::Throttled),
            (&["ValidationError"], StoreErrorKind::Unavailable),
            (&[], StoreErrorKind::Unavailable),
        ] {
            let error = refused(cancelled(reasons)).unwrap_err();
            assert_eq!((error.kind, error.effect), (kind, Effect::DidNotHappen), "{reasons:?}");
        }
    }
}
