//! Lines that come several times, at once, and through storage that fails.

use std::sync::{Arc, Mutex};

use berth_testkit::Memory;

use super::*;
use crate::{Detail, Event, Lines, ProjectRef, Window};

/// Where the clock of tests stands.
const AT_MS: u64 = 4_000_000_000_000;

#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl Lines for Kept {
    fn write(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

fn log(memory: &Arc<Memory>) -> AuditLog {
    let ports = memory.ports();
    AuditLog::new(memory.clone(), memory.clone(), ports.clock, ports.ids, 365)
}

/// All of one millisecond.
fn line(request_id: &str) -> Line {
    let event = Event {
        username: "alice".to_owned(),
        address: None,
        operation: "pull".to_owned(),
        resource_type: "artifact".to_owned(),
        resource: format!("team/{request_id}:1"),
        project: Some(ProjectRef { id: 7, name: "team".to_owned() }),
        succeeded: true,
        description: String::new(),
        detail: Detail { request_id: Some(request_id.to_owned()), ..Detail::default() },
    };
    Line::new(AT_MS, event)
}

async fn kept(log: &AuditLog, part: Part) -> Vec<String> {
    let (entries, more) = log.list(part, Window::ALL, None, 10_000).await.unwrap();
    assert!(!more);
    let mut names: Vec<String> = entries.into_iter().map(|entry| entry.event.resource).collect();
    names.sort_unstable();
    names
}

fn lines(count: usize) -> Vec<Line> {
    (0..count).map(|n| line(&format!("r{n:04}"))).collect()
}

fn names(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| line.event.resource.clone()).collect()
}

fn world() -> (Arc<Memory>, AuditLog) {
    let memory = Arc::new(Memory::new());
    let log = log(&memory);
    (memory, log)
}

#[tokio::test]
async fn a_line_that_comes_again_makes_no_second_entry() {
    let (_, log) = world();
    // So many in one millisecond that most of them meet others on their way.
    let lines = lines(300);
    let mut ids = Vec::new();
    for line in &lines {
        ids.push(log.keep(line).await.unwrap().id);
    }
    for (line, id) in lines.iter().zip(&ids).rev() {
        assert_eq!(log.keep(line).await.unwrap().id, *id);
    }
    for part in [Part::Everything, Part::Project(7)] {
        assert_eq!(kept(&log, part).await, names(&lines), "{part:?}");
    }
    assert!(place(&lines[0]) != place(&lines[1]), "all look in one place");
}

#[tokio::test]
async fn many_at_once_make_the_same_entries_in_whatever_way_they_come() {
    let (_, log) = world();
    let lines = lines(120);
    log.keep(&lines[60]).await.unwrap();
    log.keep_all(&lines).await.unwrap();
    log.keep_all(&lines).await.unwrap();
    let backwards: Vec<Line> = lines.iter().rev().cloned().collect();
    log.keep_all(&backwards).await.unwrap();
    for part in [Part::Everything, Part::Project(7)] {
        assert_eq!(kept(&log, part).await, names(&lines), "{part:?}");
    }
}

#[tokio::test]
async fn a_copy_that_is_missing_is_made_good() {
    let (memory, log) = world();
    let line = line("r");
    let first = entry(&line, 0);
    assert!(log.claim(&first).await.unwrap());
    assert!(kept(&log, Part::Project(7)).await.is_empty());
    log.keep(&line).await.unwrap();
    assert_eq!(kept(&log, Part::Project(7)).await, ["team/r:1"]);
    assert_eq!(kept(&log, Part::Everything).await, ["team/r:1"]);
    drop(memory);
}

#[tokio::test]
async fn what_differs_in_anything_is_another_entry() {
    let (_, log) = world();
    let mut other = line("r");
    other.event.succeeded = false;
    let (one, two) = (log.keep(&line("r")).await.unwrap(), log.keep(&other).await.unwrap());
    assert_eq!(two.id, one.id + 1);
}

#[tokio::test]
async fn the_line_of_a_record_is_that_of_its_entry() {
    let (memory, _) = world();
    let written = Arc::new(Kept::default());
    let log = log(&memory).with_lines(written.clone());
    let entry = log.record(line("r").event).await.unwrap();
    log.note(line("s").event);
    let found: Vec<Line> =
        written.0.lock().unwrap().iter().map(|text| Line::parse(text).unwrap().unwrap()).collect();
    assert_eq!(found.len(), 2);
    assert_eq!(log.keep(&found[0]).await.unwrap(), entry, "no second entry");
    assert_eq!(kept(&log, Part::Everything).await, ["team/r:1"], "what is noted is a line alone");
}

#[tokio::test]
async fn what_has_no_name_gets_one() {
    let (_, log) = world();
    let mut event = line("r").event;
    event.detail.request_id = None;
    let (one, two) = (log.record(event.clone()).await.unwrap(), log.record(event).await.unwrap());
    assert_ne!(one.id, two.id);
    assert_ne!(one.event.detail.request_id, two.event.detail.request_id);
}
