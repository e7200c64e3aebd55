//! Secrets are in no answer: everything that can be read is read, by whoever may read most.

use serde_json::{Value, json};

use super::world::{PASSWORD, World};
use crate::router::routes;

#[tokio::test]
async fn no_get_shows_a_secret() {
    let world = World::new().await;
    // Also what was chosen, which is kept in another way.
    let user = json!({ "username": "eve", "email": "eve@example.org", "realname": "Eve", "password": "Chosen-Pw-1" });
    let user = world.post("admin", "/users", user).await.id();
    let robot = world.robots["robot$team+own"];
    world.ask("admin", "PATCH", &format!("/robots/{robot}"), Some(json!({ "secret": "Chosen-Rs-1" }))).await;
    let label = json!({ "name": "l", "scope": "p", "project_id": 1 });
    let label = world.post("admin", "/labels", label).await.id();
    let group = world.post("admin", "/usergroups", json!({ "group_name": "g", "group_type": 3 })).await.id();
    world.put("admin", &format!("/users/{user}/password"), json!({ "new_password": "Chosen-Pw-2" })).await;
    let configured = json!({ "ldap_search_password": "Chosen-Ld-1", "oidc_client_secret": "Chosen-Oi-1" });
    assert_eq!(world.put("admin", "/configurations", configured).await.status, 200);
    let mut forbidden: Vec<String> = world.secrets().cloned().collect();
    for text in [
        PASSWORD,
        "Chosen-Pw-1",
        "Chosen-Pw-2",
        "Chosen-Rs-1",
        "Chosen-Ld-1",
        "Chosen-Oi-1",
        "argon2",
        "sha256:",
        "$v=19$",
    ] {
        forbidden.push(text.to_owned());
    }
    let mut read = 0;
    for route in routes().filter(|route| route.verb.is_safe()) {
        let fill = |part: &str| match part {
            "{project_name_or_id}" | "{project_name}" => "team".to_owned(),
            "{robot_id}" => robot.to_string(),
            "{label_id}" => label.to_string(),
            "{user_id}" => user.to_string(),
            "{group_id}" => group.to_string(),
            "{meta_name}" => "public".to_owned(),
            "{id}" | "{mid}" => "1".to_owned(),
            other => other.replace(['{', '}'], ""),
        };
        let path: Vec<String> = route.path.split('/').map(fill).collect();
        let query = match route.operation {
            "ListLabels" => "scope=p&project_id=1&",
            "ListRobot" => "q=Level=project,ProjectID=1&",
            "searchUsers" => "username=e&",
            "searchUserGroups" => "groupname=g&",
            "search" => "q=t&",
            "getCurrentUserPermissions" => "scope=/project/1&",
            _ => "",
        };
        if route.is_whole() {
            continue;
        }
        let reply = world.get("admin", &format!("{}?{query}page_size=100", path.join("/"))).await;
        // No digest of an artifact is read here, so that this is a hash of a secret.
        for secret in &forbidden {
            assert!(!reply.body.contains(secret.as_str()), "{}: {secret} in {}", route.operation, reply.body);
        }
        if reply.status == 200 && !reply.body.is_empty() && route.operation != "getPing" {
            read += 1;
            // An export is a document a line.
            let is_export = ["exportAuditLogs", "exportLogs"].contains(&route.operation);
            let documents = if is_export { reply.body.lines().collect() } else { vec![reply.body.as_str()] };
            for document in documents.into_iter().filter(|_| route.operation != "getOpenApi") {
                names(&serde_json::from_str(document).unwrap(), route.operation);
            }
        }
    }
    assert!(read > 35, "only {read} answers were looked at");
}

/// No field is called as a secret is.
fn names(value: &Value, operation: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.to_lowercase();
                for word in ["password", "secret", "hash", "salt", "token_value"] {
                    assert!(!name.contains(word), "{operation} has {name}");
                }
                names(value, operation);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, operation)),
        _ => {}
    }
}

#[tokio::test]
async fn the_audit_log_knows_of_changes_and_not_of_secrets() {
    let world = World::new().await;
    let user = json!({ "username": "eve", "email": "eve@example.org", "realname": "Eve", "password": "Chosen-Pw-1" });
    let id = world.post("admin", "/users", user).await.id();
    world.put("admin", &format!("/users/{id}/password"), json!({ "new_password": "Chosen-Pw-2" })).await;
    let robot = world.robots["robot$team+own"];
    world.ask("chief", "PATCH", &format!("/robots/{robot}"), Some(json!({ "secret": "Chosen-Rs-1" }))).await;
    world.put("eve", &format!("/users/{id}/password"), json!({ "old_password": "Wrong-Pw-1" })).await;
    let configured = json!({ "ldap_search_password": "Chosen-Ld-1", "oidc_client_secret": ["Chosen-Oi-1"] });
    assert_eq!(world.put("admin", "/configurations", configured).await.status, 400);
    let configured = json!({ "ldap_search_password": "Chosen-Ld-1" });
    assert_eq!(world.put("admin", "/configurations", configured).await.status, 200);
    let log = world.get("admin", "/auditlog-exts?page_size=100").await;
    assert!(log.body.contains("update configuration: ldap_search_password"), "{}", log.body);
    assert!(log.json().as_array().unwrap().len() >= 3);
    let lines = world.told.lines();
    assert!(lines.len() >= 3);
    for secret in ["Chosen-Ld-1", "Chosen-Oi-1", "Chosen-Pw-1", "Chosen-Pw-2", "Chosen-Rs-1", "Wrong-Pw-1"] {
        assert!(!log.body.contains(secret), "{}", log.body);
        assert!(lines.iter().all(|line| !line.to_json().contains(secret)), "{lines:?}");
    }
}
