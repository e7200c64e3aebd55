//! The ways of Harbor's clients, from beginning to end, with the statuses of its description.

use serde_json::{Value, json};

use super::world::{World, basic};

#[tokio::test]
async fn a_project_from_its_making_to_its_end() {
    let world = World::new().await;
    let body = json!({ "project_name": "new", "metadata": { "public": "true", "auto_scan": "true", "severity": "high" },
        "storage_limit": -1 });
    let id = world.post("developer", "/projects", body).await.id();
    let path = format!("/projects/{id}");
    let project = world.get("developer", &path).await.json();
    assert_eq!(project["metadata"], json!({ "auto_scan": "true", "public": "true", "severity": "high" }));
    assert_eq!((&project["owner_name"], &project["current_user_role_id"]), (&json!("developer"), &json!(1)));
    assert_eq!(project["cve_allowlist"]["items"], json!([]));
    assert_eq!(world.put("developer", &path, json!({ "metadata": { "public": "false" } })).await.status, 200);
    assert_eq!(world.get("stranger", &path).await.status, 403);
    let summary = world.get("developer", &format!("{path}/summary")).await.json();
    assert_eq!((&summary["project_admin_count"], &summary["repo_count"]), (&json!(1), &json!(0)));
    assert_eq!(summary["quota"]["hard"]["storage"], -1);
    world.repository("new/app").await;
    let deletable = world.get("developer", &format!("{path}/_deletable")).await.json();
    assert_eq!(deletable["deletable"], false);
    let refused = world.delete("developer", &path).await;
    assert_eq!(
        (refused.status, refused.error()),
        (
            412,
            ("PRECONDITION".to_owned(), "the project contains repositories, can not be deleted".to_owned())
        )
    );
    let empty = world.post("developer", "/projects", json!({ "project_name": "empty" })).await.id();
    assert_eq!(
        world.get("developer", "/projects/empty/_deletable").await.json(),
        json!({ "deletable": true })
    );
    let access = json!([{ "resource": "repository", "action": "pull" }]);
    let robot = json!({ "name": "r", "level": "project", "duration": -1,
        "permissions": [{ "kind": "project", "namespace": "empty", "access": access }] });
    let robot = world.post("developer", "/robots", robot).await.json();
    let label = json!({ "name": "l", "scope": "p", "project_id": empty });
    let label = world.post("developer", "/labels", label).await.id();
    assert_eq!(world.delete("developer", "/projects/empty").await.status, 200);
    assert_eq!(world.get("admin", &format!("/projects/{empty}")).await.status, 404);
    // Its robots and labels go with it, and its name rests.
    let header = basic(robot["name"].as_str().unwrap(), robot["secret"].as_str().unwrap());
    assert_eq!(world.send("GET", "/api/v2.0/projects", &[("authorization", &header)], "").await.status, 401);
    assert_eq!(world.get("admin", &format!("/labels/{label}")).await.status, 404);
    let again = world.post("stranger", "/projects", json!({ "project_name": "empty" })).await;
    assert_eq!(again.status, 409);
    assert!(again.error().1.contains("was deleted"), "{}", again.body);
}

#[tokio::test]
async fn settings_one_at_a_time() {
    let world = World::new().await;
    let all = "/projects/team/metadatas";
    let one = "/projects/team/metadatas/auto_scan";
    assert_eq!(world.post("chief", all, json!({ "auto_scan": "true" })).await.status, 200);
    assert_eq!(world.post("chief", all, json!({ "auto_scan": "true" })).await.status, 409);
    assert_eq!(world.get("maintainer", one).await.json(), json!({ "auto_scan": "true" }));
    assert_eq!(world.put("chief", one, json!({ "auto_scan": "false" })).await.status, 200);
    assert_eq!(world.get("admin", all).await.json(), json!({ "auto_scan": "false", "public": "false" }));
    for (body, status) in [
        (json!({}), 400),
        (json!({ "public": "true", "auto_scan": "true" }), 400),
        (json!({ "retention_id": "1" }), 400),
        (json!({ "owner": "me" }), 400),
        (json!({ "severity": "awful" }), 400),
        (json!({ "public": "true" }), 409),
    ] {
        assert_eq!(world.post("chief", all, body.clone()).await.status, status, "{body}");
    }
    assert_eq!(world.put("chief", one, json!({ "auto_scan": "x" })).await.status, 400);
    assert_eq!(world.put("chief", one, json!({ "public": "true" })).await.status, 400);
    assert_eq!(world.delete("chief", one).await.status, 200);
    assert_eq!(world.delete("chief", one).await.status, 404);
    assert_eq!(world.get("maintainer", one).await.status, 404);
    assert_eq!(world.get("chief", "/projects/team").await.json()["metadata"], json!({ "public": "false" }));
}

#[tokio::test]
async fn a_member_comes_and_goes() {
    let world = World::new().await;
    let stranger = world.users["stranger"].id;
    let path = format!("/projects/{}/members", world.team.id);
    let id = world
        .post("chief", &path, json!({ "role_id": 2, "member_user": { "user_id": stranger } }))
        .await
        .id();
    let one = format!("{path}/{id}");
    let member = world.get("chief", &one).await.json();
    assert_eq!(
        member,
        json!({ "id": id, "project_id": world.team.id, "entity_name": "stranger", "role_name": "developer", "role_id": 2,
            "entity_id": stranger, "entity_type": "u" })
    );
    assert_eq!(world.get("stranger", "/projects/team").await.status, 200);
    assert_eq!(world.put("chief", &one, json!({ "role_id": 5 })).await.status, 200);
    assert_eq!(world.get("stranger", &path).await.status, 403);
    assert_eq!(world.delete("chief", &one).await.status, 200);
    assert_eq!(world.get("stranger", "/projects/team").await.status, 403);
    assert_eq!(world.get("chief", &one).await.status, 404);
    for (body, status) in [
        (json!({ "role_id": 2 }), 400),
        (json!({ "role_id": 9, "member_user": { "user_id": stranger } }), 400),
        (json!({ "role_id": 2, "member_user": { "user_id": 99 } }), 400),
        (json!({ "role_id": 2, "member_user": { "username": "nobody" } }), 404),
        (json!({ "role_id": 2, "member_group": { "id": 99 } }), 400),
        (json!({ "role_id": 2, "member_group": { "group_name": "x", "group_type": 3 } }), 400),
        (json!({ "role_id": 2, "member_group": { "group_name": "x", "group_type": 9 } }), 400),
        (json!({ "role_id": 1, "member_user": { "username": "guest" } }), 409),
    ] {
        let reply = world.post("chief", &path, body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
    // The system administrator's group is made as it is needed; then everybody can name it.
    let by_name = json!({ "role_id": 3, "member_group": { "group_name": "crew", "group_type": 3 } });
    world.post("admin", &path, by_name.clone()).await.id();
    assert_eq!(world.post("chief", &path, by_name).await.status, 409);
    let by_dn =
        json!({ "role_id": 3, "member_group": { "ldap_group_dn": "cn=crew,dc=example", "group_type": 1 } });
    let id = world.post("admin", &path, by_dn).await.id();
    let member = world.get("chief", &format!("{path}/{id}")).await.json();
    assert_eq!((&member["entity_type"], &member["entity_name"]), (&json!("g"), &json!("cn=crew,dc=example")));
}

#[tokio::test]
async fn a_user_from_coming_to_going() {
    let world = World::new().await;
    let user = |name: &str, email: &str, realname: &str, password: &str| json!({ "username": name, "email": email, "realname": realname, "password": password, "comment": "" });
    for (body, status) in [
        (user("eve", "eve@example.org", "Eve", "weak"), 400),
        (user("eve", "", "Eve", "Password1"), 400),
        (user("eve", "no mail", "Eve", "Password1"), 400),
        (user("eve", "eve@example.org", "", "Password1"), 400),
        (user("eve", "eve@example.org", "E#e", "Password1"), 400),
        (user("e:ve", "eve@example.org", "Eve", "Password1"), 400),
        (user("robot$eve", "eve@example.org", "Eve", "Password1"), 400),
        (user("eve", "Guest@example.org", "Eve", "Password1"), 409),
        (user("guest", "eve@example.org", "Eve", "Password1"), 409),
    ] {
        let reply = world.post("admin", "/users", body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
    let id = world.post("admin", "/users", user("eve", "eve@example.org", "Eve", "Password1")).await.id();
    let path = format!("/users/{id}");
    world.post("eve", "/projects", json!({ "project_name": "eves" })).await.id();
    let profile = json!({ "email": "eve@example.com", "realname": "Eve E.", "comment": "hi" });
    assert_eq!(world.put("eve", &path, profile).await.status, 200);
    let seen = world.get("admin", &path).await.json();
    assert_eq!(
        (&seen["email"], &seen["realname"], &seen["comment"]),
        (&json!("eve@example.com"), &json!("Eve E."), &json!("hi"))
    );
    assert_eq!(world.get("guest", &path).await.status, 403);
    assert_eq!(world.get("guest", "/users/99").await.status, 403);
    // His own password with the old one; anybody's by an administrator.
    let password = format!("{path}/password");
    for (old, new, status) in [
        ("wrong", "Password2", 403),
        ("Password1", "weak", 400),
        ("Password1", "Password1", 400),
        ("Password1", "Password2", 200),
    ] {
        let reply = world.put("eve", &password, json!({ "old_password": old, "new_password": new })).await;
        assert_eq!(reply.status, status, "{old} {new}: {}", reply.body);
    }
    assert_eq!(world.get("eve", "/users/current").await.status, 401);
    assert_eq!(world.put("admin", &password, json!({ "new_password": "Password1" })).await.status, 200);
    assert_eq!(world.get("eve", "/users/current").await.status, 200);
    assert_eq!(
        world.put("admin", &format!("{path}/sysadmin"), json!({ "sysadmin_flag": true })).await.status,
        200
    );
    assert_eq!(world.get("eve", "/users").await.status, 200);
    assert_eq!(
        world.put("admin", &format!("{path}/sysadmin"), json!({ "sysadmin_flag": false })).await.status,
        200
    );
    assert_eq!(world.get("eve", "/users").await.status, 403);
    assert_eq!(world.delete("admin", &path).await.status, 200);
    assert_eq!(world.delete("admin", &path).await.status, 404);
    assert_eq!(world.get("eve", "/users/current").await.status, 401);
    // Somebody else of this name has none of what was his.
    world.post("admin", "/users", user("eve", "eve@example.org", "Eve", "Password1")).await.id();
    assert_eq!(world.get("eve", "/projects/eves").await.status, 403);
    assert_eq!(world.get("admin", "/projects/eves/members").await.json(), json!([]));
}

#[tokio::test]
async fn groups_by_kind() {
    let world = World::new().await;
    for (body, status) in [
        (json!({ "group_name": "a", "group_type": 3 }), 201),
        (json!({ "group_name": "a", "group_type": 2 }), 201),
        (json!({ "group_name": "a", "group_type": 3 }), 409),
        (json!({ "group_name": "b", "group_type": 1, "ldap_group_dn": "cn=b" }), 201),
        (json!({ "group_name": "c", "group_type": 1, "ldap_group_dn": "CN=B" }), 409),
        (json!({ "group_name": "d", "group_type": 1 }), 400),
        (json!({ "group_name": "d", "group_type": 1, "ldap_group_dn": "team" }), 400),
        (json!({ "group_name": "c", "group_type": 1, "ldap_group_dn": " cn = b " }), 409),
        (json!({ "group_name": "", "group_type": 3 }), 400),
        (json!({ "group_name": "d", "group_type": 4 }), 400),
        (json!({}), 400),
    ] {
        let reply = world.post("admin", "/usergroups", body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
    assert_eq!(world.get("admin", "/usergroups?ldap_group_dn=CN%20%3DB").await.column("group_name"), ["b"]);
    assert_eq!(
        world.get("admin", "/usergroups?group_name=A&sort=group_type").await.json()[0]["group_type"],
        2
    );
    assert_eq!(
        world.get("stranger", "/usergroups/search?groupname=b").await.json(),
        json!([{ "id": 4, "group_name": "b", "group_type": 1 }])
    );
    let id = world.get("admin", "/usergroups?q=group_name=b").await.json()[0]["id"].as_u64().unwrap();
    assert_eq!(
        world.put("admin", &format!("/usergroups/{id}"), json!({ "group_name": "new" })).await.status,
        200
    );
    assert_eq!(world.get("admin", &format!("/usergroups/{id}")).await.json()["group_name"], "new");
    assert_eq!(world.put("admin", "/usergroups/1", json!({ "group_name": "" })).await.status, 400);
    assert_eq!(world.put("admin", "/usergroups/99", json!({ "group_name": "x" })).await.status, 404);
    assert_eq!(world.delete("admin", &format!("/usergroups/{id}")).await.status, 200);
    assert_eq!(world.delete("admin", &format!("/usergroups/{id}")).await.status, 404);
    assert!(world.groups.get(id).await.unwrap().is_none());
}

#[tokio::test]
async fn labels_of_everybody_and_of_a_project() {
    let world = World::new().await;
    let team = world.team.id;
    for (who, name, scope) in
        [("admin", "b", "g"), ("admin", "a", "g"), ("maintainer", "b", "p"), ("chief", "c", "p")]
    {
        let body = json!({ "name": name, "color": "#00FF00", "description": "d", "scope": scope, "project_id": team });
        world.post(who, "/labels", body).await.id();
    }
    assert_eq!(world.get("stranger", "/labels?scope=g&sort=name").await.column("name"), ["a", "b"]);
    assert_eq!(
        world.get("guest", &format!("/labels?scope=p&project_id={team}")).await.column("name"),
        ["b", "c"]
    );
    assert_eq!(
        world.get("guest", &format!("/labels?scope=p&project_id={team}&name=C")).await.column("name"),
        ["c"]
    );
    assert_eq!(world.get("limited", &format!("/labels?scope=p&project_id={team}")).await.status, 403);
    for (query, status) in [("", 400), ("?scope=x", 400), ("?scope=p", 400), ("?scope=p&project_id=0", 400)] {
        assert_eq!(world.get("admin", &format!("/labels{query}")).await.status, status, "{query}");
    }
    let one = world.get("guest", "/labels/3").await.json();
    assert_eq!(
        (&one["scope"], &one["project_id"], &one["color"]),
        (&json!("p"), &json!(team), &json!("#00FF00"))
    );
    let taken = json!({ "name": "c" });
    assert_eq!(world.put("maintainer", "/labels/3", taken).await.status, 409);
    assert_eq!(world.delete("developer", "/labels/3").await.status, 403);
    assert_eq!(world.delete("maintainer", "/labels/3").await.status, 200);
    assert_eq!(world.get("maintainer", "/labels/3").await.status, 404);
    let again = json!({ "name": "b", "scope": "p", "project_id": team });
    assert_eq!(world.post("maintainer", "/labels", again).await.status, 201);
}

#[tokio::test]
async fn robots_in_both_forms() {
    let world = World::new().await;
    let access = json!([{ "resource": "repository", "action": "pull" }, { "resource": "repository", "action": "pull" }]);
    let body = json!({ "name": "old", "description": "d", "permissions": [{ "access": access }] });
    let reply = world.post("chief", "/projects/team/robots", body.clone()).await;
    let id = reply.id();
    assert_eq!(reply.json()["name"], "robot$team+old");
    let one = format!("/projects/team/robots/{id}");
    let robot = world.get("guest", &one).await.json();
    assert_eq!(robot, world.get("guest", &format!("/robots/{id}")).await.json());
    // As many days as are configured, each right once, and where it holds by name.
    assert_eq!(
        (&robot["duration"], &robot["level"], &robot["editable"]),
        (&json!(30), &json!("project"), &json!(true))
    );
    let expected: Value = json!([{ "kind": "project", "namespace": "team",
        "access": [{ "resource": "repository", "action": "pull", "effect": "allow" }] }]);
    assert_eq!(robot["permissions"], expected);
    assert_eq!(
        (&robot["creator_type"], robot["expires_at"].as_u64()),
        (&json!("local"), Some(4_000_000_000 + 30 * 86_400))
    );
    let list = world.get("guest", "/projects/team/robots").await;
    assert_eq!(list.column("name"), ["robot$team+old", "robot$team+own"]);
    let list = world.get("guest", "/robots?q=Level=project,ProjectID=1,name=~OLD").await;
    assert_eq!(list.column("name"), ["robot$team+old"]);
    let system = world.get("admin", "/robots?sort=name").await;
    assert_eq!(system.column("name"), ["robot$all", "robot$puller"]);
    let mut change = body;
    change["description"] = json!("new");
    assert_eq!(world.put("chief", &one, change).await.status, 200);
    assert_eq!(world.get("guest", &one).await.json()["description"], "new");
    assert_eq!(world.delete("maintainer", &one).await.status, 403);
    assert_eq!(world.delete("chief", &one).await.status, 200);
    assert_eq!(world.get("chief", &one).await.status, 404);
    assert_eq!(world.post("chief", "/projects/team/robots", json!({ "name": "x" })).await.status, 400);
}
