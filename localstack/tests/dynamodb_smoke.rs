//! The embedded DynamoDB, driven by the real AWS SDK: that the operations which the product needs do what they say.

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, path::Path};

    use aws_sdk_dynamodb::{
        Client,
        error::{ProvideErrorMetadata, SdkError},
        types::{
            AttributeDefinition, AttributeValue, BillingMode, ConditionCheck, Delete, Get, KeySchemaElement,
            KeyType, KeysAndAttributes, Put, PutRequest, ReturnValuesOnConditionCheckFailure,
            ScalarAttributeType, TimeToLiveSpecification, TransactGetItem, TransactWriteItem, Update,
            WriteRequest,
        },
    };
    use berth_local::{
        dynamodb::{self, Connector, Database},
        s3::SyncMode,
    };
    use tempfile::TempDir;

    const TABLE: &str = "registry";

    struct Stack {
        client: Client,
        database: Database,
        folder: TempDir,
    }

    impl Stack {
        async fn new() -> Self {
            let stack = Self::open(tempfile::tempdir().unwrap(), SyncMode::Off);
            create_table(&stack.client).await;
            stack
        }

        fn open(folder: TempDir, sync: SyncMode) -> Self {
            let database = dynamodb::open(&folder.path().join("dynamodb.db"), sync).unwrap();
            let client = dynamodb::client(Connector::new(database.clone()));
            Self { client, database, folder }
        }

        async fn put(&self, pk: &str, sk: &str) {
            self.client.put_item().table_name(TABLE).set_item(Some(key(pk, sk))).send().await.unwrap();
        }

        async fn get(&self, pk: &str, sk: &str) -> Option<HashMap<String, AttributeValue>> {
            let get =
                self.client.get_item().table_name(TABLE).set_key(Some(key(pk, sk))).consistent_read(true);
            get.send().await.unwrap().item
        }
    }

    async fn create_table(client: &Client) {
        let create = client.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
        let attribute = |name: &str| {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            attribute.attribute_type(ScalarAttributeType::S).build().unwrap()
        };
        let element = |name: &str, key_type: KeyType| {
            KeySchemaElement::builder().attribute_name(name).key_type(key_type).build().unwrap()
        };
        let create = create.attribute_definitions(attribute("pk")).attribute_definitions(attribute("sk"));
        let create =
            create.key_schema(element("pk", KeyType::Hash)).key_schema(element("sk", KeyType::Range));
        create.send().await.unwrap();
    }

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.to_owned())
    }

    fn number(value: i64) -> AttributeValue {
        AttributeValue::N(value.to_string())
    }

    fn key(pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
        HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
    }

    fn code<T, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> Option<String> {
        result.err().and_then(|error| error.code().map(str::to_owned))
    }

    #[tokio::test]
    async fn a_table_is_made_once_and_described() {
        let stack = Stack::new().await;
        let table = stack.client.describe_table().table_name(TABLE).send().await.unwrap();
        assert_eq!(table.table().unwrap().table_status().unwrap().as_str(), "ACTIVE");
        let missing = stack.client.describe_table().table_name("missing").send().await;
        assert_eq!(code(missing).as_deref(), Some("ResourceNotFoundException"));
    }

    #[tokio::test]
    async fn a_conditional_put_creates_once_and_tells_what_is_there() {
        let stack = Stack::new().await;
        let put = |value: i64| {
            let put = stack.client.put_item().table_name(TABLE).set_item(Some(key("a", "1")));
            let put = put.item("value", number(value)).condition_expression("attribute_not_exists(pk)");
            put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld).send()
        };
        put(1).await.unwrap();
        let error = put(2).await.unwrap_err().into_service_error();
        assert!(error.is_conditional_check_failed_exception(), "{error:?}");
        assert_eq!(stack.get("a", "1").await.unwrap()["value"], number(1));
    }

    #[tokio::test]
    async fn a_refused_transaction_changes_nothing_and_names_its_reasons() {
        let stack = Stack::new().await;
        stack.put("a", "1").await;
        let fresh = "attribute_not_exists(pk)";
        let put = |sk: &str| {
            let put =
                Put::builder().table_name(TABLE).set_item(Some(key("a", sk))).condition_expression(fresh);
            TransactWriteItem::builder().put(put.build().unwrap()).build()
        };
        let check = ConditionCheck::builder().table_name(TABLE).set_key(Some(key("a", "9")));
        let check =
            TransactWriteItem::builder().condition_check(check.condition_expression(fresh).build().unwrap());
        let write = stack.client.transact_write_items().transact_items(put("1")).transact_items(put("2"));
        let error = write.transact_items(check.build()).send().await.unwrap_err().into_service_error();
        let reasons = match &error {
            aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(error) => {
                error.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default()).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(reasons, ["ConditionalCheckFailed", "None", "None"]);
        assert!(stack.get("a", "2").await.is_none());
    }

    #[tokio::test]
    async fn a_transaction_writes_and_reads_several_items() {
        let stack = Stack::new().await;
        stack.put("a", "old").await;
        let put = Put::builder().table_name(TABLE).set_item(Some(key("a", "new"))).build().unwrap();
        let update = Update::builder().table_name(TABLE).set_key(Some(key("a", "count")));
        let update = update.update_expression("ADD hits :one").expression_attribute_values(":one", number(1));
        let delete = Delete::builder().table_name(TABLE).set_key(Some(key("a", "old"))).build().unwrap();
        let items = vec![
            TransactWriteItem::builder().put(put).build(),
            TransactWriteItem::builder().update(update.build().unwrap()).build(),
            TransactWriteItem::builder().delete(delete).build(),
        ];
        stack.client.transact_write_items().set_transact_items(Some(items)).send().await.unwrap();
        let get = |sk: &str| {
            let get = Get::builder().table_name(TABLE).set_key(Some(key("a", sk))).build().unwrap();
            TransactGetItem::builder().get(get).build()
        };
        let got = stack.client.transact_get_items().transact_items(get("count")).transact_items(get("old"));
        let got = got.send().await.unwrap();
        assert_eq!(got.responses()[0].item().unwrap()["hits"], number(1));
        assert!(got.responses()[1].item().is_none());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn concurrent_updates_lose_nothing() {
        let stack = Stack::new().await;
        let updates = (0..32).map(|_| {
            let update = stack.client.update_item().table_name(TABLE).set_key(Some(key("a", "count")));
            let update =
                update.update_expression("ADD hits :one").expression_attribute_values(":one", number(1));
            tokio::spawn(update.send())
        });
        for update in updates.collect::<Vec<_>>() {
            update.await.unwrap().unwrap();
        }
        assert_eq!(stack.get("a", "count").await.unwrap()["hits"], number(32));
    }

    #[tokio::test]
    async fn a_query_pages_in_key_order() {
        let stack = Stack::new().await;
        for item in 0..25 {
            stack.put("tags", &format!("t#{item:02}")).await;
        }
        stack.put("tags", "other").await;
        let query = stack.client.query().table_name(TABLE).limit(10);
        let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)");
        let query = query.expression_attribute_values(":pk", text("tags"));
        let mut pages = query.expression_attribute_values(":prefix", text("t#")).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            assert!(page.items().len() <= 10);
            found.extend(page.items().iter().map(|item| item["sk"].as_s().unwrap().clone()));
        }
        assert_eq!(found, (0..25).map(|item| format!("t#{item:02}")).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn batches_write_and_read() {
        let stack = Stack::new().await;
        let write = |sk: usize| {
            let put = PutRequest::builder().set_item(Some(key("a", &sk.to_string()))).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        let batch = |count: usize| {
            stack.client.batch_write_item().request_items(TABLE, (0..count).map(write).collect()).send()
        };
        batch(25).await.unwrap();
        assert_eq!(code(batch(26).await).as_deref(), Some("ValidationException"));
        let keys = KeysAndAttributes::builder().keys(key("a", "3")).keys(key("a", "24")).keys(key("a", "99"));
        let got =
            stack.client.batch_get_item().request_items(TABLE, keys.build().unwrap()).send().await.unwrap();
        assert_eq!(got.responses().unwrap()[TABLE].len(), 2);
        let scan = stack.client.scan().table_name(TABLE).send().await.unwrap();
        assert_eq!(scan.count(), 25);
        stack.client.delete_item().table_name(TABLE).set_key(Some(key("a", "3"))).send().await.unwrap();
        assert!(stack.get("a", "3").await.is_none());
    }

    #[tokio::test]
    async fn a_sweep_removes_what_has_expired() {
        let stack = Stack::new().await;
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build().unwrap();
        stack
            .client
            .update_time_to_live()
            .table_name(TABLE)
            .time_to_live_specification(ttl)
            .send()
            .await
            .unwrap();
        let told = stack.client.describe_time_to_live().table_name(TABLE).send().await.unwrap();
        assert_eq!(told.time_to_live_description().unwrap().attribute_name(), Some("expires"));
        for (sk, expires) in [("past", 1_700_000_000), ("future", 32_503_680_000)] {
            let put = stack.client.put_item().table_name(TABLE).set_item(Some(key("a", sk)));
            put.item("expires", number(expires)).send().await.unwrap();
        }
        stack.put("a", "never").await;
        assert_eq!(dynamodb::sweep(&stack.database).await.unwrap(), 1);
        assert!(stack.get("a", "past").await.is_none());
        assert!(stack.get("a", "future").await.is_some() && stack.get("a", "never").await.is_some());
    }

    #[tokio::test]
    async fn items_survive_a_restart_in_either_mode() {
        for sync in [SyncMode::Full, SyncMode::Off] {
            let stack = Stack::open(tempfile::tempdir().unwrap(), sync);
            create_table(&stack.client).await;
            stack.put("a", "1").await;
            let Stack { client, database, folder } = stack;
            drop((client, database));
            assert!(Stack::open(folder, sync).get("a", "1").await.is_some(), "{sync:?}");
        }
    }

    #[tokio::test]
    async fn an_operation_that_is_not_offered_says_so() {
        let stack = Stack::new().await;
        let tables = stack.client.list_backups().send().await;
        assert_eq!(code(tables).as_deref(), Some("UnknownOperationException"));
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dynamodb.db");
        std::fs::write(&path, vec![1; 8192]).unwrap();
        assert!(matches!(dynamodb::open(&path, SyncMode::Off), Err(dynamodb::OpenError::Database(_))));
        let nowhere = Path::new("/nonexistent/folder/dynamodb.db");
        assert!(dynamodb::open(nowhere, SyncMode::Off).is_err());
    }
}
