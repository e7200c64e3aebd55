//! The function as Lambda calls it, on events as CloudWatch Logs makes them: data in JSON, packed with gzip, in base64.

use std::sync::Arc;
use std::time::Duration;

use berth_audit::{AuditLog, Entry, Part, Window};
use berth_function_audit::{Failure, LogsEvent, handle};
use berth_registry::{Effect, StoreError, StoreErrorKind};
use berth_testkit::Memory;

/// Two pulls of one millisecond, a refused sign-in, a line of another kind, and one of ours that is broken.
const LINES: &str = include_str!("logs-lines.json");
/// What CloudWatch sends when a filter is made.
const CONTROL: &str = include_str!("logs-control.json");
/// When the lines were written, and a while.
const NOW: Duration = Duration::from_secs(1_795_255_261);

fn event(text: &str) -> LogsEvent {
    serde_json::from_str(text).expect("an event")
}

fn log(memory: &Arc<Memory>) -> AuditLog {
    let ports = memory.ports();
    memory.clock().set(NOW);
    AuditLog::new(memory.clone(), memory.clone(), ports.clock, ports.ids, 365)
}

async fn entries(log: &AuditLog, part: Part) -> Vec<Entry> {
    let (mut entries, more) = log.list(part, Window::ALL, None, 100).await.expect("memory");
    assert!(!more);
    entries.sort_by_key(|entry| (entry.at_ms, entry.event.detail.request_id.clone()));
    entries
}

#[tokio::test]
async fn lines_become_entries_once_however_often_they_come() {
    let log = log(&Arc::new(Memory::new()));
    for _ in 0..3 {
        assert_eq!(handle(&log, event(LINES)).await.expect("kept"), 3);
    }
    let all = entries(&log, Part::Everything).await;
    let words: Vec<String> = all
        .iter()
        .map(|entry| format!("{} {} {}", entry.event.username, entry.event.operation, entry.event.resource))
        .collect();
    assert_eq!(words, ["alice pull team/app:1", "alice pull team/app:1", "mallory login mallory"]);
    assert_ne!(all[0].id, all[1].id, "two happenings of one millisecond");
    assert!(!all[2].event.succeeded);
    assert_eq!(all[0].event.detail.digest.as_deref(), Some(&*format!("sha256:{}", "ab".repeat(32))));
    assert_eq!(entries(&log, Part::Project(7)).await, all[..2]);
}

#[tokio::test]
async fn two_deliveries_at_once_make_one_entry_of_each_line() {
    let log = log(&Arc::new(Memory::new()));
    let both = futures::join!(handle(&log, event(LINES)), handle(&log, event(LINES)));
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!(entries(&log, Part::Everything).await.len(), 3);
}

#[tokio::test]
async fn a_look_whether_somebody_is_there_keeps_nothing() {
    let log = log(&Arc::new(Memory::new()));
    assert_eq!(handle(&log, event(CONTROL)).await.expect("answered"), 0);
    assert!(entries(&log, Part::Everything).await.is_empty());
}

#[tokio::test]
async fn what_is_no_batch_is_given_up_and_not_passed_over() {
    let log = log(&Arc::new(Memory::new()));
    let outcome = handle(&log, event(r#"{"awslogs":{"data":"AAAA"}}"#)).await;
    assert!(matches!(outcome, Err(Failure::Event(_))), "{outcome:?}");
    assert!(serde_json::from_str::<LogsEvent>(r#"{"Records":[]}"#).is_err());
}

#[tokio::test]
async fn when_storage_fails_the_batch_fails_and_the_next_try_is_whole() {
    let memory = Arc::new(Memory::new());
    let good = log(&memory);
    let ports = memory.ports();
    let broken = AuditLog::new(memory.clone(), Arc::new(Broken), ports.clock, ports.ids, 365);
    let outcome = handle(&broken, event(LINES)).await;
    assert!(matches!(outcome, Err(Failure::Store(_))), "{outcome:?}");
    assert_eq!(handle(&good, event(LINES)).await.expect("kept"), 3);
    assert_eq!(entries(&good, Part::Everything).await.len(), 3);
}

/// Storage that takes nothing.
struct Broken;

#[async_trait::async_trait]
impl berth_records::RecordWrite for Broken {
    async fn write(&self, _: Vec<berth_records::Change>) -> Result<berth_records::Written, StoreError> {
        Err(unavailable())
    }

    async fn add(&self, _: &berth_records::Key, _: u64, _: Option<u64>) -> Result<u64, StoreError> {
        Err(unavailable())
    }
}

fn unavailable() -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unavailable,
        effect: Effect::DidNotHappen,
        operation: "Test",
        source: None,
    }
}
