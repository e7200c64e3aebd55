//! Who did what: written down before the answer, and shown to whoever may see it.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{NOBODY, OF_TEAM, World};

fn lines(log: &Value) -> Vec<String> {
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = log.as_array().unwrap().iter();
    entries
        .map(|entry| {
            let result = if entry["operation_result"] == true { "well" } else { "failed" };
            format!(
                "{} {}_{} {} {result}",
                text(entry, "username"),
                text(entry, "operation"),
                text(entry, "resource_type"),
                text(entry, "resource")
            )
        })
        .collect()
}

async fn busy() -> World {
    let world = World::new().await;
    let step = || world.memory.clock().advance(Duration::from_mins(1));
    world.post("developer", "/projects", json!({ "project_name": "new" })).await.id();
    step();
    let member = json!({ "role_id": 3, "member_user": { "username": "stranger" } });
    let id = world.post("chief", "/projects/team/members", member.clone()).await.id();
    step();
    assert_eq!(world.post("chief", "/projects/team/members", member.clone()).await.status, 409);
    step();
    assert_eq!(world.post("guest", "/projects/team/members", member).await.status, 403);
    step();
    assert_eq!(
        world.put("chief", &format!("/projects/team/members/{id}"), json!({ "role_id": 2 })).await.status,
        200
    );
    step();
    let label = json!({ "name": "l", "scope": "p", "project_id": world.team.id });
    let label = world.post("maintainer", "/labels", label).await.id();
    step();
    assert_eq!(world.delete("maintainer", &format!("/labels/{label}")).await.status, 200);
    step();
    assert_eq!(world.put("admin", "/configurations", json!({ "banner_message": "hi" })).await.status, 200);
    step();
    assert_eq!(world.delete("developer", "/projects/new").await.status, 200);
    world
}

const EXPECTED: [&str; 9] = [
    "developer delete_project new well",
    "admin update_configuration system well",
    "maintainer delete_label l well",
    "maintainer create_label l well",
    "chief update_member stranger well",
    "guest create_member team failed",
    "chief create_member team failed",
    "chief create_member stranger well",
    "developer create_project new well",
];

#[tokio::test]
async fn every_change_is_written_down_with_who_and_what() {
    let world = busy().await;
    let log = world.get("admin", "/auditlog-exts").await;
    assert_eq!(lines(&log.json()), EXPECTED);
    assert_eq!(log.header("x-total-count"), Some("9"));
    let first = &log.json()[8];
    assert_eq!(first["operation_description"], "create project new");
    assert_eq!(first["op_time"], "2096-10-02T07:06:40.000Z");
    assert!(first["id"].as_u64().unwrap() < 1 << 53);
    // The older form.
    let old = world.get("admin", "/audit-logs?page_size=1").await.json();
    assert_eq!((&old[0]["operation"], old[0].get("operation_result")), (&json!("delete"), None));
}

#[tokio::test]
async fn a_project_admin_sees_his_part_and_others_nothing() {
    let world = busy().await;
    let of_team = [
        "maintainer delete_label l well",
        "maintainer create_label l well",
        "chief update_member stranger well",
        "chief create_member team failed",
        "chief create_member stranger well",
    ];
    for path in ["/projects/team/auditlog-exts", "/auditlog-exts"] {
        for who in ["chief", OF_TEAM] {
            assert_eq!(lines(&world.get(who, path).await.json()), of_team, "{path} as {who}");
        }
    }
    for who in ["maintainer", "stranger"] {
        assert_eq!(world.get(who, "/auditlog-exts").await.json(), json!([]), "{who}");
        assert_eq!(world.get(who, "/projects/team/auditlog-exts").await.status, 403, "{who}");
    }
    assert_eq!(world.get(NOBODY, "/auditlog-exts").await.status, 401);
    assert_eq!(world.get("chief", "/projects/team/logs").await.json().as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn the_log_can_be_searched() {
    let world = busy().await;
    for (query, expected) in [
        ("q=username=admin", vec![EXPECTED[1]]),
        ("q=operation=create,resource_type=member,operation_result=true", vec![EXPECTED[7]]),
        ("q=operation_result=false&sort=op_time", vec![EXPECTED[6], EXPECTED[5]]),
        ("q=op_time=[~2096-10-02 07:07:40]", vec![EXPECTED[7], EXPECTED[8]]),
        ("q=op_time=[2096-10-02 07:13:40~2096-10-02 07:13:59]", vec![EXPECTED[1]]),
        ("q=op_time=[2097-01-01 00:00:00~]", vec![]),
        ("page=2&page_size=8", vec![EXPECTED[8]]),
    ] {
        let path = format!("/auditlog-exts?{}", query.replace(' ', "%20"));
        assert_eq!(lines(&world.get("admin", &path).await.json()), expected, "{query}");
    }
    assert_eq!(world.get("admin", "/auditlog-exts?q=description=x").await.status, 400);
}

#[tokio::test]
async fn whoever_has_not_signed_in_fills_no_log() {
    let world = World::new().await;
    world.post(NOBODY, "/projects", json!({ "project_name": "new" })).await;
    world.delete(NOBODY, "/projects/team").await;
    let wrong = super::world::basic("admin", "wrong");
    world.send("DELETE", "/api/v2.0/projects/team", &[("authorization", &wrong)], "").await;
    world.delete("stranger", "/robots/99").await;
    assert_eq!(world.get("admin", "/auditlog-exts").await.json(), json!([]));
}

#[tokio::test]
async fn the_names_of_events_are_harbors() {
    let world = World::new().await;
    let events = world.get("stranger", "/auditlog-exts/events").await.column("event_type");
    for known in [
        "create_project",
        "update_project",
        "delete_project",
        "create_user",
        "update_user",
        "delete_user",
        "create_robot",
        "delete_robot",
        "update_configuration",
        "create_member",
        "update_member",
        "delete_member",
        "login_user",
        "pull_artifact",
        "create_artifact",
        "delete_artifact",
    ] {
        assert!(events.iter().any(|event| event == known), "{known}");
    }
}
