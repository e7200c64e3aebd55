//! What somebody finds who looks.

use std::thread;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::process::{PASSWORD, Registry, words};

/// Does one of everything; answers what the log of the project must have then, from the oldest on.
fn live(registry: &Registry) -> Vec<String> {
    registry.set_up();
    let digest = registry.push("1");
    let token = registry.token("repository:team/app:pull,push");
    let with_token = |method, path: &str| {
        registry.request(method, path).header("authorization", &token).send().expect("an answer")
    };
    assert_eq!(with_token(Method::GET, "/v2/team/app/manifests/1").status(), 200);
    assert_eq!(with_token(Method::POST, "/v2/team/app/blobs/uploads/").status(), 403);
    let wrong = registry.request(Method::GET, "/token?account=ann").basic_auth("ann", Some("wrongMarker"));
    assert_eq!(wrong.send().expect("an answer").status(), 401);
    let login = registry.request(Method::GET, "/token?account=ann").basic_auth("ann", Some(PASSWORD));
    assert_eq!(login.send().expect("an answer").status(), 200);
    let delete = registry.request(Method::DELETE, "/v2/team/app/manifests/1");
    assert_eq!(delete.basic_auth("admin", Some(&registry.password)).send().expect("an answer").status(), 202);
    let by_digest = format!("/v2/team/app/manifests/{digest}");
    assert_eq!(with_token(Method::GET, &by_digest).status(), 200);
    [
        "admin create project team",
        "admin create member ann",
        "admin create artifact team/app:1",
        "ann pull artifact team/app:1",
        "ann create artifact team/app",
        "admin delete tag team/app:1",
        &format!("ann pull artifact team/app@{digest}"),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Entries follow their answers: looks until they are there.
fn until<T>(look: impl Fn() -> T, is_there: impl Fn(&T) -> bool) -> T {
    for _ in 0..3000 {
        let found = look();
        if is_there(&found) {
            return found;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("a minute passed")
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// [audit-no-secret]
#[test]
fn audit_everything_that_counts_is_shown_exported_and_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.jsonl");
    let registry =
        Registry::start(&folder.path().join("data"), &["--audit-log", &file.display().to_string()]);
    let password = registry.password.clone();
    let expected = live(&registry);

    let all = |value: &Value| value.as_array().expect("a list").iter().map(words).collect::<Vec<_>>();
    let logs = until(
        || registry.shown(&password, "/projects/team/logs?page_size=100"),
        |found| found.as_array().is_some_and(|found| found.len() >= expected.len()),
    );
    assert_eq!(sorted(all(&logs)), sorted(expected.clone()));
    let of_project = registry.export(&password, "/projects/team/logs/export");
    assert_eq!(sorted(of_project.iter().map(words).collect()), sorted(expected.clone()));
    let refused = of_project.iter().find(|entry| entry["resource"] == "team/app").expect("the refused push");
    assert_eq!((&refused["succeeded"], &refused["status"]), (&Value::Bool(false), &Value::from(403)));

    // The rest belongs to no project.
    let mut everything = expected;
    everything
        .extend(["admin create user ann", "ann login user ann", "ann login user ann"].map(str::to_owned));
    let export =
        until(|| registry.export(&password, "/auditlogs/export"), |found| found.len() >= everything.len());
    assert_eq!(sorted(export.iter().map(words).collect()), sorted(everything.clone()));
    let logins: Vec<&Value> = export.iter().filter(|entry| entry["operation"] == "login").collect();
    assert_eq!(logins.iter().filter(|entry| entry["succeeded"] == true).count(), 1);
    let failed = registry.shown(&password, "/auditlog-exts?q=operation=login,operation_result=false");
    assert_eq!(all(&failed), ["ann login user ann"]);

    // The file has the same, and neither has a secret.
    let text = std::fs::read_to_string(&file).expect("the file");
    let lines = text.lines().map(|line| words(&serde_json::from_str(line).expect("JSON")));
    assert_eq!(sorted(lines.collect()), sorted(everything));
    let exported = serde_json::to_string(&export).expect("JSON");
    for secret in [password.as_str(), PASSWORD, "wrongMarker", "Bearer", "eyJ"] {
        assert!(!text.contains(secret) && !exported.contains(secret), "{secret}");
    }
}

#[test]
fn audit_an_open_registry_has_its_file_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("audit.jsonl"));
    std::fs::create_dir(&data).expect("a folder");
    std::fs::write(data.join("known"), "").expect("a mark");
    let registry = Registry::start(&data, &["--open", "--audit-log", &file.display().to_string()]);
    registry.push("1");
    assert_eq!(
        registry.request(Method::GET, "/v2/team/app/manifests/1").send().expect("an answer").status(),
        200
    );
    let text = std::fs::read_to_string(&file).expect("the file");
    let lines: Vec<String> =
        text.lines().map(|line| words(&serde_json::from_str(line).expect("JSON"))).collect();
    assert_eq!(lines, [" create artifact team/app:1", " pull artifact team/app:1"]);
}
