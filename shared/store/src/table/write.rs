//! Writes: one by one with a condition, or many at once.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update as TransactUpdate,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use berth_registry::ports::Commitment;
use berth_registry::{Effect, StoreError};

use super::Table;
use super::expression::{Condition, Expressions, Update};
use super::item::{Item, ItemKey};
use crate::error::{code, is_throttling, throttled, unavailable, writing};

/// DynamoDB takes no more writes in one transaction.
pub(super) const MAX_TRANSACTION_WRITES: usize = 100;
/// The code of a write of one item whose condition does not hold.
pub(super) const CONDITION_FAILURE: &str = "ConditionalCheckFailedException";
/// The code of a write of one item that a transaction is at.
const CONTENTION: &str = "TransactionConflictException";

/// A change of one item.
#[derive(Debug, Clone)]
pub(super) enum Write {
    /// Replaces the item, or makes it.
    Put(Item, Option<Condition>),
    /// Changes some attributes; makes the item if no condition forbids it.
    Update(ItemKey, Update, Option<Condition>),
    /// Removes the item; removing nothing is a success.
    Delete(ItemKey, Option<Condition>),
    /// Changes nothing; what is written with it happens only if the condition holds.
    Check(ItemKey, Condition),
}

/// What became of a write of one item.
enum Single {
    Written,
    /// Its condition does not hold.
    Unmet,
    /// A transaction is at the item.
    Contended(StoreError),
}

/// What became of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Transaction {
    Written,
    /// Nothing happened. The conditions of the writes with these places do not hold; if there are none, another
    /// transaction is at the same items.
    Refused {
        unmet: Vec<usize>,
    },
}

impl Table {
    /// Writes one item. `Ok(false)` if its condition does not hold. Not for items that take part in transactions.
    pub(super) async fn write(&self, write: Write) -> Result<bool, StoreError> {
        match self.write_single(write).await? {
            Single::Written => Ok(true),
            Single::Unmet => Ok(false),
            Single::Contended(error) => Err(error),
        }
    }

    /// Writes one item that may take part in transactions. `Conflict` if its condition does not hold or a transaction is
    /// at the item.
    pub(super) async fn write_shared(&self, write: Write) -> Result<Commitment, StoreError> {
        Ok(match self.write_single(write).await? {
            Single::Written => Commitment::Committed,
            Single::Unmet | Single::Contended(_) => Commitment::Conflict,
        })
    }

    async fn write_single(&self, write: Write) -> Result<Single, StoreError> {
        match write {
            Write::Put(item, condition) => put(&self.client, &self.name, item, condition).await,
            Write::Update(key, changes, condition) => {
                update(&self.client, &self.name, key, changes, condition).await
            }
            Write::Delete(key, condition) => delete(&self.client, &self.name, key, condition).await,
            Write::Check(..) => Ok(match self.transact(vec![write]).await? {
                Commitment::Committed => Single::Written,
                Commitment::Conflict | Commitment::ProjectGone => Single::Unmet,
            }),
        }
    }

    /// Writes all items or none. `Conflict` if a condition does not hold or another transaction is at the same items.
    pub(super) async fn transact(&self, writes: Vec<Write>) -> Result<Commitment, StoreError> {
        Ok(match self.try_transact(writes).await? {
            Transaction::Written => Commitment::Committed,
            Transaction::Refused { .. } => Commitment::Conflict,
        })
    }

    /// Writes all items or none, and tells which conditions do not hold.
    ///
    /// The SDK gives each transaction a token, which makes its own retries safe: what was done already is answered as
    /// done.
    pub(super) async fn try_transact(&self, writes: Vec<Write>) -> Result<Transaction, StoreError> {
        debug_assert!(writes.len() <= MAX_TRANSACTION_WRITES);
        let items: Result<Vec<_>, StoreError> =
            writes.into_iter().map(|write| self.transaction_item(write)).collect();
        let call = self.client.transact_write_items();
        match call.set_transact_items(Some(items?)).send().await {
            Ok(_) => Ok(Transaction::Written),
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
            Write::Check(key, condition) => {
                let expressions = Expressions::new(None, Some(condition));
                let check = ConditionCheck::builder()
                    .table_name(&self.name)
                    .set_key(Some(key.into_attributes()))
                    .set_condition_expression(expressions.condition)
                    .set_expression_attribute_names(expressions.names)
                    .set_expression_attribute_values(expressions.values);
                item.condition_check(check.build().map_err(incomplete)?)
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
) -> Result<Single, StoreError> {
    let expressions = Expressions::new(None, condition);
    let call = client.put_item().table_name(table).set_item(Some(item.into_attributes()));
    let sent = call
        .set_condition_expression(expressions.condition)
        .set_expression_attribute_names(expressions.names)
        .set_expression_attribute_values(expressions.values)
        .send()
        .await;
    single("PutItem", sent)
}

async fn update(
    client: &Client,
    table: &str,
    key: ItemKey,
    changes: Update,
    condition: Option<Condition>,
) -> Result<Single, StoreError> {
    let expressions = Expressions::new(Some(changes), condition);
    let call = client.update_item().table_name(table).set_key(Some(key.into_attributes()));
    let sent = call
        .set_update_expression(expressions.update)
        .set_condition_expression(expressions.condition)
        .set_expression_attribute_names(expressions.names)
        .set_expression_attribute_values(expressions.values)
        .send()
        .await;
    single("UpdateItem", sent)
}

async fn delete(
    client: &Client,
    table: &str,
    key: ItemKey,
    condition: Option<Condition>,
) -> Result<Single, StoreError> {
    let expressions = Expressions::new(None, condition);
    let call = client.delete_item().table_name(table).set_key(Some(key.into_attributes()));
    let sent = call
        .set_condition_expression(expressions.condition)
        .set_expression_attribute_names(expressions.names)
        .set_expression_attribute_values(expressions.values)
        .send()
        .await;
    single("DeleteItem", sent)
}

fn single<T, E>(
    operation: &'static str,
    sent: Result<T, SdkError<E, HttpResponse>>,
) -> Result<Single, StoreError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match sent {
        Ok(_) => Ok(Single::Written),
        Err(error) => match code(&error) {
            Some(CONDITION_FAILURE) => Ok(Single::Unmet),
            Some(CONTENTION) => Ok(Single::Contended(writing(operation)(error))),
            _ => Err(writing(operation)(error)),
        },
    }
}

fn incomplete(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    unavailable("TransactWriteItems", error)
}

/// What became of a transaction that DynamoDB did not carry out.
fn refused(error: SdkError<TransactWriteItemsError, HttpResponse>) -> Result<Transaction, StoreError> {
    const OPERATION: &str = "TransactWriteItems";
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
    else {
        return Err(writing(OPERATION)(error));
    };
    // One for each write, in their order.
    let reasons: Vec<&str> = cancelled
        .cancellation_reasons()
        .iter()
        .map(|reason| CancellationReason::code(reason).unwrap_or_default())
        .collect();
    let places = |wanted: &str| (0..reasons.len()).filter(|&n| reasons[n] == wanted).collect::<Vec<_>>();
    let unmet = places("ConditionalCheckFailed");
    if !unmet.is_empty() || !places("TransactionConflict").is_empty() {
        return Ok(Transaction::Refused { unmet });
    }
    if reasons.iter().any(|reason| is_throttling(reason)) {
        return Err(throttled(OPERATION, Effect::DidNotHappen, "the transaction was cancelled"));
    }
    Err(writing(OPERATION)(error))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::put_item::PutItemError;
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
        for (reasons, unmet) in [
            (&["None", "ConditionalCheckFailed"][..], &[1][..]),
            (&["ConditionalCheckFailed", "None", "ConditionalCheckFailed"], &[0, 2]),
            (&["TransactionConflict", "None"], &[]),
            (&["TransactionConflict", "ConditionalCheckFailed"], &[1]),
            (&["ThrottlingError", "ConditionalCheckFailed"], &[1]),
        ] {
            let expected = Transaction::Refused { unmet: unmet.to_vec() };
            assert_eq!(refused(cancelled(reasons)).unwrap(), expected, "{reasons:?}");
        }
    }

    fn answered(code: &str) -> Result<Single, StoreError> {
        let error = PutItemError::generic(ErrorMetadata::builder().code(code).build());
        let response = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
        single("PutItem", Err::<(), _>(SdkError::service_error(error, response)))
    }

    #[test]
    fn a_single_write_beside_a_transaction_is_told_from_an_unmet_condition() {
        assert!(matches!(answered("ConditionalCheckFailedException"), Ok(Single::Unmet)));
        let contended = answered("TransactionConflictException");
        let Ok(Single::Contended(error)) = contended else { panic!("a transaction is at the item") };
        assert_eq!((error.effect, error.operation), (Effect::DidNotHappen, "PutItem"));
        assert!(answered("ValidationException").is_err());
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
