use std::cell::RefCell;
use std::io;

use clap::Parser;
use serde_json::{Value, json};

use super::fake::{Fake, Reply, Seen};
use super::*;

#[derive(Debug, Parser)]
struct Program {
    #[command(flatten)]
    admin: Admin,
}

fn parse(line: &str) -> Result<Admin, clap::Error> {
    let words = ["berth"].into_iter().chain(line.split_whitespace());
    Program::try_parse_from(words).map(|program| program.admin)
}

#[test]
fn command_lines_that_are_right() {
    for line in [
        "project list",
        "project create team --public",
        "project show team",
        "project set team public=true severity=high",
        "project delete team --registry r.test:1 --plain-http --retries 2",
        "--registry r.test project list --json",
        "member list team",
        "member add team --user ann --role project-admin",
        "member add team --group devs --role limited-guest",
        "member set team ann --role maintainer",
        "member set team ann --role guest --group",
        "member remove team ann",
        "user list --username admin --password-stdin",
        "user create ann --email ann@r.test",
        "user create ann --email ann@r.test --full-name Ann --generate --quiet",
        "user create ann --email ann@r.test --generate --json",
        "user admin ann true",
        "user password ann --generate",
        "user delete ann",
        "robot list",
        "robot list --project team",
        "robot create ci --project team --allow pull,push --allow tag:delete --days 90",
        "robot create ci --allow pull --days -1 -q",
        "robot create ci --allow pull --days=never",
        "robot renew robot$team+ci --quiet",
        "robot disable ci",
        "robot enable ci",
        "robot delete team+ci",
        "token list",
        "token list --user ann --json",
        "token create laptop",
        "token create laptop --days 365 -q",
        "token delete laptop",
        "token delete laptop --user ann",
        "audit export",
        "audit export --project team --from 2026-11-05T06:07:08Z --until 2026-11-06T00:00:00Z",
    ] {
        parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

#[test]
fn command_lines_that_are_wrong() {
    for line in [
        "",
        "project",
        "project create",
        "project create ..",
        "project set team",
        "project set team public",
        "project list --registry https://r.test",
        "project list --username ann",
        "member add team --role guest",
        "member add team --user ann --group devs --role guest",
        "member add team --user ann",
        "member add team --user ann --role owner",
        "member set team ann --role guest --user --group",
        "user create ann",
        "user create ann --email a@r.test --password secret1",
        "user create ann --email a@r.test --quiet",
        "user create ann --email a@r.test --generate --quiet --json",
        "user admin ann",
        "user admin ann perhaps",
        "robot create ci",
        "token create",
        "token create laptop --days 0",
        "token create laptop --days 366",
        "token create laptop --user ann",
        "robot create ci --allow fetch",
        "robot create ci --allow pull --days 0",
        "robot create ci --allow pull --quiet --json",
        "robot renew",
        "group list",
    ] {
        let error = parse(line).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
        assert!(!error.to_string().contains("secret1"), "{error}");
    }
}

thread_local! {
    static SHOWN: RefCell<String> = const { RefCell::new(String::new()) };
}

fn write(line: &str) -> io::Result<()> {
    use std::fmt::Write;
    SHOWN.with_borrow_mut(|shown| writeln!(shown, "{line}")).map_err(io::Error::other)
}

/// What was printed.
async fn run(fake: &Fake, line: &str) -> String {
    let admin = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    let show = Show::new(admin.target.json, write);
    let ended = admin.noun.run(&fake.api(true), show).await;
    ended.unwrap_or_else(|error| panic!("{line}: {error}"));
    SHOWN.take()
}

/// A small registry.
fn registry(seen: &Seen) -> Reply {
    let metadata = json!({ "public": "true", "severity": "high" });
    let project = json!({ "name": "team", "project_id": 7, "repo_count": 2, "metadata": metadata });
    let member = |id: u64, name: &str, kind: &str, role: u64| json!({ "id": id, "entity_name": name, "entity_type": kind, "role_id": role });
    let user = json!({ "user_id": 4, "username": "bob", "email": "bob@r.test", "realname": "Bob", "sysadmin_flag": false });
    let robot = |id: u64, name: &str| {
        json!({ "id": id, "name": name, "disable": false, "expires_at": -1, "level": "project",
            "permissions": [{ "kind": "project", "namespace": "team", "access": [{ "resource": "repository", "action": "pull" }] }] })
    };
    let path = seen.line.split('?').next().unwrap_or_default().replace("/api/v2.0", "");
    let body = match path.as_str() {
        "GET /projects" => json!([project]),
        "GET /projects/team" => project,
        "GET /projects/team/members" => {
            json!([member(1, "bob", "u", 2), member(2, "bobby", "u", 3), member(3, "devs", "g", 6)])
        }
        "GET /usergroups/search" => {
            json!([{ "id": 8, "group_name": "devs2" }, { "id": 9, "group_name": "devs" }])
        }
        "GET /users" => json!([user]),
        "GET /users/1" => json!({ "user_id": 1, "username": "admin" }),
        "GET /users/current" => json!({ "user_id": 3, "username": "ann" }),
        "GET /robots" if seen.line.contains("ProjectID%3D7") => json!([robot(5, "robot$team+ci")]),
        "GET /robots" => json!([robot(6, "robot$ci")]),
        "GET /robots/5" => robot(5, "robot$team+ci"),
        "POST /robots" => {
            json!({ "id": 10, "name": "robot$team+new", "secret": "shown-once", "expires_at": 86_400 })
        }
        "PATCH /robots/5" => json!({ "secret": "shown-again" }),
        _ => return (if seen.line.starts_with("GET") { 404 } else { 200 }, None, String::new()),
    };
    (200, None, body.to_string())
}

#[tokio::test]
async fn commands_ask_the_api_for_what_they_are_told() {
    let access = |actions: &[&str]| -> Value {
        actions.iter().map(|action| json!({ "resource": "repository", "action": action })).collect()
    };
    let table: [(&str, &str, Value); 21] = [
        (
            "project create team",
            "POST /projects",
            json!({ "project_name": "team", "metadata": { "public": "false" } }),
        ),
        (
            "project create team --public",
            "POST /projects",
            json!({ "project_name": "team", "metadata": { "public": "true" } }),
        ),
        (
            "project set team public=1 severity=High",
            "PUT /projects/team",
            json!({ "metadata": { "public": "1", "severity": "High" } }),
        ),
        ("project delete team", "DELETE /projects/team", Value::Null),
        (
            "member add team --user bob --role developer",
            "POST /projects/team/members",
            json!({ "role_id": 2, "member_user": { "username": "bob" } }),
        ),
        (
            "member add team --group devs --role guest",
            "POST /projects/team/members",
            json!({ "role_id": 3, "member_group": { "id": 9 } }),
        ),
        ("member set team bob --role maintainer", "PUT /projects/team/members/1", json!({ "role_id": 4 })),
        ("member remove team devs", "DELETE /projects/team/members/3", Value::Null),
        ("user admin bob true", "PUT /users/4/sysadmin", json!({ "sysadmin_flag": true })),
        ("user admin ann false", "PUT /users/3/sysadmin", json!({ "sysadmin_flag": false })),
        ("user admin admin true", "PUT /users/1/sysadmin", json!({ "sysadmin_flag": true })),
        ("user delete bob", "DELETE /users/4", Value::Null),
        (
            "token create laptop --days 30",
            "POST /users/3/cli-tokens",
            json!({ "name": "laptop", "duration": 30 }),
        ),
        ("token delete laptop --user bob", "DELETE /users/4/cli-tokens/laptop", Value::Null),
        ("robot renew team+ci", "PATCH /robots/5", json!({ "secret": "" })),
        ("robot renew robot$team+ci --quiet", "PATCH /robots/5", json!({ "secret": "" })),
        ("robot delete ci", "DELETE /robots/6", Value::Null),
        ("robot delete robot$ci", "DELETE /robots/6", Value::Null),
        ("robot delete team+ci", "DELETE /robots/5", Value::Null),
        (
            "robot create new --project team --allow pull,push",
            "POST /robots",
            json!({ "name": "new", "level": "project", "description": "", "duration": 30, "disable": false,
                "permissions": [{ "kind": "project", "namespace": "team", "access": access(&["pull", "push"]) }] }),
        ),
        (
            "robot create new --allow pull --days never --description all",
            "POST /robots",
            json!({ "name": "new", "level": "system", "description": "all", "duration": -1, "disable": false,
                "permissions": [{ "kind": "project", "namespace": "*", "access": access(&["pull"]) }] }),
        ),
    ];
    for (line, request, body) in table {
        let fake = Fake::start(registry).await;
        run(&fake, line).await;
        let changes: Vec<Seen> =
            fake.seen().into_iter().filter(|seen| !seen.line.starts_with("GET")).collect();
        assert_eq!(changes.len(), 1, "{line}: {changes:?}");
        assert_eq!(changes[0].line.replace("/api/v2.0", ""), request, "{line}");
        assert_eq!(changes[0].body, body, "{line}");
    }
}

#[tokio::test]
async fn a_setting_that_the_registry_passes_over_is_a_failure() {
    let fake = Fake::start(registry).await;
    let noun = parse("project set team publik=true").unwrap().noun;
    let error = noun.run(&fake.api(true), Show::new(false, write)).await.unwrap_err();
    assert!(error.to_string().starts_with("IGNORED: the registry has not set publik"), "{error}");
}

#[tokio::test]
async fn robots_are_changed_as_a_whole() {
    let fake = Fake::start(registry).await;
    run(&fake, "robot disable team+ci").await;
    let change = fake.seen().pop().expect("a request");
    assert_eq!(change.line, "PUT /api/v2.0/robots/5");
    assert_eq!((&change.body["disable"], &change.body["name"]), (&json!(true), &json!("robot$team+ci")));
    assert_eq!(change.body["permissions"][0]["namespace"], "team");
}

#[tokio::test]
async fn generated_passwords_are_sent_and_shown() {
    let fake = Fake::start(registry).await;
    let shown = run(&fake, "user password ann --generate --quiet").await;
    let change = fake.seen().pop().expect("a request");
    assert_eq!(change.line, "PUT /api/v2.0/users/3/password");
    assert_eq!(change.body, json!({ "new_password": shown.trim_end(), "old_password": "Secret1" }));
    run(&fake, "user password bob --generate --quiet").await;
    assert_eq!(fake.seen().pop().expect("a request").body["old_password"], Value::Null);

    let shown = run(&fake, "user create bob --email bob@r.test --generate --json").await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let seen = fake.seen();
    let made = seen.iter().find(|seen| seen.line.starts_with("POST")).expect("a request");
    let expected =
        json!({ "username": "bob", "email": "bob@r.test", "realname": "bob", "password": shown["password"] });
    assert_eq!((&made.body, &shown["user_id"]), (&expected, &json!(4)));
}

#[tokio::test]
async fn results_are_tables_or_what_the_api_says() {
    let fake = Fake::start(registry).await;
    for (line, expected) in [
        (
            "project list",
            "NAME  PUBLIC  REPOSITORIES  OWNER  CREATED\nteam  yes     2             -      -\n",
        ),
        (
            "member list team",
            "NAME   KIND   ROLE\nbob    user   developer\nbobby  user   guest\ndevs   group  -\n",
        ),
        (
            "robot list --project team",
            "NAME           STATE    EXPIRES  RIGHTS\nrobot$team+ci  enabled  never    team: repository:pull\n",
        ),
        ("robot create new --allow pull --quiet", "shown-once\n"),
        (
            "robot create new --allow pull",
            "NAME            SECRET      EXPIRES\nrobot$team+new  shown-once  1970-01-02\n",
        ),
        ("robot renew team+ci", "NAME           SECRET       EXPIRES\nrobot$team+ci  shown-again  never\n"),
        ("project delete team", "project team is deleted\n"),
        ("project delete team --json", ""),
    ] {
        assert_eq!(run(&fake, line).await, expected, "{line}");
    }
    let members: Value = serde_json::from_str(&run(&fake, "member list team --json").await).unwrap();
    assert_eq!(members[2], json!({ "id": 3, "entity_name": "devs", "entity_type": "g", "role_id": 6 }));
}

#[tokio::test]
async fn what_is_not_there_is_said_before_anything_is_changed() {
    let fake = Fake::start(registry).await;
    for (line, expected) in [
        ("member remove team bo", "NOT_FOUND: there is no member bo of team"),
        ("member remove team devs --user", "NOT_FOUND: there is no member devs of team"),
        ("member add team --group dev --role guest", "NOT_FOUND: there is no group dev"),
        ("user delete carol", "NOT_FOUND: there is no user carol"),
        ("robot delete team+x", "NOT_FOUND: there is no robot team+x"),
        ("robot delete other+ci", "404 Not Found"),
    ] {
        let noun = parse(line).unwrap().noun;
        let error = noun.run(&fake.api(true), Show::new(false, write)).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{line}: {error}");
        assert_eq!(error.code(), 1);
    }
    assert!(fake.seen().iter().all(|seen| seen.line.starts_with("GET")));
}
