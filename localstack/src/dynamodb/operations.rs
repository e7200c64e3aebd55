//! The DynamoDB operations that the embedded database answers, by the name in `x-amz-target`.

use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

/// An HTTP answer in DynamoDB's JSON protocol, version 1.0.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// Runs one operation. Blocking. Every outcome, also a refusal, is an answer.
pub(super) fn call(database: &Database, target: &str, body: &[u8]) -> Answer {
    match target.rsplit('.').next().unwrap_or_default() {
        "CreateTable" => run(body, |request| database.create_table(request)),
        "DescribeTable" => run(body, |request| database.describe_table(request)),
        "UpdateTimeToLive" => run(body, |request| database.update_time_to_live(request)),
        "DescribeTimeToLive" => run(body, |request| database.describe_time_to_live(request)),
        "PutItem" => run(body, |request| database.put_item(request)),
        "GetItem" => run(body, |request| database.get_item(request)),
        "DeleteItem" => run(body, |request| database.delete_item(request)),
        "UpdateItem" => run(body, |request| database.update_item(request)),
        "Query" => run(body, |request| database.query(request)),
        "Scan" => run(body, |request| database.scan(request)),
        "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| database.batch_write_item(request)),
        "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
        "TransactGetItems" => run(body, |request| database.transact_get_items(request)),
        other => refuse("UnknownOperationException", &format!("the operation {other:?} is not known")),
    }
}

fn run<Q, R>(body: &[u8], operation: impl FnOnce(Q) -> Result<R, DynoxideError>) -> Answer
where
    Q: DeserializeOwned,
    R: Serialize,
{
    let request = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => return refuse("SerializationException", &error.to_string()),
    };
    match operation(request) {
        Ok(response) => match serde_json::to_string(&response) {
            Ok(body) => Answer { status: 200, body },
            Err(error) => failed(&error),
        },
        Err(error) => {
            if error.status_code() >= 500 {
                tracing::error!(%error, "the embedded DynamoDB failed");
            }
            Answer { status: error.status_code(), body: error.to_json() }
        }
    }
}

fn refuse(code: &str, message: &str) -> Answer {
    let body = json!({ "__type": format!("com.amazon.coral.service#{code}"), "message": message });
    Answer { status: 400, body: body.to_string() }
}

fn failed(error: &serde_json::Error) -> Answer {
    tracing::error!(%error, "the embedded DynamoDB could not write its answer");
    Answer { status: 500, body: json!({ "__type": "InternalServerError" }).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_operation_is_refused_by_name() {
        let database = Database::memory().unwrap();
        let answer = call(&database, "DynamoDB_20120810.ListBackups", b"{}");
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("UnknownOperationException"), "{}", answer.body);
        assert!(answer.body.contains("ListBackups"), "{}", answer.body);
    }

    #[test]
    fn a_body_that_is_not_json_is_refused() {
        let database = Database::memory().unwrap();
        let answer = call(&database, "DynamoDB_20120810.GetItem", b"{");
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("SerializationException"), "{}", answer.body);
    }

    #[test]
    fn a_missing_table_is_not_found() {
        let database = Database::memory().unwrap();
        let answer = call(&database, "DynamoDB_20120810.DescribeTable", br#"{"TableName":"none"}"#);
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("ResourceNotFoundException"), "{}", answer.body);
    }
}
