//! Nobody hands on more than he has.

use berth_projects::{Action, Permission, Resource, Scope};
use serde_json::{Value, json};

use super::world::{ALL, OF_TEAM, PULLER, World, basic};

const PULL: (&str, &str) = ("repository", "pull");
const PUSH: (&str, &str) = ("repository", "push");

fn permission(kind: &str, namespace: &str, rights: &[(&str, &str)]) -> Value {
    let access: Vec<Value> =
        rights.iter().map(|(resource, action)| json!({ "resource": resource, "action": action })).collect();
    json!({ "kind": kind, "namespace": namespace, "access": access })
}

fn robot(name: &str, level: &str, permissions: &[Value]) -> Value {
    json!({ "name": name, "level": level, "duration": 30, "permissions": permissions })
}

#[tokio::test]
async fn a_project_admin_gives_what_a_project_admin_has_where_he_is_one() {
    let world = World::new().await;
    let all: Vec<(&str, &str)> = Permission::project_catalogue()
        .map(|(resource, action)| (resource.as_str(), action.as_str()))
        .collect();
    let reply = world
        .post("chief", "/robots", robot("full", "project", &[permission("project", "team", &all)]))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    for (body, status) in [
        // He is a guest there.
        (robot("a", "project", &[permission("project", "other", &[PULL])]), 403),
        (robot("a", "project", &[permission("project", "nothing", &[PULL])]), 403),
        (robot("a", "system", &[permission("project", "team", &[PULL])]), 403),
        (robot("a", "project", &[permission("project", "*", &[PULL])]), 403),
        (robot("a", "project", &[permission("system", "/", &[("user", "list")])]), 403),
        (
            robot(
                "a",
                "project",
                &[permission("project", "team", &[PULL]), permission("project", "other", &[PULL])],
            ),
            400,
        ),
        (robot("a", "project", &[permission("project", "team", &[("user", "list")])]), 400),
        (robot("a", "project", &[permission("project", "team", &[("repository", "*")])]), 400),
        (robot("a", "project", &[permission("project", "team", &[("repository", "scanner-pull")])]), 400),
        (robot("a", "project", &[permission("project", "team", &[])]), 400),
        (robot("a", "project", &[]), 400),
        (robot("A", "project", &[permission("project", "team", &[PULL])]), 400),
        (robot("a", "galaxy", &[permission("project", "team", &[PULL])]), 400),
    ] {
        let reply = world.post("chief", "/robots", body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
    for who in ["maintainer", "developer", "guest", "limited", "stranger"] {
        let body = robot("a", "project", &[permission("project", "team", &[PULL])]);
        assert_eq!(world.post(who, "/robots", body).await.status, 403, "{who}");
    }
}

#[tokio::test]
async fn a_robot_makes_robots_out_of_its_own_rights_alone() {
    let mut world = World::new().await;
    let (create, pull) = ((Resource::Robot, Action::Create), (Resource::Repository, Action::Pull));
    let team = world.team.clone();
    let narrow = world
        .robot(
            "narrow",
            Some(&team),
            vec![Permission { scope: Scope::Project(team.id), rights: vec![create, pull] }],
        )
        .await;
    let split = world
        .robot(
            "split",
            None,
            vec![
                Permission { scope: Scope::System, rights: vec![create] },
                Permission { scope: Scope::AllProjects, rights: vec![pull] },
                Permission {
                    scope: Scope::Project(team.id),
                    rights: vec![(Resource::Repository, Action::Push), create],
                },
            ],
        )
        .await;
    for (n, (who, body, status)) in [
        (narrow.as_str(), robot("x", "project", &[permission("project", "team", &[PULL])]), 201),
        (&narrow, robot("x", "project", &[permission("project", "team", &[PULL, PUSH])]), 403),
        (&narrow, robot("x", "project", &[permission("project", "other", &[PULL])]), 403),
        (&narrow, robot("x", "system", &[permission("project", "team", &[PULL])]), 403),
        (&split, robot("x", "system", &[permission("project", "*", &[PULL])]), 201),
        (&split, robot("x", "system", &[permission("project", "other", &[PULL])]), 201),
        // One from everywhere and one from here.
        (&split, robot("x", "project", &[permission("project", "team", &[PULL, PUSH])]), 201),
        (&split, robot("x", "system", &[permission("project", "*", &[PUSH])]), 403),
        (&split, robot("x", "system", &[permission("project", "other", &[PUSH])]), 403),
        (&split, robot("x", "system", &[permission("system", "/", &[("user", "list")])]), 403),
        (ALL, robot("x", "system", &[permission("system", "/", &[("user", "list")])]), 201),
        (PULLER, robot("x", "system", &[permission("project", "*", &[PULL])]), 403),
        (OF_TEAM, robot("x", "project", &[permission("project", "other", &[PULL])]), 403),
        ("admin", robot("x", "system", &[permission("project", "nothing", &[PULL])]), 404),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = body;
        body["name"] = json!(format!("x{n}"));
        let reply = world.post(who, "/robots", body.clone()).await;
        assert_eq!(reply.status, status, "{who} {body}: {}", reply.body);
        if status == 403 && reply.error().0 != "FORBIDDEN" {
            assert_eq!(reply.error().0, "DENIED");
        }
    }
}

#[tokio::test]
async fn a_change_gives_no_more_than_a_new_robot() {
    let world = World::new().await;
    let body = robot("ci", "project", &[permission("project", "team", &[PULL])]);
    let id = world.post("chief", "/robots", body).await.id();
    let path = format!("/robots/{id}");
    for (body, status) in [
        (robot("ci", "project", &[permission("project", "team", &[PULL, PUSH])]), 200),
        (robot("robot$team+ci", "project", &[permission("project", "team", &[PULL])]), 200),
        (robot("other", "project", &[permission("project", "team", &[PULL])]), 400),
        (robot("ci", "system", &[permission("project", "team", &[PULL])]), 400),
        (robot("ci", "project", &[permission("project", "other", &[PULL])]), 400),
        (robot("ci", "project", &[permission("project", "*", &[PULL])]), 400),
    ] {
        let reply = world.put("chief", &path, body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
    assert_eq!(world.put("maintainer", &path, json!({})).await.status, 403);
}

#[tokio::test]
async fn a_robot_makes_nobody_more_than_it_is_itself() {
    let mut world = World::new().await;
    let team = world.team.clone();
    let members =
        [Action::Create, Action::Update, Action::List, Action::Read].map(|action| (Resource::Member, action));
    let scope = Scope::Project(team.id);
    let clerk = world.robot("clerk", Some(&team), vec![Permission { scope, rights: members.to_vec() }]).await;
    let member = |role: u64| json!({ "role_id": role, "member_user": { "username": "stranger" } });
    for role in [1, 2, 4] {
        let reply = world.post(&clerk, "/projects/team/members", member(role)).await;
        assert_eq!((reply.status, reply.error().0.as_str()), (403, "DENIED"), "{role}");
    }
    // A robot with every right that robots have gives every role.
    let id = world.post(OF_TEAM, "/projects/team/members", member(3)).await.id();
    let path = format!("/projects/team/members/{id}");
    assert_eq!(world.put(&clerk, &path, json!({ "role_id": 1 })).await.status, 403);
    assert_eq!(world.put(OF_TEAM, &path, json!({ "role_id": 1 })).await.status, 200);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_the_old_one_ends() {
    let world = World::new().await;
    let body = json!({ "name": "ci", "level": "project", "duration": -1, "secret": "Chosen123",
        "permissions": [permission("project", "team", &[PULL])] });
    let reply = world.post("chief", "/robots", body).await;
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let made = reply.json();
    let (id, name) = (made["id"].as_u64().unwrap(), made["name"].as_str().unwrap());
    assert_eq!((name, &made["expires_at"]), ("robot$team+ci", &json!(-1)));
    let first = made["secret"].as_str().unwrap().to_owned();
    assert_ne!(first, "Chosen123");
    let signs_in = async |secret: &str| {
        let header = basic(name, secret);
        let path = "/api/v2.0/projects/team/repositories";
        world.send("GET", path, &[("authorization", header.as_str())], "").await.status != 401
    };
    assert!(signs_in(&first).await && !signs_in("Chosen123").await);
    let path = format!("/robots/{id}");
    let renewed = world.ask("chief", "PATCH", &path, Some(json!({}))).await;
    assert_eq!((renewed.status, renewed.header("cache-control")), (200, Some("no-store")));
    let second = renewed.json()["secret"].as_str().unwrap().to_owned();
    assert!(signs_in(&second).await && !signs_in(&first).await);
    for weak in ["short", "nouppercase1", "NOLOWERCASE1", "NoDigitsHere"] {
        let reply = world.ask("chief", "PATCH", &path, Some(json!({ "secret": weak }))).await;
        assert_eq!(reply.status, 400, "{weak}");
        assert!(reply.error().1.starts_with("the secret must be 8-128"), "{}", reply.body);
    }
    let chosen = world.ask("chief", "PATCH", &path, Some(json!({ "secret": "Chosen123" }))).await;
    assert_eq!((chosen.status, chosen.json()), (200, json!({ "secret": "" })));
    assert!(signs_in("Chosen123").await && !signs_in(&second).await);
    // Kept out, and gone.
    let off = json!({ "name": "ci", "level": "project", "duration": -1, "disable": true,
        "permissions": [permission("project", "team", &[PULL])] });
    assert_eq!(world.put("chief", &path, off).await.status, 200);
    assert!(!signs_in("Chosen123").await);
    assert_eq!(world.delete("chief", &path).await.status, 200);
    assert_eq!(world.get("chief", &path).await.status, 404);
}
