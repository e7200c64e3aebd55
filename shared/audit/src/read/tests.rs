//! The log, in memory.

use std::sync::Arc;
use std::time::Duration;

use berth_testkit::Memory;

use crate::{AuditLog, Detail, Entry, Event, Part, ProjectRef, Window};

const DAY: Duration = Duration::from_hours(24);

struct World {
    memory: Arc<Memory>,
    log: AuditLog,
}

fn world() -> World {
    let memory = Arc::new(Memory::new());
    let ports = memory.ports();
    let log = AuditLog::new(memory.clone(), memory.clone(), ports.clock, ports.ids, 365);
    World { memory, log }
}

fn event(resource: &str, project: Option<u64>) -> Event {
    Event {
        username: "alice".to_owned(),
        address: Some("192.0.2.1".parse().unwrap()),
        operation: "create".to_owned(),
        resource_type: "label".to_owned(),
        resource: resource.to_owned(),
        project: project.map(|id| ProjectRef { id, name: format!("p{id}") }),
        succeeded: true,
        description: String::new(),
        detail: Detail::default(),
    }
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.event.resource.as_str()).collect()
}

impl World {
    /// One entry each 20 days: over the borders of months, and twice in one millisecond.
    async fn year(&self) -> Vec<Entry> {
        let mut written = Vec::new();
        for n in 0..12 {
            for name in ["a", "b"] {
                written.push(self.log.record(event(&format!("{name}{n}"), Some(n % 2))).await.unwrap());
            }
            self.memory.clock().advance(20 * DAY);
        }
        written
    }

    async fn all(&self, part: Part, window: Window, limit: usize) -> Vec<Entry> {
        let (mut entries, mut before) = (Vec::new(), None);
        loop {
            let (found, more) = self.log.list(part, window, before, limit).await.unwrap();
            assert!(found.len() <= limit);
            before = found.last().map(|entry| entry.id);
            entries.extend(found);
            if !more {
                return entries;
            }
        }
    }
}

#[tokio::test]
async fn pages_of_any_size_give_the_same_from_the_newest_to_the_oldest() {
    let world = world();
    let mut expected = world.year().await;
    expected.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    for limit in [1, 2, 3, 5, 24, 100] {
        assert_eq!(world.all(Part::Everything, Window::ALL, limit).await, expected, "{limit} at a time");
    }
    let of_one: Vec<Entry> =
        expected.iter().filter(|entry| entry.event.project.as_ref().unwrap().id == 1).cloned().collect();
    assert_eq!(world.all(Part::Project(1), Window::ALL, 4).await, of_one);
    assert!(world.all(Part::Project(9), Window::ALL, 4).await.is_empty());
}

#[tokio::test]
async fn a_window_begins_with_its_first_millisecond_and_ends_before_its_last() {
    let world = world();
    let written = world.year().await;
    let window = Window { from_ms: written[4].at_ms, until_ms: written[8].at_ms };
    let found = world.all(Part::Everything, window, 3).await;
    let mut found = names(&found);
    found.sort_unstable();
    assert_eq!(found, ["a2", "a3", "b2", "b3"]);
    let nothing = Window { from_ms: window.until_ms, until_ms: window.from_ms };
    assert!(world.all(Part::Everything, nothing, 3).await.is_empty());
}

#[tokio::test]
async fn entries_are_forgotten_after_their_time() {
    let world = world();
    world.log.record(event("old", None)).await.unwrap();
    world.memory.clock().advance(364 * DAY);
    world.log.record(event("new", None)).await.unwrap();
    assert_eq!(names(&world.all(Part::Everything, Window::ALL, 9).await), ["new", "old"]);
    world.memory.clock().advance(DAY);
    assert_eq!(names(&world.all(Part::Everything, Window::ALL, 9).await), ["new"]);
}

#[tokio::test]
async fn a_number_is_a_time_and_never_given_twice() {
    let world = world();
    let mut ids = std::collections::BTreeSet::new();
    for n in 0..500 {
        let entry = world.log.record(event(&n.to_string(), None)).await.unwrap();
        assert_eq!(entry.id / 1000, entry.at_ms);
        assert!(entry.id < 1 << 53, "too large for JSON");
        assert!(ids.insert(entry.id));
    }
}

#[tokio::test]
async fn long_texts_are_cut() {
    let world = world();
    let entry = world.log.record(event(&"ä".repeat(5000), None)).await.unwrap();
    assert_eq!(entry.event.resource.chars().count(), 1024);
}

#[tokio::test]
async fn an_export_has_a_line_for_each_entry_in_parts_of_any_size() {
    let world = world();
    let mut expected = world.year().await;
    expected.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    for max_bytes in [1, 700, 3000, 1 << 20] {
        let (mut text, mut before, mut parts) = (String::new(), None, 0);
        loop {
            let part = world.log.export(Part::Everything, Window::ALL, before, max_bytes).await.unwrap();
            assert!(part.lines.len() < max_bytes + 500, "{}", part.lines.len());
            assert!(!part.lines.is_empty(), "a part that says nothing");
            text += &part.lines;
            parts += 1;
            before = part.next;
            if before.is_none() {
                break;
            }
        }
        assert!(text.ends_with('\n') && text.lines().all(|line| line.contains(r#""username":"alice""#)));
        let read: Vec<Entry> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, expected, "{max_bytes}");
        assert!(max_bytes > 1 || parts == expected.len(), "{parts}");
    }
    let nothing = world.log.export(Part::Project(9), Window::ALL, None, 100).await.unwrap();
    assert_eq!((nothing.lines.as_str(), nothing.next), ("", None));
}
