//! Pulls, pushes, deletes and refusals.

use berth_testkit::build::image;

use crate::door::{PASSWORD, World, basic};

#[tokio::test]
async fn a_pull_is_noted_when_the_manifest_is_handed_out() {
    let world = World::new();
    let digest = world.pushed().await.digest;
    let path = "/v2/team/app/manifests/1";
    assert_eq!(world.with_token("reader", "GET", path).await, 200);
    assert_eq!(world.with_token("", "GET", &format!("/v2/team/app/manifests/{digest}")).await, 200);
    let basic = basic("reader", PASSWORD);
    assert_eq!(world.send("GET", path, &[("authorization", &basic)], "").await, 200);
    assert_eq!(
        world.told(),
        [
            "reader pull team/app 1 known in 7 200".to_owned(),
            format!("nobody pull team/app {digest} known in 7 200"),
            "reader pull team/app 1 known in 7 200".to_owned(),
        ]
    );
}

#[tokio::test]
async fn what_hands_out_nothing_is_not_noted() {
    let world = World::new();
    let digest = world.pushed().await.digest;
    let path = "/v2/team/app/manifests/1";
    assert_eq!(world.with_token("reader", "HEAD", path).await, 200);
    let etag = format!("\"{digest}\"");
    let headers = [("authorization", "Bearer good:reader"), ("if-none-match", &etag)];
    assert_eq!(world.send("GET", path, &headers, "").await, 304);
    assert_eq!(world.with_token("reader", "GET", "/v2/team/app/manifests/none").await, 404);
    assert_eq!(world.with_token("reader", "GET", "/v2/team/app/tags/list").await, 200);
    assert_eq!(world.with_token("reader", "GET", "/v2/_catalog").await, 403);
    assert_eq!(world.with_token("writer", "POST", "/v2/team/app/blobs/uploads/").await, 202);
    // The ordinary way to a token, and a token that has ended.
    assert_eq!(world.send("GET", path, &[], "").await, 401);
    assert_eq!(world.send("GET", path, &[("authorization", "Bearer old")], "").await, 401);
    assert_eq!(world.send("GET", "/v2/", &[], "").await, 401);
    // Nobody in particular, who may not.
    assert_eq!(world.with_token("", "PUT", path).await, 401);
    assert_eq!(world.told(), [""; 0]);
}

#[tokio::test]
async fn a_push_is_noted_with_its_tags_and_so_is_one_that_fails() {
    let world = World::new();
    let image = image().layer(b"files").build();
    assert_eq!(world.push(&image, "manifests/1").await, 404, "blobs are missing");
    world.upload(&image).await;
    assert_eq!(world.push(&image, "manifests/1").await, 201);
    assert_eq!(world.push(&image, &format!("manifests/{}?tag=2&tag=3", image.digest)).await, 201);
    assert_eq!(
        world.told(),
        [
            "writer push team/app 1 unknown in 7 404".to_owned(),
            "writer push team/app 1 known in 7 201".to_owned(),
            format!("writer push team/app {}+2+3 known in 7 201", image.digest),
        ]
    );
}

#[tokio::test]
async fn deletes_are_noted_whatever_becomes_of_them() {
    let world = World::new();
    let image = world.pushed().await;
    let blob = format!("blobs/{}", image.blobs[0].digest);
    let mut expected = Vec::new();
    for (what, status, words) in [
        (blob.clone(), 405, format!("blob {}", image.blobs[0].digest)),
        ("manifests/1".to_owned(), 202, "1 unknown".to_owned()),
        ("manifests/1".to_owned(), 404, "1 unknown".to_owned()),
        (format!("manifests/{}", image.digest), 202, format!("{} unknown", image.digest)),
        (blob, 202, format!("blob {}", image.blobs[0].digest)),
    ] {
        assert_eq!(
            world.with_token("writer", "DELETE", &format!("/v2/team/app/{what}")).await,
            status,
            "{what}"
        );
        expected.push(format!("writer delete team/app {words} in 7 {status}"));
    }
    assert_eq!(world.told(), expected);
}

#[tokio::test]
async fn refusals_of_somebody_are_noted_where_he_may_know_of_the_project() {
    let world = World::new();
    let digest = world.pushed().await.digest;
    for (method, path, words) in [
        ("POST", "team/app/blobs/uploads/".to_owned(), "push team/app - in 7"),
        ("PUT", "team/app/manifests/1".to_owned(), "push team/app 1 unknown in 7"),
        ("DELETE", "team/app/manifests/1".to_owned(), "delete team/app 1 unknown in 7"),
        ("DELETE", format!("team/app/blobs/{digest}"), &format!("delete team/app blob {digest} in 7")),
        ("POST", "hidden/app/blobs/uploads/".to_owned(), "push hidden/app - in -"),
    ] {
        assert_eq!(world.with_token("reader", method, &format!("/v2/{path}")).await, 403, "{method} {path}");
        assert_eq!(world.told(), [format!("reader {words} 403")]);
    }
}

#[tokio::test]
async fn every_request_has_a_name_of_its_own() {
    let world = World::new();
    world.pushed().await;
    for _ in 0..3 {
        world.with_token("reader", "GET", "/v2/team/app/manifests/1").await;
    }
    let mut names: Vec<String> =
        world.happenings().into_iter().map(|happening| happening.request_id).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 3);
}
