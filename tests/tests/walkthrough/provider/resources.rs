//! What the provider sends for each of its resources, and what it keeps of the answers.

use serde_json::{Value, json};

use crate::api::PASSWORD;

/// What the provider does with one resource.
pub(super) struct Resource {
    /// What it is called in a configuration.
    pub(super) kind: &'static str,
    /// Where it is made.
    pub(super) path: String,
    pub(super) made: Value,
    /// What the provider keeps of an answer: the fields here. The rest is not its business.
    pub(super) state: Value,
    /// What is sent for a change, below the resource's own path, in order.
    pub(super) changes: Vec<(&'static str, Value)>,
    pub(super) changed: Value,
}

pub(super) fn project(name: &str) -> Resource {
    let body = |public: &str, severity: &str| {
        json!({
            "project_name": name, "cve_allowlist": {}, "storage_limit": -1,
            "metadata": {
                "auto_scan": "true", "public": public, "severity": severity, "prevent_vul": "false",
                "reuse_sys_cve_allowlist": "true",
            },
        })
    };
    let state = |public: &str, severity: &str| {
        json!({
            "name": name,
            "metadata": {
                "auto_scan": "true", "public": public, "severity": severity, "prevent_vul": "false",
                "reuse_sys_cve_allowlist": "true",
            },
        })
    };
    Resource {
        kind: "harbor_project",
        path: "/projects".to_owned(),
        made: body("false", "low"),
        state: state("false", "low"),
        changes: vec![("", body("true", "high"))],
        changed: state("true", "high"),
    }
}

pub(super) fn user(name: &str) -> Resource {
    let email = format!("{name}@example.org");
    let body = |full_name: &str, password: &str, is_admin: bool| {
        json!({
            "username": name, "email": email, "realname": full_name, "comment": "managed", "password": password,
            "new_password": password, "sysadmin_flag": is_admin,
        })
    };
    let changed = body("Changed", "Another1pw", true);
    let state = |full_name: &str, is_admin: bool| {
        json!({
            "username": name, "email": email, "realname": full_name, "comment": "managed",
            "sysadmin_flag": is_admin,
        })
    };
    Resource {
        kind: "harbor_user",
        path: "/users".to_owned(),
        made: body("Made", PASSWORD, false),
        state: state("Made", false),
        changes: vec![("", changed.clone()), ("/sysadmin", changed)],
        changed: state("Changed", true),
    }
}

pub(super) fn robot(level: &str, namespace: &str) -> Resource {
    let full_name = if level == "project" { format!("robot${namespace}+ci") } else { "robot$ci".to_owned() };
    let access = |action: &str| json!({ "action": action, "resource": "repository", "effect": "allow" });
    let robot = |name: &str, description: &str, actions: &[&str]| {
        let access: Vec<Value> = actions.iter().map(|action| access(action)).collect();
        json!({
            "name": name, "description": description, "disable": false, "duration": -1, "level": level,
            "permissions": [{ "kind": "project", "namespace": namespace, "access": access }],
        })
    };
    Resource {
        kind: "harbor_robot_account",
        path: "/robots".to_owned(),
        made: robot("ci", "", &["pull"]),
        state: robot(&full_name, "", &["pull"]),
        // The name as it was read.
        changes: vec![("", robot(&full_name, "changed", &["pull", "push"]))],
        changed: robot(&full_name, "changed", &["pull", "push"]),
    }
}

pub(super) fn label(project_id: Option<u64>) -> Resource {
    let scope = if project_id.is_some() { "p" } else { "g" };
    let label = |description: &str| {
        json!({
            "name": "managed", "description": description, "color": "#00AB9A", "scope": scope,
            "project_id": project_id.unwrap_or(0),
        })
    };
    Resource {
        kind: "harbor_label",
        path: "/labels".to_owned(),
        made: label("made"),
        state: label("made"),
        changes: vec![("", label("changed"))],
        changed: label("changed"),
    }
}

pub(super) fn member(path: String, who: &str, body: &Value, name: &str, entity_type: &str) -> Resource {
    let member = |role: u64| json!({ "role_id": role, who: body });
    let state = |role: u64| json!({ "role_id": role, "entity_name": name, "entity_type": entity_type });
    Resource {
        kind: "harbor_project_member",
        path,
        made: member(3),
        state: state(3),
        changes: vec![("", member(4))],
        changed: state(4),
    }
}

pub(super) fn group() -> Resource {
    let group = |name: &str| json!({ "group_name": name, "group_type": 3 });
    Resource {
        kind: "harbor_group",
        path: "/usergroups".to_owned(),
        made: group("builders"),
        state: group("builders"),
        changes: vec![("", group("makers"))],
        changed: group("makers"),
    }
}
