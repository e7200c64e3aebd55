//! Browser sessions: beginning, ending, and what other sites cannot do with them.

use std::time::Duration;

use http::header::SET_COOKIE;
use serde_json::json;

use super::world::{NOBODY, PASSWORD, Reply, World, basic};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const TOKEN: &str = "x-harbor-csrf-token";

pub(super) async fn login(world: &World, name: &str, headers: &[(&str, &str)]) -> Reply {
    let body = format!("principal={name}&password={PASSWORD}");
    world.send("POST", "/c/login", &[&[FORM], headers].concat(), body).await
}

/// The Cookie header of somebody who has signed in, and his token.
pub(super) async fn session(world: &World, name: &str) -> (String, String) {
    let reply = login(world, name, &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let cookie = format!("sid={}", reply.cookie("sid").unwrap().0);
    let current = current(world, &cookie).await;
    assert_eq!(current.json()["username"], name);
    (cookie, current.header(TOKEN).unwrap().to_owned())
}

pub(super) async fn current(world: &World, cookie: &str) -> Reply {
    world.send("GET", "/api/v2.0/users/current", &[("cookie", cookie)], "").await
}

#[tokio::test]
async fn a_session_from_its_beginning_to_its_end() {
    let world = World::new().await;
    let reply = login(&world, "developer", &[]).await;
    let (secret, attributes) = reply.cookie("sid").unwrap();
    assert_eq!(attributes, "Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure");
    assert_eq!((secret.len(), reply.header("cache-control")), (64, Some("no-store")));
    let cookie = format!("other=1; sid={secret}");
    assert_eq!(current(&world, &cookie).await.json()["username"], "developer");
    let out = world.send("GET", "/c/log_out", &[("cookie", &cookie)], "").await;
    assert_eq!((out.status, out.cookie("sid").unwrap().0.as_str()), (200, ""));
    assert_eq!(current(&world, &cookie).await.status, 401);
    // Nobody signs out, and that is well.
    assert_eq!(world.send("GET", "/c/log_out", &[], "").await.status, 200);
    let (cookie, _) = session(&world, "guest").await;
    world.memory.clock().advance(Duration::from_hours(1));
    assert_eq!(current(&world, &cookie).await.status, 401);
    let systeminfo = world.send("GET", "/api/v2.0/systeminfo", &[("cookie", &cookie)], "").await;
    assert_eq!((systeminfo.status, systeminfo.header(TOKEN)), (200, None), "an old cookie is nobody");
}

#[tokio::test]
async fn who_gets_no_session() {
    let world = World::new().await;
    let send = |headers: Vec<(&'static str, &'static str)>, body: String| {
        let world = &world;
        async move { world.send("POST", "/c/login", &headers, body).await }
    };
    let right = format!("principal=guest&password={PASSWORD}");
    for (status, headers, body) in [
        (401, vec![FORM], "principal=guest&password=Wrong123".to_owned()),
        (401, vec![FORM], "principal=nobody&password=Wrong123".to_owned()),
        (400, vec![FORM], "principal=guest".to_owned()),
        (400, vec![FORM], "principal=&password=a".to_owned()),
        (403, vec![FORM], "principal=guest&password=berth_pat_0".to_owned()),
        (415, vec![], right.clone()),
        (415, vec![JSON], json!({ "principal": "guest", "password": PASSWORD }).to_string()),
        // Login CSRF: a page elsewhere signs a browser in as somebody else.
        (403, vec![FORM, ("origin", "https://evil.example")], right.clone()),
        (403, vec![FORM, ("origin", "null")], right.clone()),
        (403, vec![FORM, ("sec-fetch-site", "cross-site")], right.clone()),
        (200, vec![FORM, ("origin", "https://registry.example"), ("sec-fetch-site", "same-origin")], right),
    ] {
        let reply = send(headers.clone(), body.clone()).await;
        assert_eq!(reply.status, status, "{headers:?} {body}: {}", reply.body);
        assert_eq!(reply.cookie("sid").is_some(), status == 200, "{headers:?} {body}");
    }
    let robot = super::world::ALL.replace('$', "%24");
    let secret = world.secret(super::world::ALL).to_owned();
    let reply = send(vec![FORM], format!("principal={robot}&password={secret}")).await;
    assert_eq!((reply.status, reply.headers.get(SET_COOKIE)), (403, None));
    let forced = [("sec-fetch-site", "cross-site")];
    assert_eq!(world.send("GET", "/c/log_out", &forced, "").await.status, 403);
}

#[tokio::test]
async fn wrong_passwords_count_as_everywhere_else() {
    let world = World::new().await;
    for _ in 0..10 {
        let reply = world.send("POST", "/c/login", &[FORM], "principal=guest&password=Wrong123").await;
        assert_eq!(reply.status, 401);
    }
    let reply = login(&world, "guest", &[]).await;
    assert_eq!((reply.status, reply.error().0.as_str()), (429, "TOO_MANY_REQUEST"));
    let header = basic("guest", PASSWORD);
    let by_basic = world.send("GET", "/api/v2.0/users/current", &[("authorization", &header)], "").await;
    assert_eq!(by_basic.status, 429);
    assert_eq!(login(&world, "developer", &[]).await.status, 200, "somebody else");
}

/// Session fixation: a session that somebody else gave the browser must not become the victim's.
#[tokio::test]
async fn signing_in_begins_a_session_that_nobody_knew() {
    let world = World::new().await;
    let (attackers, _) = session(&world, "stranger").await;
    let reply = login(&world, "admin", &[("cookie", &attackers)]).await;
    let victims = format!("sid={}", reply.cookie("sid").unwrap().0);
    assert_ne!(victims, attackers);
    assert_eq!(current(&world, &attackers).await.status, 401, "it is over");
    assert_eq!(current(&world, &victims).await.json()["username"], "admin");
    let made_up = format!("sid={}", "a".repeat(64));
    let reply = login(&world, "guest", &[("cookie", &made_up)]).await;
    assert_ne!(format!("sid={}", reply.cookie("sid").unwrap().0), made_up);
    assert_eq!(current(&world, &made_up).await.status, 401);
}

#[tokio::test]
async fn a_change_by_a_session_needs_its_token() {
    let world = World::new().await;
    let (cookie, token) = session(&world, "developer").await;
    let (_, other) = session(&world, "admin").await;
    let create = async |name: &str, headers: &[(&str, &str)]| {
        let body = json!({ "project_name": name }).to_string();
        world.send("POST", "/api/v2.0/projects", &[&[JSON], headers].concat(), body).await
    };
    for headers in [
        vec![("cookie", cookie.as_str())],
        vec![("cookie", &cookie), (TOKEN, "")],
        vec![("cookie", &cookie), (TOKEN, &token[1..])],
        vec![("cookie", &cookie), (TOKEN, &other)],
    ] {
        let reply = create("new", &headers).await;
        let (code, message) = reply.error();
        assert_eq!((reply.status, code.as_str()), (403, "FORBIDDEN"));
        assert!(message.contains("CSRF"), "{message}");
        assert_eq!(reply.header(TOKEN), Some(token.as_str()), "the way on");
    }
    let both = [("cookie", cookie.as_str()), (TOKEN, token.as_str())];
    assert_eq!(create("new", &both).await.status, 201);
    for (method, path) in [("PUT", "/projects/new"), ("DELETE", "/projects/new")] {
        let path = format!("/api/v2.0{path}");
        let without = world.send(method, &path, &[("cookie", &cookie), JSON], "{}").await;
        assert_eq!(without.status, 403, "{method}");
        let with = world.send(method, &path, &[("cookie", &cookie), (TOKEN, &token), JSON], "{}").await;
        assert_eq!(with.status, 200, "{method}: {}", with.body);
    }
    // Whoever sends his secret along needs none, also beside a cookie.
    let header = basic("developer", PASSWORD);
    assert_eq!(create("two", &[("authorization", &header), ("cookie", &cookie)]).await.status, 201);
    let wrong = basic("developer", "Wrong123");
    assert_eq!(create("three", &[("authorization", &wrong), ("cookie", &cookie)]).await.status, 401);
}

#[tokio::test]
async fn a_session_ends_with_the_password_and_with_the_user() {
    let world = World::new().await;
    let (cookie, token) = session(&world, "guest").await;
    let id = world.users["guest"].id;
    let path = format!("/api/v2.0/users/{id}/password");
    let body = json!({ "old_password": PASSWORD, "new_password": "Password2" }).to_string();
    let headers = [("cookie", cookie.as_str()), (TOKEN, &token), JSON];
    assert_eq!(world.send("PUT", &path, &headers, body).await.status, 200);
    assert_eq!(current(&world, &cookie).await.status, 401);

    let (cookie, _) = session(&world, "stranger").await;
    let id = world.users["stranger"].id;
    let flag = json!({ "sysadmin_flag": true });
    assert_eq!(world.put("admin", &format!("/users/{id}/sysadmin"), flag).await.status, 200);
    assert_eq!(current(&world, &cookie).await.status, 401);
    let (cookie, _) = session(&world, "stranger").await;
    assert_eq!(world.delete("admin", &format!("/users/{id}")).await.status, 200);
    assert_eq!(current(&world, &cookie).await.status, 401);
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let world = World::new().await;
    let reply = world.get(NOBODY, "/../../c/oidc/login").await;
    assert_eq!(reply.status, 404);
    for bad in ["//evil.example", "/%5Cevil.example", "https://evil.example", "/%09/evil.example", "%20/"] {
        let path = format!("/c/oidc/login?redirect_url={bad}");
        assert_eq!(world.send("GET", &path, &[], "").await.status, 400, "{bad}");
    }
    let reply = world.send("GET", "/c/oidc/login?redirect_url=/x", &[], "").await;
    assert_eq!((reply.status, reply.error().0.as_str()), (412, "PRECONDITION"), "there is no provider");
}
