//! `berth admin`, against a registry with users.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use berth_tests::{Berth, Mode, Recipe};
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::place::{Finished, Place, finish, finish_with};

/// More than one page of the API holds.
const MANY: usize = 105;

/// The one registry with users that all of these tests share. Each test has projects, users and robots of its own.
fn registry() -> &'static Berth {
    static REGISTRY: OnceLock<Berth> = OnceLock::new();
    REGISTRY.get_or_init(|| Berth::start_with_users(Mode::Gateway))
}

/// `berth admin` by the first administrator.
fn command(place: &Place, line: &str) -> Command {
    let mut command = place.berth(["admin"].into_iter().chain(line.split_whitespace()));
    command.env("BERTH_REGISTRY", registry().host());
    command.env("BERTH_USERNAME", "admin").env("BERTH_PASSWORD", registry().admin_password());
    command
}

fn admin(place: &Place, line: &str) -> Finished {
    finish(&mut command(place, line))
}

/// A push as somebody.
fn push(place: &Place, folder: &Path, name: &str, who: (&str, &str)) -> Finished {
    let mut command = place.berth(["push", "--retries=1"]);
    command.arg(folder).arg(format!("{}/{name}:v1", registry().host()));
    finish(command.env("BERTH_USERNAME", who.0).env("BERTH_PASSWORD", who.1))
}

fn log_in(place: &Place, username: &str, password: &str) -> Finished {
    let arguments = ["login", "--username", username, "--password-stdin", registry().host()];
    finish_with(&mut place.berth(arguments), password)
}

#[test]
fn cli_projects_are_made_changed_and_deleted() {
    let place = Place::new();
    let made = admin(&place, "project create cli-project").succeeds();
    assert!(made.stdout.lines().any(|line| line.split_whitespace().eq(["name", "cli-project"])), "{made:?}");
    assert!(made.stdout.lines().any(|line| line.split_whitespace().eq(["public", "false"])), "{made:?}");
    admin(&place, "project create cli-project --public").fails(1, "CONFLICT: ");

    let changed = admin(&place, "project set cli-project public=true severity=high --json").succeeds().json();
    assert_eq!(changed["metadata"]["public"], "true", "{changed}");
    assert_eq!(changed["metadata"]["severity"], "high", "{changed}");
    let shown = admin(&place, "project show cli-project --json").succeeds().json();
    assert_eq!((&shown["name"], &shown["metadata"]["severity"]), (&json!("cli-project"), &json!("high")));
    admin(&place, "project set cli-project public=perhaps").fails(1, "BAD_REQUEST: ");
    admin(&place, "project set cli-project publik=true").fails(1, "IGNORED: the registry has not set publik");

    let listed = admin(&place, "project list").succeeds();
    assert!(listed.stdout.starts_with("NAME"), "{listed:?}");
    let row =
        listed.stdout.lines().find(|line| line.starts_with("cli-project ")).expect("the project is listed");
    assert_eq!(row.split_whitespace().nth(1), Some("yes"), "{row}");

    admin(&place, "project delete cli-project").succeeds();
    admin(&place, "project show cli-project").fails(1, "NOT_FOUND: ");
    admin(&place, "project delete cli-project").fails(1, "NOT_FOUND: ");
}

#[test]
fn cli_lists_are_followed_from_page_to_page() {
    let place = Place::new();
    let password = registry().admin_password();
    let make = |number: usize| -> Response {
        let request = registry().client().post(registry().url("/api/v2.0/projects"));
        let body = json!({ "project_name": format!("cli-many-{number:03}") });
        request.basic_auth("admin", Some(&password)).json(&body).send().expect("an answer")
    };
    for number in 0..MANY {
        assert_eq!(make(number).status(), 201, "{}", registry().log_tail());
    }
    let listed = admin(&place, "project list --json").succeeds().json();
    let names = listed.as_array().expect("a list").iter().filter_map(|project| project["name"].as_str());
    let mut names: Vec<&str> = names.filter(|name| name.starts_with("cli-many-")).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), MANY);
    let rows = admin(&place, "project list").succeeds();
    assert_eq!(rows.stdout.lines().filter(|line| line.starts_with("cli-many-")).count(), MANY);
}

#[test]
fn cli_members_have_roles_that_hold() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli members"));
    admin(&place, "project create cli-members").succeeds();
    let made =
        admin(&place, "user create cli-member --email cli-member@r.test --generate --quiet").succeeds();
    let (password, name) = (made.stdout, "cli-members/app");
    assert_eq!((password.lines().count(), made.stderr.as_str()), (1, ""));
    let push = || push(&place, layout.folder(), name, ("cli-member", &password));

    push().fails(4, "");
    let added = admin(&place, "member add cli-members --user cli-member --role guest").succeeds();
    let row = added.stdout.lines().last().expect("a row");
    assert!(row.split_whitespace().eq(["cli-member", "user", "guest"]), "{added:?}");
    admin(&place, "member add cli-members --user cli-member --role guest").fails(1, "CONFLICT: ");
    push().fails(4, "");
    for (role, id) in [("limited-guest", 5), ("project-admin", 1), ("maintainer", 4), ("developer", 2)] {
        let line = format!("member set cli-members cli-member --role {role} --json");
        assert_eq!(admin(&place, &line).succeeds().json()["role_id"], id, "{role}");
    }
    push().succeeds();
    let listed = admin(&place, "member list cli-members").succeeds();
    let is_listed = |line: &str| line.split_whitespace().eq(["cli-member", "user", "developer"]);
    assert!(listed.stdout.lines().any(is_listed), "{listed:?}");

    admin(&place, "member remove cli-members cli-member").succeeds();
    push().fails(4, "");
    admin(&place, "member remove cli-members cli-member")
        .fails(1, "NOT_FOUND: there is no member cli-member");
    admin(&place, "project delete cli-members").fails(1, "PRECONDITION: ");
}

#[test]
fn cli_users_are_made_changed_and_deleted() {
    let place = Place::new();
    let create = "user create cli-user --email cli-user@r.test --full-name Somebody";
    let made = finish_with(&mut command(&place, create), "Password1\n").succeeds();
    assert!(made.stdout.contains("Somebody") && !format!("{made:?}").contains("Password1"), "{made:?}");
    finish_with(&mut command(&place, create), "Password1\n").fails(1, "CONFLICT: ");
    let weak = "user create cli-weak --email cli-weak@r.test";
    finish_with(&mut command(&place, weak), "weak").fails(1, "BAD_REQUEST: ");
    log_in(&place, "cli-user", "Password1").succeeds();

    let listed = admin(&place, "user list --json").succeeds().json();
    let user = |listed: &Value| {
        let users = listed.as_array().expect("a list").iter();
        users.filter(|user| user["username"] == "cli-user").cloned().collect::<Vec<_>>()
    };
    assert_eq!((user(&listed).len(), &user(&listed)[0]["sysadmin_flag"]), (1, &json!(false)));
    for is_admin in [true, false] {
        let changed = admin(&place, &format!("user admin cli-user {is_admin} --json")).succeeds().json();
        assert_eq!(changed["sysadmin_flag"], is_admin);
    }

    finish_with(&mut command(&place, "user password cli-user"), "Password2").succeeds();
    log_in(&place, "cli-user", "Password1").fails(4, "wrong user name or password");
    log_in(&place, "cli-user", "Password2").succeeds();
    // Somebody changes his own.
    let mut own = command(&place, "user password cli-user --generate --quiet");
    let own = finish(own.env("BERTH_USERNAME", "cli-user").env("BERTH_PASSWORD", "Password2")).succeeds();
    log_in(&place, "cli-user", &own.stdout).succeeds();
    // He signed in above, so his are the credentials that are found.
    let mut list = place.berth(["admin", "user", "list", "--registry", registry().host()]);
    finish(&mut list).fails(1, "FORBIDDEN: ");

    admin(&place, "user delete cli-user").succeeds();
    log_in(&place, "cli-user", &own.stdout).fails(4, "wrong user name or password");
    admin(&place, "user delete cli-user").fails(1, "NOT_FOUND: there is no user cli-user");
}

#[test]
fn cli_robots_push_with_a_secret_that_is_shown_once() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli robots"));
    admin(&place, "project create cli-robots").succeeds();
    let create = "robot create ci --project cli-robots --allow pull,push --days 1";
    let made = admin(&place, &format!("{create} --quiet")).succeeds();
    assert_eq!((made.stdout.split_whitespace().count(), made.stderr.as_str()), (1, ""), "{made:?}");
    admin(&place, create).fails(1, "CONFLICT: ");
    let push =
        |secret: &str| push(&place, layout.folder(), "cli-robots/app", ("robot$cli-robots+ci", secret));
    push(&made.stdout).succeeds();

    let listed = admin(&place, "robot list --project cli-robots").succeeds();
    let row = listed.stdout.lines().last().expect("a row");
    assert!(row.starts_with("robot$cli-robots+ci  enabled"), "{listed:?}");
    assert!(row.ends_with("cli-robots: repository:pull,repository:push"), "{listed:?}");
    assert!(!listed.stdout.contains(&made.stdout), "{listed:?}");
    let of_system = admin(&place, "robot list --json").succeeds().json();
    assert!(
        of_system.as_array().expect("a list").iter().all(|robot| robot["level"] == "system"),
        "{of_system}"
    );

    let disabled = admin(&place, "robot disable cli-robots+ci --json").succeeds().json();
    assert_eq!(disabled["disable"], true);
    push(&made.stdout).fails(4, "401");
    admin(&place, "robot enable robot$cli-robots+ci").succeeds();
    push(&made.stdout).succeeds();

    let renewed = admin(&place, "robot renew cli-robots+ci --quiet").succeeds();
    assert_ne!(renewed.stdout, made.stdout);
    push(&renewed.stdout).succeeds();
    admin(&place, "robot delete cli-robots+ci").succeeds();
    push(&renewed.stdout).fails(4, "401");
    admin(&place, "robot delete cli-robots+ci").fails(1, "NOT_FOUND: there is no robot cli-robots+ci");
}

#[test]
fn cli_robots_of_the_system_reach_into_all_projects_and_no_further() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli system robot"));
    for project in ["cli-reach-1", "cli-reach-2"] {
        admin(&place, &format!("project create {project}")).succeeds();
    }
    let made =
        admin(&place, "robot create cli-reach --allow pull,push --days never --json").succeeds().json();
    let name = made["name"].as_str().expect("a name");
    let secret = made["secret"].as_str().expect("a secret");
    for project in ["cli-reach-1", "cli-reach-2"] {
        push(&place, layout.folder(), &format!("{project}/app"), (name, secret)).succeeds();
    }
    let mut create = command(&place, "project create cli-reach-3");
    let created = finish(create.env("BERTH_USERNAME", name).env("BERTH_PASSWORD", secret));
    assert_eq!(created.code, Some(1), "{created:?}");
    admin(&place, "robot create cli-reach --allow fetch").fails(2, "fetch");
    admin(&place, "robot create cli-never --allow robot:operate --project cli-reach-1")
        .fails(1, "BAD_REQUEST: ");
}

#[test]
fn cli_admin_failures_have_their_exit_codes() {
    let place = Place::new();
    let run = |line: &str| finish(&mut place.berth(["admin"].into_iter().chain(line.split_whitespace())));
    let host = registry().host();
    run(&format!("user list --registry {host}")).fails(1, &format!("berth login {host}"));
    let mut command =
        place.berth(["admin", "user", "list", "--username=admin", "--password-stdin", "--registry", host]);
    let refused = finish_with(&mut command, "Guessed1").fails(1, "UNAUTHORIZED: ");
    assert!(!refused.stderr.contains("Guessed1"), "{refused:?}");
    let mut command =
        place.berth(["admin", "user", "list", "--username=admin", "--password-stdin", "--registry", host]);
    finish_with(&mut command, &registry().admin_password()).succeeds();

    for (line, words) in [
        ("", "Usage"),
        ("project create", "NAME"),
        ("project set p public", "KEY=VALUE"),
        ("member add p --user u --role owner", "project-admin"),
        ("user create u --email u@r.test --password hidden", "--password"),
        ("user create u --email u@r.test --username=admin --password-stdin", "--generate"),
        ("robot create r", "--allow"),
    ] {
        let failed = run(line).fails(2, words);
        assert!(!failed.stderr.contains("hidden"), "{failed:?}");
    }
    let closed =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    run(&format!("project list --retries=0 --registry {closed}")).fails(5, "cannot be reached");
}
