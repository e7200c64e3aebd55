//! The table itself, for stacks that no template deploys.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
    TimeToLiveSpecification, TimeToLiveStatus,
};
use berth_registry::StoreError;

use super::items::TTL;
use super::{MAX_ATTEMPTS, item, pause};
use crate::error::{code, reading, unavailable, writing};

/// The partition key, a string.
pub const PARTITION_KEY: &str = item::PK;
/// The sort key, a string.
pub const SORT_KEY: &str = item::SK;
/// When an item may be removed, in seconds since the Unix epoch. Items past this time count as absent.
pub const TTL_ATTRIBUTE: &str = TTL;

/// Makes the table, paid by request, with its time to live, and waits until it can be used. Idempotent.
pub async fn create_table(client: &Client, table: &str) -> Result<(), StoreError> {
    let incomplete = |error: BuildError| unavailable("CreateTable", error);
    let created = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute(PARTITION_KEY).map_err(incomplete)?)
        .attribute_definitions(attribute(SORT_KEY).map_err(incomplete)?)
        .key_schema(key(PARTITION_KEY, KeyType::Hash).map_err(incomplete)?)
        .key_schema(key(SORT_KEY, KeyType::Range).map_err(incomplete)?)
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(error) if code(&error) == Some("ResourceInUseException") => {}
        Err(error) => return Err(writing("CreateTable")(error)),
    }
    wait_until_active(client, table).await?;
    enable_ttl(client, table).await
}

fn attribute(name: &str) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}

async fn wait_until_active(client: &Client, table: &str) -> Result<(), StoreError> {
    for attempt in 0..10 * MAX_ATTEMPTS {
        let answer =
            client.describe_table().table_name(table).send().await.map_err(reading("DescribeTable"))?;
        if answer.table.is_some_and(|table| table.table_status == Some(TableStatus::Active)) {
            return Ok(());
        }
        pause(attempt).await;
    }
    Err(unavailable("DescribeTable", "the table does not become active"))
}

async fn enable_ttl(client: &Client, table: &str) -> Result<(), StoreError> {
    let answer = client.describe_time_to_live().table_name(table).send().await;
    let ttl = answer.map_err(reading("DescribeTimeToLive"))?.time_to_live_description;
    let status = ttl.and_then(|ttl| ttl.time_to_live_status);
    if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
        return Ok(());
    }
    let specification =
        TimeToLiveSpecification::builder().attribute_name(TTL_ATTRIBUTE).enabled(true).build();
    let specification = specification.map_err(|error| unavailable("UpdateTimeToLive", error))?;
    let call = client.update_time_to_live().table_name(table).time_to_live_specification(specification);
    call.send().await.map_err(writing("UpdateTimeToLive"))?;
    Ok(())
}
