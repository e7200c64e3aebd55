//! Repositories: what is shown of them, and their end.

use std::time::Duration;

use berth_testkit::build::image;
use serde_json::json;

use super::world::{ALL, NOBODY, OF_TEAM, PULLER, World};

const APP: &str = "/projects/team/repositories/app";
const NESTED: &str = "/projects/team/repositories/web%252Fapp";

#[tokio::test]
async fn a_repository_is_shown_as_harbor_shows_it() {
    let world = World::new().await;
    world.push("team/web/app", &image().layer("a").build(), &["v1", "v2"]).await;
    world.memory.clock().advance(Duration::from_mins(1));
    world.push("team/web/app", &image().layer("b").build(), &["v2"]).await;
    let found = world.get("guest", NESTED).await.json();
    assert_eq!((&found["name"], &found["project_id"]), (&json!("team/web/app"), &json!(world.team.id)));
    assert_eq!((&found["artifact_count"], &found["pull_count"]), (&json!(2), &json!(0)));
    assert_eq!(found["description"], "");
    assert!(found["id"].as_u64().unwrap() > 0);
    assert!(found["creation_time"].as_str().unwrap() < found["update_time"].as_str().unwrap(), "{found}");
    // Also where a client encodes the name once.
    assert_eq!(world.get("guest", "/projects/team/repositories/web%2Fapp").await.json(), found);
    for path in [
        "/projects/team/repositories/none",
        "/projects/team/repositories/No",
        "/projects/team/repositories/a%2F",
    ] {
        let reply = world.get("guest", path).await;
        assert_eq!((reply.status, reply.error().0.as_str()), (404, "NOT_FOUND"), "{path}");
    }
}

#[tokio::test]
async fn a_description_is_kept_with_its_repository() {
    let world = World::new().await;
    world.push("team/app", &image().build(), &["v1"]).await;
    world.memory.clock().advance(Duration::from_mins(1));
    let body = json!({ "description": "what it does" });
    assert_eq!(world.put("guest", APP, body.clone()).await.status, 403);
    assert_eq!(world.put("developer", APP, body.clone()).await.status, 200);
    assert_eq!(world.put("developer", NESTED, body).await.status, 404);
    let found = world.get("guest", APP).await.json();
    assert_eq!(found["description"], "what it does");
    assert!(found["update_time"].as_str().unwrap() > found["creation_time"].as_str().unwrap());
    let long = json!({ "description": "x".repeat(70_000) });
    assert_eq!(world.put("developer", APP, long).await.status, 400);
    assert_eq!(world.delete("maintainer", APP).await.status, 200);
    world.push("team/app", &image().build(), &["v1"]).await;
    assert_eq!(world.get("guest", APP).await.json()["description"], "", "of another repository");
}

#[tokio::test]
async fn repositories_of_a_project_in_pages() {
    let world = World::new().await;
    for name in ["team/a", "team/b", "team/c", "team-2/x", "other/a"] {
        world.push(name, &image().build(), &["t"]).await;
    }
    let list = "/projects/team/repositories";
    assert_eq!(world.get("limited", list).await.column("name"), ["team/a", "team/b", "team/c"]);
    let page = world.get("guest", &format!("{list}?page=2&page_size=2&sort=-name")).await;
    assert_eq!(page.column("name"), ["team/a"]);
    assert_eq!(page.header("x-total-count"), Some("3"));
    assert!(page.header("link").unwrap().contains("rel=\"prev\""), "{page:?}");
    assert_eq!(world.get("guest", &format!("{list}?q=name%3D~B")).await.column("name"), ["team/b"]);
    assert_eq!(world.get("guest", &format!("{list}?q=nothing%3D1")).await.status, 400);
}

#[tokio::test]
async fn all_repositories_are_those_that_one_may_list() {
    let world = World::new().await;
    for name in ["team/a", "open/a", "other/a"] {
        world.push(name, &image().build(), &["t"]).await;
    }
    for (who, expected) in [
        (NOBODY, vec!["open/a"]),
        ("stranger", vec!["open/a"]),
        ("guest", vec!["open/a", "team/a"]),
        ("chief", vec!["open/a", "other/a", "team/a"]),
        ("admin", vec!["open/a", "other/a", "team/a"]),
        (OF_TEAM, vec!["open/a", "team/a"]),
        (ALL, vec!["open/a", "other/a", "team/a"]),
        // It may pull whatever it knows of, and may list nothing but what everybody may.
        (PULLER, vec!["open/a"]),
    ] {
        let reply = world.get(who, "/repositories").await;
        assert_eq!(reply.column("name"), expected, "{who:?}");
        assert_eq!(reply.header("x-total-count"), Some(expected.len().to_string().as_str()), "{who:?}");
    }
}

#[tokio::test]
async fn a_repository_goes_with_all_that_it_holds() {
    let world = World::new().await;
    for n in 0..250 {
        world.push("team/app", &image().layer(format!("{n}")).build(), &[&format!("v{n}")]).await;
    }
    world.push("team/app-2", &image().build(), &["v1"]).await;
    assert_eq!(world.delete("developer", APP).await.status, 403);
    assert_eq!(world.delete("maintainer", NESTED).await.status, 404);
    assert_eq!(world.delete("chief", "/projects/team").await.status, 412, "it has repositories");
    let reply = world.delete("maintainer", APP).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(world.get("guest", APP).await.status, 404);
    assert_eq!(world.delete("maintainer", APP).await.status, 404);
    assert_eq!(world.get("guest", &format!("{APP}/artifacts/v1")).await.status, 404);
    assert_eq!(world.get("guest", "/projects/team/repositories").await.column("name"), ["team/app-2"]);
    assert_eq!(world.delete("maintainer", "/projects/team/repositories/app-2").await.status, 200);
    assert_eq!(world.delete("chief", "/projects/team").await.status, 200);
}

#[tokio::test]
async fn statistics_and_search_know_what_is_left() {
    let world = World::new().await;
    world.push("team/app", &image().build(), &["v1"]).await;
    world.push("open/app", &image().build(), &["v1"]).await;
    let counts = || async {
        let found = world.get("admin", "/statistics").await.json();
        (
            found["private_repo_count"].clone(),
            found["public_repo_count"].clone(),
            found["total_repo_count"].clone(),
        )
    };
    assert_eq!(counts().await, (json!(1), json!(1), json!(2)));
    assert_eq!(world.delete("maintainer", APP).await.status, 200);
    assert_eq!(counts().await, (json!(0), json!(1), json!(1)));
    let found = world.get("admin", "/search?q=app").await.json();
    assert_eq!(found["repository"].as_array().unwrap().len(), 1);
}
