//! CLI tokens by REST: who makes them, and what they may not do.

use serde_json::{Value, json};

use super::sessions::session;
use super::world::{ALL, PASSWORD, Reply, World, basic};

async fn make(world: &World, authorization: &str, id: u64, body: Value) -> Reply {
    let headers = [("authorization", authorization), ("content-type", "application/json")];
    world.send("POST", &format!("/api/v2.0/users/{id}/cli-tokens"), &headers, body.to_string()).await
}

#[tokio::test]
async fn a_token_from_its_making_to_its_end() {
    let world = World::new().await;
    let id = world.users["developer"].id;
    let own = basic("developer", PASSWORD);
    let made = make(&world, &own, id, json!({ "name": "laptop" })).await;
    assert_eq!((made.status, made.header("cache-control")), (201, Some("no-store")), "{}", made.body);
    assert_eq!(made.header("location"), Some(format!("/api/v2.0/users/{id}/cli-tokens/laptop").as_str()));
    let token = made.json()["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("berth_pat_"), "{token}");
    assert_eq!(make(&world, &own, id, json!({ "name": "laptop" })).await.status, 409);
    for bad in [
        json!({}),
        json!({ "name": "a b" }),
        json!({ "name": "cli_secret" }),
        json!({ "name": "a", "duration": 0 }),
        json!({ "name": "a", "duration": 366 }),
        json!({ "name": "a", "duration": -1 }),
    ] {
        assert_eq!(make(&world, &own, id, bad.clone()).await.status, 400, "{bad}");
    }
    let by_token = basic("developer", &token);
    let current = world.send("GET", "/api/v2.0/users/current", &[("authorization", &by_token)], "").await;
    assert_eq!(current.json()["username"], "developer");
    for who in ["developer", "admin", ALL] {
        let listed = world.get(who, &format!("/users/{id}/cli-tokens")).await;
        assert_eq!(listed.column("name"), ["laptop"], "{who}");
        assert!(!listed.body.contains(&token) && !listed.body.contains("sha256"), "{}", listed.body);
        assert!(listed.json()[0]["last_used_time"].is_string());
    }
    assert_eq!(world.get("guest", &format!("/users/{id}/cli-tokens")).await.status, 403);
    assert_eq!(world.delete("guest", &format!("/users/{id}/cli-tokens/laptop")).await.status, 403);
    assert_eq!(world.delete("admin", &format!("/users/{id}/cli-tokens/laptop")).await.status, 200);
    assert_eq!(world.delete("developer", &format!("/users/{id}/cli-tokens/laptop")).await.status, 404);
    let current = world.send("GET", "/api/v2.0/users/current", &[("authorization", &by_token)], "").await;
    assert_eq!(current.status, 401);
}

#[tokio::test]
async fn only_the_user_himself_makes_what_stands_for_him() {
    let world = World::new().await;
    let id = world.users["developer"].id;
    let body = json!({ "name": "x" });
    for who in ["admin", ALL] {
        let reply = make(&world, &world.authorization(who).unwrap(), id, body.clone()).await;
        assert_eq!((reply.status, reply.error().0.as_str()), (403, "DENIED"), "{who}");
    }
    let (cookie, csrf) = session(&world, "developer").await;
    let headers =
        [("cookie", cookie.as_str()), ("x-harbor-csrf-token", &csrf), ("content-type", "application/json")];
    let path = format!("/api/v2.0/users/{id}/cli-tokens");
    assert_eq!(world.send("POST", &path, &headers[..1], body.to_string()).await.status, 403);
    assert_eq!(world.send("POST", &path, &headers, body.to_string()).await.status, 201);
}

#[tokio::test]
async fn a_token_makes_no_tokens_and_no_passwords() {
    let world = World::new().await;
    let (id, stranger) = (world.users["admin"].id, world.users["stranger"].id);
    let token = make(&world, &basic("admin", PASSWORD), id, json!({ "name": "ci" })).await.json();
    let by_token = basic("admin", token["token"].as_str().unwrap());
    let reply = make(&world, &by_token, id, json!({ "name": "more" })).await;
    assert_eq!((reply.status, reply.error().0.as_str()), (403, "DENIED"), "{}", reply.body);
    let headers = [("authorization", by_token.as_str()), ("content-type", "application/json")];
    for id in [id, stranger] {
        let body = json!({ "old_password": PASSWORD, "new_password": "Password2" }).to_string();
        let reply = world.send("PUT", &format!("/api/v2.0/users/{id}/password"), &headers, body).await;
        assert_eq!((reply.status, reply.error().0.as_str()), (403, "DENIED"));
    }
    // What else its user may do, it may do.
    let body = json!({ "banner_message": "hi" }).to_string();
    assert_eq!(world.send("PUT", "/api/v2.0/configurations", &headers, body).await.status, 200);
    // And be its own end.
    let path = format!("/api/v2.0/users/{id}/cli-tokens/ci");
    assert_eq!(world.send("DELETE", &path, &headers, "").await.status, 200);
    assert_eq!(world.send("DELETE", &path, &headers, "").await.status, 401);
}
