//! Bodies that ask for more than their operation gives, and paths that reach from one project into another.

use berth_projects::{Action, Permission, Resource, Role, Scope};
use serde_json::json;

use super::world::{ALL, OF_TEAM, World, basic};

#[tokio::test]
async fn a_new_user_is_nothing_but_a_user() {
    let world = World::new().await;
    let body = json!({
        "username": "eve", "email": "eve@example.org", "realname": "Eve", "password": "Password1", "comment": "",
        "has_admin_role": true, "sysadmin_flag": true, "admin_role_in_auth": true, "is_admin": true, "user_id": 1,
        "id": 1, "role_id": 1, "groups": [1], "oidc_user_meta": { "subiss": "x" }, "source": "ldap",
    });
    let id = world.post("admin", "/users", body).await.id();
    assert_ne!(id, 1);
    let eve = world.directory.users().get("eve").await.unwrap().unwrap();
    assert!(!eve.is_admin && eve.groups.is_empty() && eve.subject.is_none());
    assert_eq!(eve.source, berth_identity::users::Source::Local);
    // The password that was sent is hers.
    let headers = [("authorization", basic("eve", "Password1"))];
    let headers = [("authorization", headers[0].1.as_str())];
    let current = world.send("GET", "/api/v2.0/users/current", &headers, "").await.json();
    assert_eq!((&current["user_id"], &current["sysadmin_flag"]), (&json!(id), &json!(false)));
}

#[tokio::test]
async fn a_profile_is_not_a_way_to_rights() {
    let world = World::new().await;
    let guest = world.users["guest"].clone();
    let body = json!({
        "email": "new@example.org", "realname": "New", "comment": "c", "sysadmin_flag": true, "is_admin": true,
        "user_id": 1, "username": "admin", "password": "Password2", "groups": [1],
    });
    assert_eq!(world.put("guest", &format!("/users/{}", guest.id), body).await.status, 200);
    let changed = world.directory.users().get("guest").await.unwrap().unwrap();
    assert_eq!(changed.full_name, "New");
    assert_eq!((changed.id, changed.is_admin, &changed.groups), (guest.id, false, &vec![]));
    assert!(changed.password == guest.password);
    assert_eq!(
        world
            .put("guest", &format!("/users/{}/sysadmin", guest.id), json!({ "sysadmin_flag": true }))
            .await
            .status,
        403
    );
    assert_eq!(world.put("guest", "/users/1", json!({})).await.status, 403);
}

#[tokio::test]
async fn a_project_keeps_its_number_its_name_and_its_maker() {
    let world = World::new().await;
    let body = json!({
        "project_name": "mine", "name": "mine", "project_id": 99, "owner_id": 7, "owner_name": "eve", "deleted": true,
        "current_user_role_id": 1, "metadata": { "public": "true", "no_such_setting": "x", "retention_id": "" },
    });
    assert_eq!(world.put("chief", "/projects/team", body).await.status, 200);
    let project = world.get("chief", "/projects/team").await.json();
    assert_eq!((&project["project_id"], &project["name"]), (&json!(world.team.id), &json!("team")));
    assert_eq!((&project["owner_name"], &project["owner_id"]), (&json!("admin"), &json!(1)));
    assert_eq!(project["metadata"], json!({ "public": "true" }));
    assert_eq!(world.get("admin", "/projects/mine").await.status, 404);
    for (body, status) in [
        (json!({ "metadata": { "public": "perhaps" } }), 400),
        (json!({ "metadata": { "public": true } }), 400),
        (json!({ "metadata": { "retention_id": "7" } }), 400),
        (json!({ "cve_allowlist": { "project_id": 99, "items": [] } }), 400),
        (json!({ "cve_allowlist": { "items": [{ "cve_id": "CVE-1" }] } }), 501),
        (json!({ "cve_allowlist": { "items": [] } }), 200),
    ] {
        let reply = world.put("chief", "/projects/team", body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
    for (body, status) in [
        (json!({ "project_name": "Bad Name" }), 400),
        (json!({ "project_name": "" }), 400),
        (json!({ "project_name": "x", "metadata": { "retention_id": "1" } }), 400),
        (json!({ "project_name": "x", "registry_id": 0 }), 400),
        (json!({ "project_name": "x", "registry_id": 1 }), 501),
        (json!({ "project_name": "x", "storage_limit": 5, "owner_id": 3, "project_id": 1 }), 201),
    ] {
        let reply = world.post("admin", "/projects", body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
    assert_eq!(
        world.post("stranger", "/projects", json!({ "project_name": "y", "registry_id": 1 })).await.status,
        403
    );
}

#[tokio::test]
async fn a_label_stays_where_it_is() {
    let world = World::new().await;
    let label = json!({ "name": "l", "scope": "p", "project_id": world.team.id });
    let id = world.post("maintainer", "/labels", label).await.id();
    let body =
        json!({ "id": 77, "name": "new", "color": "#fff", "scope": "g", "project_id": world.other.id });
    assert_eq!(world.put("maintainer", &format!("/labels/{id}"), body).await.status, 200);
    let label = world.get("maintainer", &format!("/labels/{id}")).await.json();
    assert_eq!(
        (&label["id"], &label["name"], &label["scope"], &label["project_id"]),
        (&json!(id), &json!("new"), &json!("p"), &json!(world.team.id))
    );
    // A global one is not made by giving it a project.
    let global = json!({ "name": "g", "scope": "g", "project_id": world.team.id });
    assert_eq!(world.post("maintainer", "/labels", global).await.status, 403);
    for (body, status) in [
        (json!({ "name": "", "scope": "p", "project_id": 1 }), 400),
        (json!({ "name": "a".repeat(129), "scope": "p", "project_id": 1 }), 400),
        (json!({ "name": "x", "scope": "x" }), 400),
        (json!({ "name": "x", "scope": "p" }), 403),
        (json!({ "name": "x", "scope": "p", "project_id": world.other.id }), 403),
        (json!({ "name": "x", "scope": "p", "project_id": -1 }), 400),
    ] {
        let reply = world.post("maintainer", "/labels", body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
}

#[tokio::test]
async fn what_belongs_to_another_project_is_not_there() {
    let mut world = World::new().await;
    let (team, other) = (world.team.clone(), world.other.clone());
    // In `other`, where the chief of `team` is a guest: a member, a robot and a label.
    let member = world.member(&other, "stranger", Role::Developer).await;
    let right = (Resource::Repository, Action::Pull);
    let robot = world
        .robot("r", Some(&other), vec![Permission { scope: Scope::Project(other.id), rights: vec![right] }])
        .await;
    let robot = world.robots[&robot];
    let label = json!({ "name": "l", "scope": "p", "project_id": other.id });
    let label = world.post("admin", "/labels", label).await.id();
    for who in ["chief", "admin", ALL, OF_TEAM] {
        for path in [format!("/projects/team/members/{member}"), format!("/projects/team/robots/{robot}")] {
            assert_eq!(world.get(who, &path).await.status, 404, "{path} as {who}");
            assert_eq!(world.delete(who, &path).await.status, 404, "{path} as {who}");
        }
    }
    let role = json!({ "role_id": 1 });
    assert_eq!(world.put("chief", &format!("/projects/team/members/{member}"), role).await.status, 404);
    let access = json!([{ "resource": "repository", "action": "push" }]);
    let change = json!({ "level": "project", "name": "r", "duration": -1,
        "permissions": [{ "kind": "project", "namespace": "team", "access": access }] });
    assert_eq!(
        world.put("chief", &format!("/projects/team/robots/{robot}"), change.clone()).await.status,
        404
    );
    // By its own path, a guest sees the robot and cannot change it.
    assert_eq!(world.put("chief", &format!("/robots/{robot}"), change.clone()).await.status, 403);
    assert_eq!(world.ask("chief", "PATCH", &format!("/robots/{robot}"), Some(json!({}))).await.status, 403);
    assert_eq!(world.delete("chief", &format!("/labels/{label}")).await.status, 403);
    // Whoever has no part in that project sees nothing at all.
    for path in [format!("/robots/{robot}"), format!("/labels/{label}")] {
        for who in ["developer", "stranger-to-be", OF_TEAM] {
            let who = if who == "stranger-to-be" { "guest" } else { who };
            for method in ["GET", "PUT", "DELETE"] {
                let body = (method == "PUT").then(|| json!({}));
                let reply = world.ask(who, method, &path, body).await;
                let missing = path.replace(&robot.to_string(), "9999").replace(&label.to_string(), "9999");
                assert_eq!(reply.status, 404, "{method} {path} as {who}, like {missing}");
            }
        }
    }
    // A robot does not move into another project.
    assert_eq!(world.put("admin", &format!("/robots/{robot}"), change).await.status, 400);
    let still = world.directory.robots().get_by_id(robot).await.unwrap().unwrap();
    assert_eq!(still.permissions[0].scope, Scope::Project(other.id));
    assert!(world.projects.member(other.id, member).await.unwrap().is_some());
    assert!(world.projects.member(team.id, member).await.unwrap().is_none());
}

#[tokio::test]
async fn the_system_is_not_reached_through_a_project() {
    let mut world = World::new().await;
    let team = world.team.clone();
    let system = world
        .robot(
            "ops",
            None,
            vec![Permission { scope: Scope::System, rights: vec![(Resource::User, Action::Delete)] }],
        )
        .await;
    let id = world.robots[&system];
    for who in ["chief", OF_TEAM, "admin"] {
        for method in ["GET", "DELETE"] {
            let reply = world.ask(who, method, &format!("/projects/{}/robots/{id}", team.id), None).await;
            assert_eq!(reply.status, 404, "{method} as {who}");
        }
    }
    assert_eq!(world.get("chief", &format!("/robots/{id}")).await.status, 404);
    assert_eq!(world.get("chief", "/robots").await.status, 403);
    assert_eq!(world.get("chief", "/robots?q=Level=system").await.status, 403);
    assert_eq!(world.get("chief", "/robots?q=Level=project,ProjectID=2").await.status, 200);
    assert_eq!(world.get("developer", "/robots?q=Level=project,ProjectID=2").await.status, 403);
    for (query, status) in [("Level=project", 400), ("Level=x", 400), ("Level=project,ProjectID=x", 400)] {
        assert_eq!(world.get("admin", &format!("/robots?q={query}")).await.status, status, "{query}");
    }
    // The condition that was checked and the one that is applied are the same.
    let both = world.get("chief", "/robots?q=Level=project,ProjectID=1,ProjectID=2,Level=system").await;
    assert_eq!((both.status, both.json()), (200, json!([])));
}

#[tokio::test]
async fn a_robot_that_manages_users_makes_nobody_an_administrator() {
    let world = World::new().await;
    let (admin, stranger) = (world.users["admin"].id, world.users["stranger"].id);
    let flag = json!({ "sysadmin_flag": true });
    assert_eq!(world.put(ALL, &format!("/users/{stranger}/sysadmin"), flag).await.status, 403);
    let password = json!({ "new_password": "Password2" });
    assert_eq!(world.put(ALL, &format!("/users/{admin}/password"), password.clone()).await.status, 403);
    let profile = json!({ "email": "a@example.org", "realname": "a" });
    assert_eq!(world.put(ALL, &format!("/users/{admin}"), profile).await.status, 403);
    assert_eq!(world.delete(ALL, &format!("/users/{admin}")).await.status, 403);
    assert_eq!(world.put(ALL, &format!("/users/{stranger}/password"), password).await.status, 200);
    // Nobody takes himself away, and the first administrator stays.
    assert_eq!(world.delete("admin", &format!("/users/{admin}")).await.status, 403);
    let no = json!({ "sysadmin_flag": false });
    assert_eq!(world.put("admin", &format!("/users/{admin}/sysadmin"), no).await.status, 403);
}
