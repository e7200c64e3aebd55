//! What CloudWatch Logs hands over: JSON, packed with gzip, in base64, in JSON (CloudWatch Logs, "Subscription filters with Lambda").

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_audit::MAX_LINE_BYTES;
use flate2::read::GzDecoder;
use serde::Deserialize;

/// An event holds 256 KiB of base64 at most; log lines shrink to a tenth or a twentieth. What unpacks to more is no batch of ours.
const MAX_BATCH_BYTES: u64 = 32 * 1024 * 1024;

/// An event, as Lambda hands it over.
#[derive(Debug, Deserialize)]
pub struct LogsEvent {
    /// The one field that it has.
    pub awslogs: Packed,
}

/// A batch of lines, packed.
#[derive(Debug, Deserialize)]
pub struct Packed {
    /// In base64.
    pub data: String,
}

/// A batch of lines.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// `DATA_MESSAGE`; with `CONTROL_MESSAGE` CloudWatch only looks whether somebody is there.
    pub message_type: String,
    /// Where the lines were written.
    #[serde(default)]
    pub log_group: String,
    /// The lines.
    #[serde(default)]
    pub log_events: Vec<LogEvent>,
}

/// One line.
#[derive(Debug, Deserialize)]
pub struct LogEvent {
    /// CloudWatch's name for it.
    pub id: String,
    /// As it was written.
    pub message: String,
}

/// An event that is none of CloudWatch Logs.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// It is no base64.
    #[error("the event's data is no base64")]
    Base64(#[from] base64::DecodeError),
    /// It does not unpack.
    #[error("the event's data does not unpack")]
    Gzip(#[from] std::io::Error),
    /// It unpacks to more than is ever sent.
    #[error("the event's data unpacks to more than {MAX_BATCH_BYTES} bytes")]
    TooLarge,
    /// It is no batch.
    #[error("the event's data is no batch of lines")]
    Json(#[from] serde_json::Error),
}

impl Packed {
    /// The batch. No more than the limit is ever held.
    pub fn unpacked(&self) -> Result<Batch, EventError> {
        let packed = STANDARD.decode(&self.data)?;
        let mut text = Vec::new();
        GzDecoder::new(&packed[..]).take(MAX_BATCH_BYTES + 1).read_to_end(&mut text)?;
        if text.len() as u64 > MAX_BATCH_BYTES {
            return Err(EventError::TooLarge);
        }
        Ok(serde_json::from_slice(&text)?)
    }
}

impl LogEvent {
    /// The line, unless it is longer than ours are.
    pub(crate) fn line(&self) -> Option<&str> {
        let line = self.message.trim_end();
        (line.len() <= MAX_LINE_BYTES).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(text: &[u8]) -> Packed {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        Packed { data: STANDARD.encode(encoder.finish().unwrap()) }
    }

    #[test]
    fn what_is_no_batch_is_an_error_and_never_held_whole() {
        let bomb = packed(&vec![b' '; usize::try_from(MAX_BATCH_BYTES).unwrap() + 10]);
        assert!(bomb.data.len() < 256 * 1024, "it would fit an event");
        assert!(matches!(bomb.unpacked(), Err(EventError::TooLarge)));
        assert!(matches!(packed(b"[]").unpacked(), Err(EventError::Json(_))));
        assert!(matches!(Packed { data: "?".to_owned() }.unpacked(), Err(EventError::Base64(_))));
        assert!(matches!(Packed { data: "AAAA".to_owned() }.unpacked(), Err(EventError::Gzip(_))));
    }

    #[test]
    fn a_batch_is_its_lines() {
        let text =
            br#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"/berth/b/registry","logStream":"s",
            "subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":2,"message":"a\n"}]}"#;
        let batch = packed(text).unpacked().unwrap();
        assert_eq!(
            (batch.message_type.as_str(), batch.log_group.as_str()),
            ("DATA_MESSAGE", "/berth/b/registry")
        );
        assert_eq!(batch.log_events[0].line(), Some("a"));
        let long = LogEvent { id: "2".to_owned(), message: "x".repeat(MAX_LINE_BYTES + 1) };
        assert_eq!(long.line(), None);
    }
}
