//! Every route, as everybody: let in, or refused in the right way.

use berth_projects::{Action, Permission, Resource, Role, Scope};
use serde_json::{Value, json};

use super::needs::table;
use super::world::{ALL, NOBODY, OF_OTHER, OF_TEAM, PEOPLE, PULLER, Reply, World, role};
use crate::route::Route;
use crate::router::routes;

/// What became of a request, as far as access is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    In,
    /// 401.
    SignIn,
    /// 403.
    Forbidden,
    /// 404: there is no such thing for him.
    Hidden,
}

/// The things that requests name: a project and what belongs to it, and a user.
struct Things {
    project_id: u64,
    robot: u64,
    label: u64,
    /// Without a part in anything.
    user: u64,
    project: &'static str,
}

impl Things {
    async fn of(world: &mut World) -> Self {
        let pull = Permission {
            scope: Scope::Project(world.team.id),
            rights: vec![(Resource::Repository, Action::Pull)],
        };
        let team = world.team.clone();
        let name = world.robot("thing", Some(&team), vec![pull]).await;
        let label = json!({ "name": "thing", "scope": "p", "project_id": team.id });
        Self {
            robot: world.robots[&name],
            label: world.post("admin", "/labels", label).await.id(),
            user: world.users["stranger"].id,
            project: "team",
            project_id: team.id,
        }
    }

    fn path(&self, route: &Route) -> String {
        let fill = |part: &str| match part {
            "{project_name_or_id}" | "{project_name}" => self.project.to_owned(),
            "{robot_id}" => self.robot.to_string(),
            "{label_id}" => self.label.to_string(),
            "{user_id}" => self.user.to_string(),
            "{meta_name}" => "auto_scan".to_owned(),
            "{repository_name}" => "a%252Fb".to_owned(),
            "{reference}" => "latest".to_owned(),
            other if other.starts_with('{') => "99".to_owned(),
            other => other.to_owned(),
        };
        let parts: Vec<String> = route.full_path().split('/').map(fill).collect();
        let query = match route.operation {
            "headProject" => "?project_name=open".to_owned(),
            "ListLabels" => format!("?scope=p&project_id={}", self.project_id),
            "ListRobot" => format!("?q=Level%3Dproject,ProjectID%3D{}", self.project_id),
            _ => String::new(),
        };
        format!("{}{query}", parts.join("/"))
    }

    /// A body that says where and nothing that makes sense besides, so that what is let in changes as little as possible.
    fn body(&self, route: &Route) -> Option<Value> {
        match (route.operation, route.verb.as_str()) {
            (_, "GET" | "HEAD" | "DELETE") => None,
            ("CreateLabel", _) => Some(json!({ "scope": "p", "project_id": self.project_id })),
            ("CreateRobot", _) => {
                let access = json!([{ "resource": "repository", "action": "pull" }]);
                let permission = json!({ "kind": "project", "namespace": self.project, "access": access });
                Some(json!({ "level": "project", "permissions": [permission] }))
            }
            _ => Some(json!({})),
        }
    }
}

fn everybody() -> impl Iterator<Item = &'static str> {
    [NOBODY].into_iter().chain(PEOPLE).chain([ALL, OF_TEAM, OF_OTHER, PULLER])
}

/// Refusals at the door have these words alone; handlers that refuse say why.
fn access(reply: &Reply, hidden: &str) -> Access {
    match reply.status {
        401 => {
            assert_eq!(reply.error(), ("UNAUTHORIZED".to_owned(), "unauthorized".to_owned()));
            Access::SignIn
        }
        403 if reply.error() == ("FORBIDDEN".to_owned(), "forbidden".to_owned()) => Access::Forbidden,
        404 if reply.error().1 == hidden => Access::Hidden,
        _ => Access::In,
    }
}

fn right(resource: &str, action: &str) -> (Resource, Action) {
    (resource.parse().unwrap(), action.parse().unwrap())
}

/// Whether somebody has a right in the system.
fn in_system(who: &str, right: (Resource, Action)) -> bool {
    who == "admin" || who == ALL && Permission::system_catalogue().any(|known| known == right)
}

/// Whether somebody has a right in `team`, which is private.
fn in_team(who: &str, right: (Resource, Action)) -> bool {
    let is_given = || Permission::project_catalogue().any(|known| known == right);
    match who {
        "admin" => true,
        ALL | OF_TEAM => is_given(),
        PULLER => right == (Resource::Repository, Action::Pull),
        _ => role(who).is_some_and(|role: Role| role.allows(right.0, right.1)),
    }
}

/// What should become of a request about `team` and what is in it.
fn expected(who: &str, need: &str) -> Access {
    let words: Vec<&str> = need.split(' ').collect();
    if words[0] == "anyone" {
        return Access::In;
    }
    if who == NOBODY {
        return Access::SignIn;
    }
    let let_in = |is_allowed: bool| if is_allowed { Access::In } else { Access::Forbidden };
    match words.as_slice() {
        ["signed-in"] => Access::In,
        ["nobody"] => Access::Forbidden,
        ["system", resource, action] => let_in(in_system(who, right(resource, action))),
        // What is named is in `team`.
        ["project" | "named", resource, action] => let_in(in_team(who, right(resource, action))),
        [kind @ ("robot" | "label"), action] => {
            if in_team(who, right(kind, "read")) {
                let_in(in_team(who, right(kind, action)))
            } else {
                Access::Hidden
            }
        }
        ["self-or", action] => let_in(who == "stranger" || in_system(who, right("user", action))),
        ["user", action] => let_in(in_system(who, right("user", action))),
        other => panic!("{other:?}"),
    }
}

async fn ask(world: &World, who: &str, route: &Route, things: &Things) -> Reply {
    if let Some(path) = things.path(route).strip_prefix("/api/v2.0") {
        return world.ask(who, route.verb.as_str(), path, things.body(route)).await;
    }
    let authorization = world.authorization(who).unwrap_or_default();
    let headers = [("authorization", authorization.as_str())];
    let headers = if authorization.is_empty() { &headers[..0] } else { &headers[..] };
    world.send(route.verb.as_str(), &route.full_path(), headers, "").await
}

#[tokio::test]
async fn every_route_lets_everybody_in_who_may_and_nobody_else() {
    let table = table();
    for route in routes() {
        let need = table[route.operation];
        let mut world = World::new().await;
        let mut things = Things::of(&mut world).await;
        for who in everybody() {
            let reply = ask(&world, who, route, &things).await;
            let path = things.path(route);
            let hidden = match need.split(' ').next() {
                Some("robot") => format!("robot {} not found", things.robot),
                Some("label") => format!("label {} not found", things.label),
                _ => "hidden".to_owned(),
            };
            let found = if reply.body.is_empty() { Access::In } else { access(&reply, &hidden) };
            assert_eq!(
                found,
                expected(who, need),
                "{} {path} ({need}) as {who:?}: {} {}",
                route.verb.as_str(),
                reply.status,
                reply.body
            );
            assert!(reply.status < 500 || reply.status == 501, "{path}: {}", reply.body);
            // What was removed must be there for the next one.
            if !route.verb.is_safe() && reply.status < 300 {
                world = World::new().await;
                things = Things::of(&mut world).await;
            }
        }
    }
}

/// The column of Harbor's matrix for everybody in a public project: `C` create, `R` read, `L` list.
const PUBLIC: [(Resource, &str); 11] = [
    (Resource::Project, "read"),
    (Resource::Label, "read list"),
    (Resource::Repository, "list pull"),
    (Resource::Scan, "read"),
    (Resource::Scanner, "read"),
    (Resource::Artifact, "read list"),
    (Resource::ArtifactAddition, "read"),
    (Resource::Tag, "list"),
    (Resource::Accessory, "list"),
    (Resource::Member, ""),
    (Resource::Log, ""),
];

#[tokio::test]
async fn a_public_project_is_open_to_everybody_as_far_as_harbor_opens_it() {
    let table = table();
    let world = World::new().await;
    let things = Things { project: "open", project_id: world.open.id, robot: 99, label: 99, user: 99 };
    for route in routes() {
        let words: Vec<&str> = table[route.operation].split(' ').collect();
        let ["project", resource, action] = words.as_slice() else { continue };
        let (resource, action) = right(resource, action);
        let is_open = PUBLIC.iter().any(|(known, actions)| {
            *known == resource && actions.split(' ').any(|known| known == action.as_str())
        });
        let path = things.path(route);
        for (who, refused) in
            [(NOBODY, Access::SignIn), ("stranger", Access::Forbidden), (PULLER, Access::Forbidden)]
        {
            let reply = ask(&world, who, route, &things).await;
            let found = if reply.body.is_empty() { Access::In } else { access(&reply, "hidden") };
            let expected = if is_open { Access::In } else { refused };
            assert_eq!(found, expected, "{path} as {who:?}: {} {}", reply.status, reply.body);
        }
    }
}

#[tokio::test]
async fn a_project_that_is_not_there_looks_like_one_that_is_hidden() {
    let world = World::new().await;
    for path in ["", "/members", "/summary", "/_deletable", "/robots"] {
        for (hidden, missing) in [("other", "nothing"), (world.other.id.to_string().as_str(), "4711")] {
            for who in [NOBODY, "stranger", "guest", OF_TEAM] {
                let hidden = world.get(who, &format!("/projects/{hidden}{path}")).await;
                let missing = world.get(who, &format!("/projects/{missing}{path}")).await;
                assert_eq!(
                    (hidden.status, &hidden.body),
                    (missing.status, &missing.body),
                    "{path} as {who:?}"
                );
                assert_eq!(hidden.status, if who == NOBODY { 401 } else { 403 });
            }
            for who in ["admin", ALL] {
                assert_eq!(world.get(who, &format!("/projects/{missing}{path}")).await.status, 404, "{path}");
            }
        }
    }
    // By its name alone, whether it exists or not.
    for name in ["other", "nothing", "No_Name"] {
        assert_eq!(
            world.ask("stranger", "HEAD", &format!("/projects?project_name={name}"), None).await.status,
            404
        );
        assert_eq!(
            world.ask(NOBODY, "HEAD", &format!("/projects?project_name={name}"), None).await.status,
            401
        );
    }
    assert_eq!(world.ask("guest", "HEAD", "/projects?project_name=team", None).await.status, 200);
    assert_eq!(world.ask(NOBODY, "HEAD", "/projects?project_name=open", None).await.status, 200);
    assert_eq!(world.ask("admin", "HEAD", "/projects", None).await.status, 422);
}

#[tokio::test]
async fn wrong_credentials_are_not_nobody() {
    let world = World::new().await;
    for header in ["Basic ???", "Bearer abc", "Basic", "", &super::world::basic("guest", "wrong")] {
        for path in ["/api/v2.0/projects", "/api/v2.0/ping", "/api/v2.0/users/current"] {
            let reply = world.send("GET", path, &[("authorization", header)], "").await;
            assert_eq!(reply.status, 401, "{header} {path}");
            assert_eq!(reply.header("www-authenticate"), None, "a browser would ask its user");
        }
    }
}

#[tokio::test]
async fn too_many_wrong_passwords_are_told_when_to_come_again() {
    let world = World::new().await;
    let wrong = super::world::basic("guest", "wrong");
    for _ in 0..10 {
        let reply = world.send("GET", "/api/v2.0/users/current", &[("authorization", &wrong)], "").await;
        assert_eq!(reply.status, 401);
    }
    // Also the right one, from there.
    let reply = world.get("guest", "/users/current").await;
    assert_eq!((reply.status, reply.error().0.as_str()), (429, "TOO_MANY_REQUEST"));
    let secs: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    world.memory.clock().advance(std::time::Duration::from_secs(secs));
    assert_eq!(world.get("guest", "/users/current").await.status, 200);
}

#[tokio::test]
async fn a_cookie_proves_nothing() {
    let world = World::new().await;
    let headers = [("cookie", "sid=admin"), ("content-type", "application/json")];
    let body = r#"{"project_name":"new"}"#;
    assert_eq!(world.send("POST", "/api/v2.0/projects", &headers, body).await.status, 401);
    assert_eq!(world.send("GET", "/api/v2.0/users/current", &headers, "").await.status, 401);
}
