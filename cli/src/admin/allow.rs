//! What a robot may do, as it is written on the command line.

use std::str::FromStr;

use serde_json::{Value, json};

/// Harbor's actions.
const ACTIONS: [&str; 11] =
    ["*", "create", "delete", "list", "operate", "pull", "push", "read", "scanner-pull", "stop", "update"];
/// What belongs to no project. Of what is both in projects and outside of them, a robot of the system gets that outside.
const OF_SYSTEM: [&str; 19] = [
    "audit-log",
    "catalog",
    "garbage-collection",
    "jobservice-monitor",
    "label",
    "ldap-user",
    "preheat-instance",
    "purge-audit",
    "quota",
    "registry",
    "replication",
    "replication-adapter",
    "replication-policy",
    "robot",
    "scan-all",
    "scanner",
    "security-hub",
    "system-volumes",
    "user",
];

/// One right: `resource:action`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Right {
    resource: String,
    action: String,
}

impl FromStr for Right {
    type Err = String;

    /// `pull` and `push` are those of repositories.
    fn from_str(text: &str) -> Result<Self, String> {
        let (resource, action) = match text {
            "pull" | "push" => ("repository", text),
            _ => text.split_once(':').ok_or_else(|| {
                format!("{text:?} is no right: write RESOURCE:ACTION, as in tag:delete, or pull or push")
            })?,
        };
        let is_resource = !resource.is_empty()
            && resource.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'*');
        if !is_resource {
            return Err(format!("{resource:?} is no resource, such as repository, artifact or tag"));
        }
        if !ACTIONS.contains(&action) {
            return Err(format!("{action:?} is no action; those are {}", ACTIONS.join(", ")));
        }
        Ok(Self { resource: resource.to_owned(), action: action.to_owned() })
    }
}

impl Right {
    fn is_of_system(&self) -> bool {
        let is_of_all = self.resource == "project" && ["create", "list"].contains(&self.action.as_str());
        is_of_all || self.resource == "user-group" || OF_SYSTEM.contains(&self.resource.as_str())
    }
}

/// The permissions of a robot: in its project, or else in the system and in all projects.
pub(super) fn permissions(project: Option<&str>, rights: &[Right]) -> Value {
    let access = |of: &dyn Fn(&Right) -> bool| {
        let mut access: Vec<Value> = Vec::new();
        for right in rights.iter().filter(|right| of(right)) {
            let entry = json!({ "resource": right.resource, "action": right.action });
            if !access.contains(&entry) {
                access.push(entry);
            }
        }
        access
    };
    let permissions = match project {
        Some(project) => vec![("project", project, access(&|_| true))],
        None => vec![
            ("system", "/", access(&Right::is_of_system)),
            ("project", "*", access(&|right| !right.is_of_system())),
        ],
    };
    let permissions = permissions.into_iter().filter(|(.., access)| !access.is_empty());
    permissions
        .map(|(kind, namespace, access)| json!({ "kind": kind, "namespace": namespace, "access": access }))
        .collect()
}

/// All rights of a robot in one line: `team: repository:pull,repository:push`.
pub(super) fn rights_of(robot: &Value) -> String {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let right = |access: &Value| format!("{}:{}", text(&access["resource"]), text(&access["action"]));
    let permission = |permission: &Value| {
        let rights: Vec<String> = list(&permission["access"]).iter().map(right).collect();
        format!("{}: {}", text(&permission["namespace"]), rights.join(","))
    };
    list(&robot["permissions"]).iter().map(permission).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(texts: &[&str]) -> Vec<Right> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn rights_are_resource_and_action_with_two_short_forms() {
        for (text, resource, action) in [
            ("pull", "repository", "pull"),
            ("push", "repository", "push"),
            ("repository:pull", "repository", "pull"),
            ("tag:delete", "tag", "delete"),
            ("artifact-label:create", "artifact-label", "create"),
            ("scan:*", "scan", "*"),
        ] {
            let expected = Right { resource: resource.to_owned(), action: action.to_owned() };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in
            ["", "delete", "repository", ":pull", "repository:", "repository:fetch", "Repo:pull", "a b:pull"]
        {
            assert!(text.parse::<Right>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_robot_of_a_project_reaches_into_it_alone() {
        let expected = json!([{ "kind": "project", "namespace": "team", "access": [
            { "resource": "repository", "action": "pull" },
            { "resource": "robot", "action": "list" },
        ] }]);
        assert_eq!(permissions(Some("team"), &rights(&["pull", "robot:list", "repository:pull"])), expected);
    }

    #[test]
    fn a_robot_of_the_system_reaches_into_all_projects() {
        let entry = |resource: &str, action: &str| json!({ "resource": resource, "action": action });
        let expected = json!([
            { "kind": "system", "namespace": "/", "access": [entry("project", "create"), entry("user-group", "list")] },
            { "kind": "project", "namespace": "*", "access": [entry("repository", "push"), entry("project", "read")] },
        ]);
        let rights = rights(&["push", "project:create", "project:read", "user-group:list"]);
        assert_eq!(permissions(None, &rights), expected);
        let robot = json!({ "permissions": permissions(None, &rights) });
        assert_eq!(rights_of(&robot), "/: project:create,user-group:list; *: repository:push,project:read");
    }
}
