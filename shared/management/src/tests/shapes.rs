//! What breaks clients that were written for Harbor: statuses, headers, and the shapes of answers.

use serde_json::json;

use super::world::{NOBODY, World, basic};

#[tokio::test]
async fn what_is_made_has_a_number_in_its_location_and_no_body() {
    let world = World::new().await;
    let team = world.team.id;
    let access = json!([{ "resource": "repository", "action": "pull" }]);
    let user = json!({
        "username": "new", "email": "new@example.org", "realname": "New", "password": "Password1", "comment": "",
    });
    for (path, body, has_body) in [
        ("/projects".to_owned(), json!({ "project_name": "new" }), false),
        ("/users".to_owned(), user, false),
        ("/usergroups".to_owned(), json!({ "group_name": "new", "group_type": 3 }), false),
        ("/labels".to_owned(), json!({ "name": "new", "scope": "g" }), false),
        ("/labels".to_owned(), json!({ "name": "new", "scope": "p", "project_id": team }), false),
        (
            "/robots".to_owned(),
            json!({ "name": "new", "level": "system", "duration": 7,
                "permissions": [{ "kind": "project", "namespace": "team", "access": access }] }),
            true,
        ),
        (
            format!("/projects/{team}/members"),
            json!({ "role_id": 3, "member_user": { "username": "stranger" } }),
            false,
        ),
    ] {
        let reply = world.post("admin", &path, body.clone()).await;
        assert!(reply.id() > 0, "{path}");
        assert!(reply.header("location").unwrap().starts_with(&format!("/api/v2.0{path}/")), "{path}");
        assert_eq!(!reply.body.is_empty(), has_body, "{path}: {}", reply.body);
        let place = reply.header("location").unwrap().strip_prefix("/api/v2.0").unwrap();
        assert_eq!(world.get("admin", place).await.status, 200, "{place}");
        let again = world.post("admin", &path, body).await;
        assert_eq!((again.status, again.error().0.as_str()), (409, "CONFLICT"), "{path}: {}", again.body);
    }
}

#[tokio::test]
async fn a_project_can_ask_for_its_name_in_the_location() {
    let world = World::new().await;
    let authorization = world.authorization("admin").unwrap();
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("x-resource-name-in-location", "true"),
    ];
    let reply = world.send("POST", "/api/v2.0/projects", &headers, r#"{"project_name":"new"}"#).await;
    assert_eq!(reply.header("location"), Some("/api/v2.0/projects/new"));
}

#[tokio::test]
async fn digits_are_a_number_unless_the_request_says_that_they_are_a_name() {
    let world = World::new().await;
    world.post("admin", "/projects", json!({ "project_name": "1" })).await.id();
    assert_eq!(world.get("admin", "/projects/1").await.json()["name"], "team");
    let authorization = world.authorization("admin").unwrap();
    for (value, expected) in [("true", "1"), ("false", "team"), ("TRUE", "1")] {
        let headers = [("authorization", authorization.as_str()), ("x-is-resource-name", value)];
        let reply = world.send("GET", "/api/v2.0/projects/1", &headers, "").await;
        assert_eq!(reply.json()["name"], expected, "{value}");
    }
    // Where Harbor takes a name alone, digits are one.
    assert_eq!(world.get("admin", "/projects/1/logs").await.status, 200);
    assert_eq!(world.get("admin", "/projects/2/logs").await.status, 404);
}

#[tokio::test]
async fn a_slash_at_the_end_does_not_count() {
    let world = World::new().await;
    for path in ["/quotas/", "/quotas/?page=1&page_size=100", "/projects/team/metadatas/", "/projects/"] {
        assert_eq!(world.get("admin", path).await.status, 200, "{path}");
    }
    let reply = world.post("admin", "/labels/", json!({ "name": "l", "scope": "g" })).await;
    assert_eq!(reply.header("location"), Some("/api/v2.0/labels/1"));
}

#[tokio::test]
async fn errors_have_harbors_shape_and_status() {
    let world = World::new().await;
    let authorization = world.authorization("admin").unwrap();
    let json_body = ("content-type", "application/json");
    let admin = ("authorization", authorization.as_str());
    let large = format!("{{\"project_name\":\"{}\"}}", "a".repeat(300_000));
    for (method, path, headers, body, status, code) in [
        ("GET", "/api/v2.0/nothing", vec![], "", 404, "NOT_FOUND"),
        ("GET", "/api/v1.0/projects", vec![], "", 404, "NOT_FOUND"),
        ("PUT", "/api/v2.0/projects", vec![], "", 405, "METHOD_NOT_ALLOWED"),
        ("OPTIONS", "/api/v2.0/projects", vec![], "", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/v2.0/users", vec![], "", 401, "UNAUTHORIZED"),
        ("GET", "/api/v2.0/users/x", vec![admin], "", 422, "UNPROCESSABLE_ENTITY"),
        ("GET", "/api/v2.0/users/99", vec![admin], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/projects/99", vec![admin], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/projects/team/members/99", vec![admin], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/robots/99", vec![admin], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/labels/99", vec![admin], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/quotas/99", vec![admin], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/usergroups/99", vec![admin], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/projects?page_size=101", vec![admin], "", 422, "UNPROCESSABLE_ENTITY"),
        ("GET", "/api/v2.0/projects?page=x", vec![admin], "", 422, "UNPROCESSABLE_ENTITY"),
        ("GET", "/api/v2.0/projects?page=-1", vec![admin], "", 422, "UNPROCESSABLE_ENTITY"),
        ("GET", "/api/v2.0/projects?q=broken", vec![admin], "", 400, "BAD_REQUEST"),
        ("POST", "/api/v2.0/projects", vec![admin, json_body], "{", 400, "BAD_REQUEST"),
        ("POST", "/api/v2.0/projects", vec![admin, json_body], "", 422, "UNPROCESSABLE_ENTITY"),
        ("POST", "/api/v2.0/projects", vec![admin], "{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "POST",
            "/api/v2.0/projects",
            vec![admin, json_body],
            large.as_str(),
            413,
            "REQUEST_ENTITY_TOO_LARGE",
        ),
        ("POST", "/api/v2.0/registries", vec![admin, json_body], "{}", 501, "NOT_IMPLEMENTED"),
        ("GET", "/api/v2.0/systeminfo/getcert", vec![], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/icons/sha256:ab", vec![], "", 404, "NOT_FOUND"),
        ("GET", "/api/v2.0/internalconfig", vec![admin], "", 403, "FORBIDDEN"),
    ] {
        let reply = world.send(method, path, &headers, body.to_owned()).await;
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.body);
        assert_eq!(reply.error().0, code, "{method} {path}");
        assert!(reply.body.ends_with("]}\n"), "{:?}", reply.body);
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(reply.headers.contains_key("allow"), status == 405, "{method} {path}");
    }
    let reply = world.send("PUT", "/api/v2.0/projects", &[], "").await;
    assert_eq!(reply.header("allow"), Some("GET, HEAD, POST"));
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_may_not_be_cached() {
    let world = World::new().await;
    let reply = world.send("GET", "/api/v2.0/ping", &[("x-request-id", "abc-1.2_3")], "").await;
    assert_eq!((reply.header("x-request-id"), reply.body.as_str()), (Some("abc-1.2_3"), "Pong"));
    for bad in ["", "a b", &"a".repeat(200), "<script>"] {
        let reply = world.send("GET", "/api/v2.0/ping", &[("x-request-id", bad)], "").await;
        let id = reply.header("x-request-id").unwrap();
        assert!(id != bad && id.len() == 32, "{id}");
    }
    for path in ["/api/v2.0/ping", "/api/v2.0/nothing", "/api/v2.0/projects"] {
        let reply = world.send("GET", path, &[], "").await;
        assert_eq!(reply.header("cache-control"), Some("private, no-cache"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
    }
    let head = world.ask(NOBODY, "HEAD", "/projects?project_name=team", None).await;
    assert_eq!((head.status, head.body.as_str()), (401, ""));
}

#[tokio::test]
async fn a_schedule_that_was_never_set_is_empty_and_well() {
    let world = World::new().await;
    for path in ["/system/gc/schedule", "/system/scanAll/schedule", "/system/purgeaudit/schedule"] {
        let reply = world.get("admin", path).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, ""), "{path}");
    }
    for path in ["/jobservice/pools", "/jobservice/queues", "/jobservice/pools/x/workers"] {
        assert_eq!(world.get("admin", path).await.json(), json!([]), "{path}");
    }
}

#[tokio::test]
async fn quotas_are_paged_until_a_page_is_empty() {
    let world = World::new().await;
    let reply = world.get("admin", "/quotas/?page=1&page_size=100").await;
    let quotas = reply.json();
    assert_eq!(quotas.as_array().unwrap().len(), 3);
    assert_eq!(quotas[0]["ref"], json!({ "id": 1, "name": "team", "owner_name": "admin" }));
    assert_eq!(quotas[0]["hard"], json!({ "storage": -1 }));
    assert_eq!(world.get("admin", "/quotas/?page=2&page_size=100").await.json(), json!([]));
    let one = world.get("admin", "/quotas?reference=project&reference_id=2").await.json();
    assert_eq!(one[0]["ref"]["name"], "other");
    // What is so already can be said again; what nobody would keep is not promised.
    assert_eq!(world.put("admin", "/quotas/1", json!({ "hard": { "storage": -1 } })).await.status, 200);
    assert_eq!(world.put("admin", "/quotas/1", json!({ "hard": { "storage": 1024 } })).await.status, 501);
    assert_eq!(world.put("admin", "/quotas/1", json!({ "hard": { "inodes": 1 } })).await.status, 400);
    assert_eq!(world.put("admin", "/quotas/1", json!({})).await.status, 400);
}

#[tokio::test]
async fn the_system_says_more_to_whoever_has_signed_in() {
    let world = World::new().await;
    let little = world.get(NOBODY, "/systeminfo").await.json();
    let more = world.get("stranger", "/systeminfo").await.json();
    assert_eq!(little["auth_mode"], "db_auth");
    assert_eq!(little["harbor_version"], "v2.15.0-berth");
    assert!(little.get("registry_url").is_none() && little.get("current_time").is_none());
    assert_eq!(more["registry_url"], "registry.example");
    assert_eq!(more["project_creation_restriction"], "everyone");
    assert_eq!(more["current_time"], "2096-10-02T07:06:40.000Z");
    let version = world.send("GET", "/api/version", &[], "").await;
    assert_eq!(version.json(), json!({ "version": "v2.0" }));
    let health = world.get(NOBODY, "/health").await.json();
    assert_eq!(health["status"], "healthy");
    let volumes = world.get("admin", "/systeminfo/volumes").await.json();
    assert_eq!(volumes, json!({ "storage": [{ "total": 0, "free": 0 }] }));
}

#[tokio::test]
async fn the_description_has_every_route_and_the_page_loads_nothing_from_elsewhere() {
    let world = World::new().await;
    let document = world.get(NOBODY, "/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    for route in crate::router::routes() {
        let operation = &paths[&route.full_path()][route.verb.as_str().to_lowercase()];
        assert_eq!(operation["operationId"], route.operation);
    }
    let member = &paths["/api/v2.0/projects/{project_name_or_id}/members/{mid}"]["put"];
    assert_eq!(member["x-needs"], "member:update in the project");
    assert_eq!(member["parameters"][1]["name"], "mid");
    assert_eq!(paths["/api/v2.0/registries"]["get"]["x-available"], false);
    for (path, content_type) in [
        ("/api/docs", "text/html; charset=utf-8"),
        ("/api/docs/", "text/html; charset=utf-8"),
        ("/api/docs/docs.js", "text/javascript; charset=utf-8"),
        ("/api/docs/docs.css", "text/css; charset=utf-8"),
    ] {
        let reply = world.send("GET", path, &[], "").await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(content_type)), "{path}");
        assert!(!reply.body.contains("//") || !reply.body.contains("https:"), "{path} names another host");
        assert!(!reply.body.contains("innerHTML"), "{path}");
    }
    let policy = world.send("GET", "/api/docs", &[], "").await;
    assert!(
        policy
            .header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'; script-src 'self'")
    );
}

#[tokio::test]
async fn a_robot_is_no_user() {
    let world = World::new().await;
    let reply = world.get(super::world::ALL, "/users/current").await;
    assert_eq!((reply.status, reply.error().0.as_str()), (412, "PRECONDITION"));
    let id = world.users["guest"].id;
    let reply =
        world.put("guest", &format!("/users/{id}/cli_secret"), json!({ "secret": "Secret123" })).await;
    assert_eq!(reply.status, 412);
    let unknown =
        world.send("GET", "/api/v2.0/projects", &[("authorization", &basic("robot$no", "x"))], "").await;
    assert_eq!(unknown.status, 401);
}
