//! What S3 says, inside what SQS says.

use berth_protocol::{Digest, RepositoryName};
use berth_store::Key;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A batch of messages, as Lambda hands it over (Lambda, "Using Lambda with Amazon SQS").
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The messages.
    #[serde(rename = "Records")]
    pub messages: Vec<Message>,
}

/// One message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Names it in the answer.
    pub message_id: String,
    /// What S3 says (S3, "Event message structure").
    pub body: String,
}

/// The messages that must come again (Lambda, "Reporting batch item failures").
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// One entry for each.
    pub batch_item_failures: Vec<FailedItem>,
}

/// One message that must come again.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedItem {
    /// Its id.
    pub item_identifier: String,
}

#[derive(Deserialize)]
struct S3Event {
    #[serde(rename = "Records")]
    records: Vec<S3Record>,
}

#[derive(Deserialize)]
struct S3Record {
    s3: S3Entity,
}

#[derive(Deserialize)]
struct S3Entity {
    object: S3Object,
}

#[derive(Deserialize)]
struct S3Object {
    key: String,
}

/// A message that is no S3 event.
#[derive(Debug, thiserror::Error)]
#[error("the message is no S3 event")]
pub struct EventError(#[from] serde_json::Error);

/// The staged objects that one message tells of. S3's test message and keys that are none of ours tell of none.
pub fn staged_objects(message: &str) -> Result<Vec<(RepositoryName, Digest)>, EventError> {
    let message: Value = serde_json::from_str(message)?;
    if message.get("Event").is_some_and(|event| event == "s3:TestEvent") {
        return Ok(Vec::new());
    }
    let event: S3Event = serde_json::from_value(message)?;
    let keys = event.records.into_iter().map(|record| record.s3.object.key);
    Ok(keys.filter_map(|key| Key::parse_staging(&decoded(&key))).collect())
}

/// A key as S3 writes it in events: a form field, where a space is `+`.
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: &str = include_str!("../tests/s3-object-created.json");
    const TEST: &str = include_str!("../tests/s3-test-event.json");

    #[test]
    fn an_object_below_uploads_is_a_repository_and_a_digest() {
        let objects = staged_objects(CREATED).unwrap();
        let digest = Digest::sha256(b"a staged layer");
        assert_eq!(objects, [(RepositoryName::parse("team/app__x").unwrap(), digest)]);
    }

    #[test]
    fn other_keys_and_the_test_message_are_passed_over() {
        assert!(staged_objects(TEST).unwrap().is_empty());
        for key in ["blobs/sha256/00", "uploads/team/app", "uploads/%2E%2E/sha256/zz"] {
            let other = CREATED.replace("uploads/team/app__x/sha256%2F", &format!("{key}/"));
            assert!(staged_objects(&other).unwrap().is_empty(), "{key}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for message in ["", "{", "[]", r#"{"Records":1}"#] {
            assert!(staged_objects(message).is_err(), "{message}");
        }
    }
}
