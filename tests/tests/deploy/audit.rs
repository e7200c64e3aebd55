//! The audit log of the production stack: lines of the functions' logs, through a subscription, into the table.

use berth_tests::sha256_digest;
use reqwest::Method;
use serde_json::{Value, json};

use crate::management::{ask, make};
use crate::push::{Repository, send};
use crate::stack::{Stack, wait_for};

/// The project's log in words, as `admin` sees it.
fn log(stack: &Stack, project: &str) -> Vec<String> {
    let path = format!("projects/{project}/auditlog-exts?page_size=100");
    let entries: Value = ask(stack, Method::GET, &path, None).json().expect("JSON");
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let words = |entry: &Value| {
        let result = if entry["operation_result"] == true { "well" } else { "failed" };
        format!(
            "{} {} {} {result}",
            text(entry, "operation"),
            text(entry, "resource_type"),
            text(entry, "resource")
        )
    };
    entries.as_array().expect("a list").iter().map(words).collect()
}

#[test]
fn what_the_registry_function_answers_reaches_the_log_once() {
    let stack = Stack::guarded();
    let (project, name) = ("audit-deployed", "audit-deployed/app");
    make(stack, "projects", json!({ "project_name": project }));
    let token = stack.bearer(name);
    let repository = Repository { berth: &stack.berth, name, credentials: Some(&token) };
    let layer = b"written down";
    repository.push_blob(layer);
    repository.push_manifest("v1", &[layer]);
    repository.pull_manifest("v1");
    assert_eq!(send(repository.request(Method::DELETE, "manifests/v1")).status(), 202);

    let expected = [
        format!("create project {project} well"),
        format!("create artifact {name}:v1 well"),
        format!("pull artifact {name}:v1 well"),
        format!("delete tag {name}:v1 well"),
    ];
    let found = wait_for("the entries", || {
        // The emulator reads what a function logs late along with its next request.
        repository.blob_status(&sha256_digest(layer));
        let found = log(stack, project);
        (found.len() >= expected.len()).then_some(found)
    });
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    assert_eq!(sorted(found), sorted(expected.to_vec()));
}
