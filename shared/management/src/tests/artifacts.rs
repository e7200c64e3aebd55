//! Artifacts, their tags and labels, and what belongs to them.

use std::time::Duration;

use berth_testkit::build::{Built, artifact, image, index};
use serde_json::{Value, json};

use super::world::World;

const ALL: &str = "/projects/team/repositories/app/artifacts";
const CONFIG: &str = r#"{"architecture":"arm64","os":"linux","created":"2026-01-02T03:04:05Z","author":"somebody",
    "config":{"Cmd":["/app"]},"history":[{"created_by":"COPY app /"}],"rootfs":{}}"#;

fn app() -> Built {
    image().config(CONFIG).layer("files").annotation("k", "v").build()
}

fn one(reference: impl std::fmt::Display) -> String {
    format!("{ALL}/{reference}")
}

fn size_bytes(manifest: &Built) -> usize {
    let blobs: usize = manifest.blobs.iter().map(|blob| blob.content.len()).sum();
    manifest.body.len() + blobs
}

/// The texts in this column of the page, in order.
async fn digests(world: &World, query: &str) -> Vec<String> {
    world.get("guest", &format!("{ALL}?{query}")).await.column("digest")
}

#[tokio::test]
async fn an_artifact_is_shown_as_harbor_shows_it() {
    let world = World::new().await;
    let app = app();
    world.push("team/app", &app, &["v1", "v2"]).await;
    let found = world.get("limited", &one("v1")).await.json();
    assert_eq!(found, world.get("limited", &one(&app.digest)).await.json());
    for (name, expected) in [
        ("type", json!("IMAGE")),
        ("media_type", json!("application/vnd.oci.image.config.v1+json")),
        ("manifest_media_type", json!("application/vnd.oci.image.manifest.v1+json")),
        ("artifact_type", json!("application/vnd.oci.image.config.v1+json")),
        ("project_id", json!(world.team.id)),
        ("repository_name", json!("team/app")),
        ("digest", json!(app.digest.to_string())),
        ("size", json!(size_bytes(&app))),
        ("annotations", json!({ "k": "v" })),
        ("references", Value::Null),
        ("labels", Value::Null),
        ("accessories", Value::Null),
        ("pull_time", json!("0001-01-01T00:00:00.000Z")),
    ] {
        assert_eq!(found[name], expected, "{name}");
    }
    assert_eq!(
        found["extra_attrs"],
        json!({
            "architecture": "arm64", "os": "linux", "created": "2026-01-02T03:04:05Z", "author": "somebody",
            "config": { "Cmd": ["/app"] },
        })
    );
    let href =
        format!("/api/v2.0/projects/team/repositories/app/artifacts/{}/additions/build_history", app.digest);
    assert_eq!(found["addition_links"], json!({ "build_history": { "href": href, "absolute": false } }));
    let tags = found["tags"].as_array().unwrap();
    assert_eq!((tags.len(), &tags[1]["name"], &tags[1]["immutable"]), (2, &json!("v2"), &json!(false)));
    assert_eq!((&tags[0]["artifact_id"], &tags[0]["repository_id"]), (&found["id"], &found["repository_id"]));
    assert!(tags[0]["id"].as_u64().unwrap() > 0 && tags[0]["id"] != tags[1]["id"]);
    let bare = world.get("limited", &format!("{}?with_tag=false", one("v1"))).await.json();
    assert_eq!(bare["tags"], Value::Null);
    for missing in ["none", "sha256:abc", "no%20tag"] {
        assert_eq!(world.get("limited", &one(missing)).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn a_listing_has_what_stands_for_itself_newest_first() {
    let world = World::new().await;
    let step = || world.memory.clock().advance(Duration::from_mins(1));
    let (amd, arm, tagged) =
        (image().layer("amd").build(), image().layer("arm").build(), image().layer("tagged").build());
    for child in [&amd, &arm] {
        world.push("team/app", child, &[]).await;
    }
    world.push("team/app", &tagged, &["alone"]).await;
    step();
    let all = index().child(&amd).child(&arm).child(&tagged).build();
    world.push("team/app", &all, &["v1"]).await;
    step();
    let signature = artifact(&all, "application/vnd.dev.cosign.artifact.sig.v1+json").build();
    world.push("team/app", &signature, &[]).await;
    let untagged = app();
    world.push("team/app", &untagged, &[]).await;

    let texts = |manifests: &[&Built]| -> Vec<String> {
        manifests.iter().map(|manifest| manifest.digest.to_string()).collect()
    };
    assert_eq!(digests(&world, "").await, texts(&[&untagged, &all, &tagged]));
    assert_eq!(digests(&world, "sort=push_time").await, texts(&[&tagged, &all, &untagged]));
    assert_eq!(digests(&world, "q=base%3D*").await.len(), 6);
    assert_eq!(digests(&world, "q=tags%3D*").await, texts(&[&all, &tagged]));
    assert_eq!(digests(&world, "q=tags%3Dnil").await, texts(&[&untagged]));
    assert_eq!(digests(&world, "q=tags%3Dv1").await, texts(&[&all]));
    assert_eq!(digests(&world, "q=tags%3D~LON").await, texts(&[&tagged]));
    assert_eq!(digests(&world, &format!("q=digest%3D{}", all.digest)).await, texts(&[&all]));
    assert_eq!(digests(&world, "q=type%3DIMAGE").await.len(), 3);
    assert_eq!(digests(&world, "q=type%3DCHART").await, texts(&[]));
    assert_eq!(world.get("guest", &format!("{ALL}?q=nothing%3D1")).await.status, 400);
    let page = world.get("guest", &format!("{ALL}?page_size=2")).await;
    assert_eq!((page.column("digest").len(), page.header("x-total-count")), (2, Some("3")));
    assert!(page.header("link").unwrap().contains("page=2"), "{page:?}");

    let found = world.get("guest", &format!("{ALL}?q=tags%3Dv1&with_accessory=true")).await.json();
    let shown = &found[0];
    let references = shown["references"].as_array().unwrap();
    assert_eq!(references.len(), 3);
    assert_eq!(
        (&references[0]["parent_id"], &references[0]["child_digest"]),
        (&shown["id"], &json!(amd.digest.to_string()))
    );
    assert_eq!(
        shown["size"],
        json!(all.body.len() + size_bytes(&amd) + size_bytes(&arm) + size_bytes(&tagged))
    );
    assert_eq!(shown["accessories"][0]["type"], "signature.cosign");
    assert_eq!(world.get("guest", &one("v1")).await.json()["size"], shown["size"]);
    assert_eq!(world.get("guest", "/projects/team/repositories/app").await.json()["artifact_count"], 3);
    // As in Harbor, a repository that is not there has no artifacts.
    let none = world.get("guest", "/projects/team/repositories/none/artifacts").await;
    assert_eq!((none.status, none.body.as_str()), (200, "[]"));
}

#[tokio::test]
async fn a_project_lists_the_artifacts_of_its_repositories() {
    let world = World::new().await;
    let step = || world.memory.clock().advance(Duration::from_mins(1));
    let (old, new, chart) =
        (image().layer("old").build(), image().layer("new").build(), artifact(&app(), "a/chart").build());
    for (repository, manifest, tag) in [
        ("team/app", &old, "v1"),
        ("team/app", &new, "v2"),
        ("team/web/front", &old, "v3"),
        ("team/web/front", &chart, "chart"),
        ("other/app", &new, "v4"),
    ] {
        world.push(repository, manifest, &[tag]).await;
        step();
    }
    let listed = async |query: &str| {
        let page = world.get("guest", &format!("/projects/team/artifacts?{query}")).await;
        let rows = page.json().as_array().unwrap_or_else(|| panic!("{}", page.body)).clone();
        let of = |row: &Value| {
            let tag = row["tags"][0]["name"].as_str().unwrap_or_default();
            format!("{}:{tag}", row["repository_name"].as_str().unwrap())
        };
        (rows.iter().map(of).collect::<Vec<_>>(), page.header("x-total-count").unwrap().to_owned())
    };
    let everything = ["team/web/front:chart", "team/web/front:v3", "team/app:v2", "team/app:v1"];
    assert_eq!(listed("").await, (everything.map(str::to_owned).to_vec(), "4".to_owned()));
    assert_eq!(listed("page_size=1&page=2").await, (vec!["team/web/front:v3".to_owned()], "4".to_owned()));
    assert_eq!(listed("q=tags%3Dv1").await.0, ["team/app:v1"]);
    assert_eq!(listed(&format!("q=digest%3D{}", old.digest)).await.0, ["team/web/front:v3", "team/app:v1"]);
    // The newest image of each repository; in one of them something else is newer.
    let newest = "latest_in_repository=true&q=media_type%3Dapplication%2Fvnd.oci.image.config.v1%2Bjson";
    assert_eq!(listed(newest).await.0, ["team/web/front:v3", "team/app:v2"]);
    assert_eq!(listed(&format!("{newest}&sort=push_time")).await.0, ["team/app:v2", "team/web/front:v3"]);
    let kindless = world.get("guest", "/projects/team/artifacts?latest_in_repository=true").await;
    assert_eq!(kindless.status, 400, "{}", kindless.body);
    // By number too; and who may not see the project is told nothing.
    let id = world.get("guest", "/projects/team").await.json()["project_id"].clone();
    assert_eq!(
        world.get("guest", &format!("/projects/{id}/artifacts")).await.json().as_array().unwrap().len(),
        4
    );
    assert_eq!(world.get("stranger", "/projects/team/artifacts").await.status, 403);
}

#[tokio::test]
async fn a_page_looks_into_what_is_on_it_alone() {
    let world = World::new().await;
    for n in 0..30 {
        let image = image().config(CONFIG).layer(format!("{n}")).build();
        world.push("team/app", &image, &[&format!("v{n}")]).await;
    }
    for (query, artifacts) in
        [("page_size=5", 5), ("page_size=5&page=6", 5), ("page=4", 0), ("q=tags%3Dv7", 1)]
    {
        world.calls.take();
        assert_eq!(digests(&world, query).await.len(), artifacts, "{query}");
        let calls = world.calls.take();
        let count = |call: &str| calls.get(call).copied().unwrap_or_default();
        assert_eq!(
            (count("ArtifactList::list"), count("ArtifactList::tagged")),
            (1, 1),
            "{query}: {calls:?}"
        );
        for each in ["ManifestRead::get", "LinkRead::get", "BlobRead::open"] {
            assert_eq!(count(each), artifacts, "{query}: {calls:?}");
        }
        assert_eq!(calls.values().sum::<usize>(), 2 + 3 * artifacts, "{query}: {calls:?}");
    }
}

#[tokio::test]
async fn accessories_by_subject_and_by_tag() {
    let world = World::new().await;
    let app = app();
    world.push("team/app", &app, &["v1"]).await;
    let sbom = artifact(&app, "application/vnd.goharbor.harbor.sbom.v1").build();
    let other = artifact(&app, "a/b").build();
    world.push("team/app", &sbom, &[]).await;
    world.push("team/app", &other, &[]).await;
    let signature = image().layer("signature").build();
    let tag = format!("sha256-{}.sig", app.digest.hex());
    world.push("team/app", &signature, &[&tag]).await;
    let reply = world.get("limited", &format!("{}/accessories", one("v1"))).await;
    let mut kinds = reply.column("type");
    kinds.sort();
    assert_eq!(kinds, ["sbom.harbor", "signature.cosign", "subject.accessory"]);
    assert_eq!(reply.header("x-total-count"), Some("3"));
    let found = world.get("limited", &format!("{}/accessories?q=type%3Dsbom.harbor", one("v1"))).await.json();
    assert_eq!(found[0]["digest"], json!(sbom.digest.to_string()));
    assert_eq!(found[0]["subject_artifact_digest"], json!(app.digest.to_string()));
    assert_eq!(found[0]["subject_artifact_repo"], "team/app");
    assert_eq!(found[0]["size"], json!(size_bytes(&sbom)));
    assert_eq!(digests(&world, "").await, [app.digest.to_string()]);
}

#[tokio::test]
async fn tags_are_made_where_they_are_free_and_taken_where_they_are() {
    let world = World::new().await;
    let (first, second) = (app(), image().layer("second").build());
    world.push("team/app", &first, &["v1"]).await;
    world.push("team/app", &second, &["v2"]).await;
    let tags = |reference: &str| format!("{}/tags", one(reference));
    let new = json!({ "name": "stable" });
    assert_eq!(world.post("guest", &tags("v1"), new.clone()).await.status, 403);
    assert_eq!(world.post("developer", &tags("v1"), new.clone()).await.status, 201);
    let reply = world.post("developer", &tags("v2"), new.clone()).await;
    assert_eq!((reply.status, reply.error().0.as_str()), (409, "CONFLICT"));
    assert_eq!(world.get("guest", &one("stable")).await.json()["digest"], json!(first.digest.to_string()));
    assert_eq!(world.post("developer", &tags("none"), new).await.status, 404);
    assert_eq!(world.post("developer", &tags("v1"), json!({ "name": "no tag" })).await.status, 400);
    let list = world.get("guest", &format!("{}?sort=-name&page_size=1", tags("v1"))).await;
    assert_eq!((list.column("name"), list.header("x-total-count")), (vec!["v1".to_owned()], Some("2")));

    let tag = |reference: &str, name: &str| format!("{}/{name}", tags(reference));
    assert_eq!(world.delete("developer", &tag("v1", "stable")).await.status, 403);
    assert_eq!(world.delete("maintainer", &tag("v2", "stable")).await.status, 404, "of another artifact");
    assert_eq!(world.delete("maintainer", &tag("v1", "stable")).await.status, 200);
    assert_eq!(world.delete("maintainer", &tag("v1", "stable")).await.status, 404);
    assert_eq!(world.delete("maintainer", &tag("v1", "no%20tag")).await.status, 404);
    assert_eq!(world.get("guest", &tags("v1")).await.column("name"), ["v1"]);
}

#[tokio::test]
async fn an_artifact_goes_with_what_belongs_to_it_alone() {
    let world = World::new().await;
    let (own, shared, tagged) =
        (image().layer("own").build(), image().layer("shared").build(), image().layer("tagged").build());
    world.push("team/app", &own, &[]).await;
    world.push("team/app", &shared, &[]).await;
    world.push("team/app", &tagged, &["alone"]).await;
    let all = index().child(&own).child(&shared).child(&tagged).build();
    let other = index().child(&shared).build();
    world.push("team/app", &all, &["v1", "v2"]).await;
    world.push("team/app", &other, &["other"]).await;
    let signature = artifact(&all, "application/vnd.cncf.notary.signature").build();
    let of_signature = artifact(&signature, "a/b").build();
    world.push("team/app", &signature, &[]).await;
    world.push("team/app", &of_signature, &[]).await;

    let refused = world.delete("maintainer", &one(&shared.digest)).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (412, "PRECONDITION"));
    assert_eq!(world.delete("developer", &one("v1")).await.status, 403);
    assert_eq!(world.delete("maintainer", &one("v1")).await.status, 200);
    for (manifest, status) in [
        (&all, 404),
        (&own, 404),
        (&signature, 404),
        (&of_signature, 404),
        (&shared, 200),
        (&tagged, 200),
        (&other, 200),
    ] {
        assert_eq!(world.get("guest", &one(&manifest.digest)).await.status, status);
    }
    assert_eq!(world.get("guest", &one("v2")).await.status, 404);
    assert_eq!(world.delete("maintainer", &one("v1")).await.status, 404);
}

#[tokio::test]
async fn a_copy_has_everything_and_comes_from_where_one_may_pull() {
    let world = World::new().await;
    let (amd, arm) = (image().layer("amd").build(), image().layer("arm").build());
    let all = index().child(&amd).child(&arm).build();
    let nested = index().child(&all).child(&amd).build();
    let signature = artifact(&nested, "application/vnd.dev.cosign.artifact.sig.v1+json").build();
    let of_child = artifact(&arm, "a/b").build();
    for manifest in [&amd, &arm, &all, &nested, &signature, &of_child] {
        world
            .push("other/app", manifest, if manifest.digest == nested.digest { &["v1", "v2"] } else { &[] })
            .await;
    }
    let copy = |from: &str| format!("/projects/team/repositories/web%252Fcopy/artifacts?from={from}");
    // The chief is a guest in the other project; the maintainer is nobody there.
    let hidden = world.post("maintainer", &copy("other/app:v1"), json!({})).await;
    let absent = world.post("maintainer", &copy("nothing/app:v1"), json!({})).await;
    assert_eq!((hidden.status, hidden.body), (403, absent.body));
    assert_eq!(world.post("guest", &copy("team/app:v1"), json!({})).await.status, 403);
    let reply = world.ask("chief", "POST", &copy("other/app:v1"), None).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(
        reply.header("location"),
        Some("/api/v2.0/projects/team/repositories/web%252Fcopy/artifacts/v1")
    );
    let at = |reference: &str| format!("/projects/team/repositories/web%252Fcopy/artifacts/{reference}");
    for manifest in [&amd, &arm, &all, &nested, &signature, &of_child] {
        assert_eq!(world.get("limited", &at(&manifest.digest.to_string())).await.status, 200);
    }
    assert_eq!(world.get("limited", &at("v2")).await.json()["digest"], json!(nested.digest.to_string()));
    let accessories = world.get("limited", &format!("{}/accessories", at("v1"))).await;
    assert_eq!(accessories.column("type"), ["signature.cosign"]);
    assert_eq!(world.ask("chief", "POST", &copy("other/app:v1"), None).await.status, 201, "once more");
    for (from, status) in
        [("other/app:none", 404), ("other/none:v1", 404), ("other/app", 400), ("app:v1", 400), ("", 422)]
    {
        assert_eq!(world.ask("chief", "POST", &copy(from), None).await.status, status, "{from}");
    }
    let of_signature = copy(&format!("other/app@{}", signature.digest));
    let denied = world.ask("chief", "POST", &of_signature, None).await;
    assert_eq!((denied.status, denied.error().0.as_str()), (403, "DENIED"));
}

/// [name-kept]
#[tokio::test]
async fn a_copy_brings_a_deleted_repository_back_for_those_who_could_have_deleted_it() {
    let world = World::new().await;
    world.push("team/app", &image().build(), &["v1"]).await;
    let copy = "/projects/team/repositories/moved/artifacts?from=team/app:v1";
    let status = async |who: &str| world.ask(who, "POST", copy, None).await.status;
    assert_eq!(status("developer").await, 201);
    assert_eq!(world.delete("maintainer", "/projects/team/repositories/moved").await.status, 200);
    let refused = world.ask("developer", "POST", copy, None).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (403, "FORBIDDEN"));
    assert!(refused.error().1.contains("was deleted"), "{}", refused.body);
    assert_eq!(status("maintainer").await, 201);
    assert_eq!(status("developer").await, 201);
}

#[tokio::test]
async fn labels_of_artifacts() {
    let world = World::new().await;
    let (first, second) = (app(), image().layer("second").build());
    world.push("team/app", &first, &["v1"]).await;
    world.push("team/app", &second, &["v2"]).await;
    let of_team = json!({ "name": "mine", "scope": "p", "project_id": world.team.id });
    let mine = world.post("maintainer", "/labels", of_team).await.id();
    let of_other = json!({ "name": "theirs", "scope": "p", "project_id": world.other.id });
    let theirs = world.post("admin", "/labels", of_other).await.id();
    let ours = world.post("admin", "/labels", json!({ "name": "ours", "scope": "g" })).await.id();
    let labels = format!("{}/labels", one("v1"));
    assert_eq!(world.post("guest", &labels, json!({ "id": mine })).await.status, 403);
    for (id, status) in [(mine, 200), (ours, 200), (mine, 409), (theirs, 404), (999, 404)] {
        assert_eq!(world.post("developer", &labels, json!({ "id": id })).await.status, status, "{id}");
    }
    let shown = world.get("guest", &format!("{}?with_label=true", one("v1"))).await.json();
    let names: Vec<&Value> = shown["labels"].as_array().unwrap().iter().map(|label| &label["name"]).collect();
    assert_eq!(names, [&json!("mine"), &json!("ours")]);
    assert_eq!(world.get("guest", &one("v1")).await.json()["labels"], Value::Null);
    let first_alone = [first.digest.to_string()];
    assert_eq!(digests(&world, &format!("q=labels%3D{mine}")).await, first_alone);
    assert_eq!(digests(&world, &format!("q=labels%3D({mine}%20{ours})")).await, first_alone);
    assert_eq!(digests(&world, &format!("q=labels%3D({mine}%20999)")).await, [""; 0]);
    assert_eq!(world.get("guest", &format!("{ALL}?q=labels%3D~x")).await.status, 400);
    let listed = world.get("guest", &format!("{ALL}?with_label=true&q=tags%3Dv1")).await.json();
    assert_eq!(listed[0]["labels"], shown["labels"]);

    assert_eq!(world.delete("developer", &format!("{labels}/{mine}")).await.status, 200);
    assert_eq!(world.delete("developer", &format!("{labels}/{mine}")).await.status, 404);
    assert_eq!(world.delete("admin", &format!("/labels/{ours}")).await.status, 200);
    let shown = world.get("guest", &format!("{}?with_label=true", one("v1"))).await.json();
    assert_eq!(shown["labels"], Value::Null, "a label that is gone is on nothing");
}

#[tokio::test]
async fn labels_go_with_their_artifact() {
    let world = World::new().await;
    let label = json!({ "name": "mine", "scope": "p", "project_id": world.team.id });
    let label = world.post("maintainer", "/labels", label).await.id();
    let path = format!("{}?with_label=true", one("v1"));
    for round in 0..3 {
        world.push("team/app", &app(), &["v1"]).await;
        assert_eq!(world.get("guest", &path).await.json()["labels"], Value::Null, "round {round}");
        let attached =
            world.post("developer", &format!("{}/labels", one("v1")), json!({ "id": label })).await;
        assert_eq!(attached.status, 200, "{}", attached.body);
        world.memory.clock().advance(Duration::from_mins(1));
        match round {
            0 => assert_eq!(world.delete("maintainer", &one("v1")).await.status, 200),
            1 => assert_eq!(world.delete("maintainer", "/projects/team/repositories/app").await.status, 200),
            // By the registry itself, which knows nothing of labels.
            _ => {
                let ports = world.memory.ports();
                let name = "team/app".parse().unwrap();
                assert!(ports.manifest_delete.delete_manifest(&name, &app().digest).await.unwrap());
            }
        }
    }
    world.push("team/app", &app(), &["v1"]).await;
    assert_eq!(world.get("guest", &path).await.json()["labels"], Value::Null);
}

#[tokio::test]
async fn additions_of_images() {
    let world = World::new().await;
    world.push("team/app", &app(), &["v1"]).await;
    let plain = image().config("no JSON").build();
    world.push("team/app", &plain, &["plain"]).await;
    world.push("team/app", &index().child(&plain).build(), &["index"]).await;
    let large = image().config(format!(r#"{{"history":[],"x":"{}"}}"#, "x".repeat(1 << 20))).build();
    world.push("team/app", &large, &["large"]).await;
    let addition = |tag: &str, name: &str| format!("{}/additions/{name}", one(tag));
    let history = world.get("limited", &addition("v1", "build_history")).await;
    assert_eq!(history.json(), json!([{ "created_by": "COPY app /" }]));
    assert_eq!(history.header("content-type"), Some("application/json; charset=utf-8"));
    for (tag, name, status) in [
        ("v1", "readme.md", 400),
        ("index", "build_history", 400),
        ("v1", "nothing", 422),
        ("none", "build_history", 404),
        ("plain", "build_history", 404),
        ("large", "build_history", 404),
        ("v1", "vulnerabilities", 501),
    ] {
        assert_eq!(world.get("limited", &addition(tag, name)).await.status, status, "{tag} {name}");
    }
    // What cannot be read is not shown, and is in nobody's way.
    for tag in ["plain", "large"] {
        let shown = world.get("limited", &one(tag)).await.json();
        assert_eq!((&shown["type"], &shown["extra_attrs"]), (&json!("IMAGE"), &json!({})), "{tag}");
    }
}

#[tokio::test]
async fn additions_of_charts() {
    let world = World::new().await;
    let files: [(&str, &[u8]); 2] = [("app/values.yaml", b"replicas: 1\n"), ("app/README.md", b"# app\n")];
    let packed = crate::artifact::packed_chart(&files);
    let chart = chart(
        r#"{"name":"app","version":"1.2.3","dependencies":[{"name":"db","version":"1","repository":"r"}]}"#,
        &packed,
    );
    world.push("team/app", &chart, &["1.2.3"]).await;
    let shown = world.get("guest", &one("1.2.3")).await.json();
    assert_eq!((&shown["type"], &shown["extra_attrs"]["version"]), (&json!("CHART"), &json!("1.2.3")));
    let links: Vec<&String> = shown["addition_links"].as_object().unwrap().keys().collect();
    assert_eq!(links, ["dependencies", "readme.md", "values.yaml"]);
    for (name, content_type, body) in [
        ("values.yaml", "text/plain; charset=utf-8", "replicas: 1\n"),
        ("README.MD", "text/markdown; charset=utf-8", "# app\n"),
        (
            "dependencies",
            "application/json; charset=utf-8",
            r#"[{"name":"db","repository":"r","version":"1"}]"#,
        ),
    ] {
        let reply = world.get("guest", &format!("{}/additions/{name}", one("1.2.3"))).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, body), "{name}");
        assert_eq!(reply.header("content-type"), Some(content_type), "{name}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{name}");
    }
    assert_eq!(world.get("guest", &format!("{}/additions/build_history", one("1.2.3"))).await.status, 400);
}

/// What helm pushes.
fn chart(config: &'static str, packed: &[u8]) -> Built {
    let mut built = image().config(config).layer(packed).build();
    let text = String::from_utf8(built.body.to_vec()).unwrap();
    let text = text
        .replace("application/vnd.oci.image.config.v1+json", "application/vnd.cncf.helm.config.v1+json")
        .replace(
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        );
    built.digest = berth_protocol::Digest::sha256(text.as_bytes());
    built.body = text.into();
    built
}
