//! The log as lines: those that leave before the answer, and those of an export.

use std::time::Duration;

use berth_audit::{AuditLog, Detail, Entry, Event, Part, Window};
use serde_json::json;

use super::world::{NOBODY, OF_TEAM, PULLER, World, basic};

/// Entries of `team` and of no project, one each minute.
async fn filled(world: &World, count: usize) {
    for n in 0..count {
        let label = json!({ "name": format!("l{n}"), "scope": "p", "project_id": world.team.id });
        world.post("maintainer", "/labels", label).await.id();
        world.put("admin", "/configurations", json!({ "banner_message": n.to_string() })).await;
        world.memory.clock().advance(Duration::from_mins(1));
    }
}

fn entries(text: &str) -> Vec<Entry> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The log itself, which writes no lines.
fn log(world: &World) -> AuditLog {
    let ports = world.memory.ports();
    AuditLog::new(world.memory.clone(), world.memory.clone(), ports.clock, ports.ids, 365)
}

async fn kept(world: &World, part: Part) -> Vec<Entry> {
    let log = log(world);
    log.list(part, Window::ALL, None, 10_000).await.unwrap().0
}

#[tokio::test]
async fn an_export_has_what_the_log_has() {
    let world = World::new().await;
    filled(&world, 3).await;
    let reply = world.get("admin", "/auditlogs/export").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/x-ndjson")));
    assert_eq!(reply.header("link"), None);
    assert_eq!(entries(&reply.body), kept(&world, Part::Everything).await);
    for who in ["admin", "chief", OF_TEAM] {
        let of_team = world.get(who, "/projects/team/logs/export").await;
        assert_eq!(entries(&of_team.body), kept(&world, Part::Project(world.team.id)).await, "{who}");
        assert_eq!(of_team.body.lines().count(), 3);
    }
}

#[tokio::test]
async fn an_export_is_for_whoever_may_read_the_log() {
    let world = World::new().await;
    for (who, status) in [(NOBODY, 401), ("chief", 403), ("stranger", 403), (PULLER, 403)] {
        assert_eq!(world.get(who, "/auditlogs/export").await.status, status, "{who}");
    }
    for who in ["maintainer", "developer", "stranger"] {
        let status = world.get(who, "/projects/team/logs/export").await.status;
        assert_eq!(status, world.get(who, "/projects/team/logs").await.status, "{who}");
        assert_eq!(status, 403, "{who}");
    }
}

#[tokio::test]
async fn an_export_is_of_a_span_of_time() {
    let world = World::new().await;
    filled(&world, 4).await;
    // The clock of tests begins at 07:06:40.
    for (query, count) in [
        ("from=2096-10-02T07:07:40Z", 3),
        ("until=2096-10-02T07:07:40Z", 1),
        ("from=2096-10-02T07:07:40Z&until=2096-10-02T07:09:40Z", 2),
        ("from=2096-10-02%2007:08:00&until=2096-10-02%2007:08:10", 0),
    ] {
        let reply = world.get("chief", &format!("/projects/team/logs/export?{query}")).await;
        assert_eq!(reply.body.lines().count(), count, "{query}");
    }
    for wrong in ["from=yesterday", "until=1", "before=x"] {
        assert_eq!(world.get("admin", &format!("/auditlogs/export?{wrong}")).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_long_export_comes_in_parts_and_loses_nothing() {
    let world = World::new().await;
    let log = log(&world);
    // As long as entries become: two thousand make more than one part.
    let large = Event {
        username: "u".repeat(1024),
        address: None,
        operation: "create".to_owned(),
        resource_type: "label".to_owned(),
        resource: "\u{1}".repeat(1024),
        project: None,
        succeeded: true,
        description: "d".repeat(1024),
        detail: Detail::default(),
    };
    for n in 0..600 {
        log.record(large.clone()).await.unwrap();
        if n % 100 == 0 {
            world.memory.clock().advance(Duration::from_secs(1));
        }
    }
    let (mut path, mut found, mut parts) =
        ("/auditlogs/export?from=2096-10-02T00:00:00Z".to_owned(), Vec::new(), 0);
    loop {
        let reply = world.get("admin", &path).await;
        assert!(reply.body.len() < 4_500_000, "a Function URL does not take {}", reply.body.len());
        found.extend(entries(&reply.body));
        parts += 1;
        let Some(link) = reply.header("link") else { break };
        let target = link.strip_prefix("</api/v2.0").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        assert!(target.starts_with("/auditlogs/export?from=2096-10-02T00%3A00%3A00Z&before="), "{target}");
        target.clone_into(&mut path);
    }
    assert!(parts > 1);
    assert_eq!(found, kept(&world, Part::Everything).await);
}

#[tokio::test]
async fn every_change_is_a_line_too_and_the_line_is_its_entry() {
    let world = World::new().await;
    filled(&world, 2).await;
    let headers = [("authorization", basic("guest", super::world::PASSWORD))];
    let headers = [
        ("authorization", headers[0].1.as_str()),
        ("content-type", "application/json"),
        ("x-request-id", "mine-1"),
        ("user-agent", "curl/8"),
    ];
    let label = json!({ "name": "no", "scope": "p", "project_id": world.team.id }).to_string();
    assert_eq!(world.send("POST", "/api/v2.0/labels", &headers, label).await.status, 403);
    let mut of_lines: Vec<(u64, Event)> =
        world.told.lines().into_iter().map(|line| (line.at_ms, line.event)).collect();
    let mut of_entries: Vec<(u64, Event)> =
        kept(&world, Part::Everything).await.into_iter().map(|entry| (entry.at_ms, entry.event)).collect();
    let order = |one: &(u64, Event)| (one.0, one.1.detail.request_id.clone());
    of_lines.sort_by_key(order);
    of_entries.sort_by_key(order);
    assert_eq!(of_lines, of_entries);
    let refused = of_lines.iter().find(|(_, event)| !event.succeeded).unwrap();
    let detail = &refused.1.detail;
    assert_eq!((detail.status, detail.request_id.as_deref()), (Some(403), Some("mine-1")));
    assert_eq!(detail.user_agent.as_deref(), Some("curl/8"));
    assert!(of_lines.iter().all(|(_, event)| event.detail.status.is_some()));
}

#[tokio::test]
async fn a_refused_password_is_a_line_and_waits_for_no_entry() {
    let world = World::new().await;
    let wrong = basic("chief", "wr0ngMarker");
    let headers = [("authorization", wrong.as_str())];
    assert_eq!(world.send("GET", "/api/v2.0/projects", &headers, "").await.status, 401);
    world.get("chief", "/projects").await;
    let lines = world.told.lines();
    assert_eq!(lines.len(), 1, "who signs in with every request is not told of each time");
    assert_eq!((lines[0].event.description.as_str(), lines[0].event.succeeded), ("login chief: 401", false));
    assert!(!lines[0].to_json().contains("wr0ngMarker"));
    assert!(kept(&world, Part::Everything).await.is_empty());
}
