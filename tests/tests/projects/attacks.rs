//! What somebody may try with tokens (docs/attacks.md), through the whole service.

use super::*;

const PUSH: &str = "/v2/team/app/blobs/uploads/";
const PULL: &str = "/v2/team/app/manifests/v1";

/// Scopes that ask for more than there is to have, or for it in another way.
const GREEDY: &[&str] = &[
    "repository:team/app:pull,push,delete",
    "repository:team/app:*",
    "repository:team/app:pull,push,delete,*",
    "repository:team/app:PUSH",
    "repository:team/app:%20push",
    "repository:team/app:push:pull",
    "repository:team/app:push,push,push&scope=repository:team/app:push",
    "repository(plugin):team/app:pull,push",
    "repository(*):team/app:*",
    "REPOSITORY:team/app:*",
    "repository:*:*",
    "repository:*:pull,push",
    "repository:team/*:*",
    "repository:team:*",
    "repository:Team/App:*",
    "repository:TEAM/APP:pull,push",
    "repository:/team/app:*",
    "repository:team//app:*",
    "repository:team/./app:*",
    "repository:open/../team/app:*",
    "repository:team%252Fapp:*",
    "repository:team%255Capp:*",
    "repository:team/app%2500:*",
    "repository:registry.example/team/app:*",
    // Letters that look the same, and some that cannot be seen.
    "repository:t%D0%B5am/app:*",
    "repository:team/app%E2%80%8B:*",
    "repository:%EF%BD%94eam/app:*",
    "registry:catalog:*",
    "registry:*:*",
    "registry:team/app:*",
    "system:admin:*",
    "*",
    "*:*:*",
];

#[tokio::test]
async fn projects_no_scope_gives_more_than_there_is_a_right_to() {
    let world = World::new();
    let team = world.project("team", false).await;
    world.project("open", true).await;
    world.member(&team, "guest", Role::Guest).await;
    world.user("stranger").await;
    for (who, may_pull) in [(Some("guest"), true), (Some("stranger"), false), (None, false)] {
        let basic = who.map(|who| format!("Basic {}", STANDARD.encode(format!("{who}:{PASSWORD}"))));
        for scope in GREEDY {
            let token = world.token_of(basic.as_deref(), scope).await;
            for (method, path) in
                [("POST", PUSH), ("PUT", PULL), ("DELETE", PULL), ("GET", "/v2/_catalog"), ("GET", PULL)]
            {
                let status = world.request(method, path, &token, "").await.status.as_u16();
                let may = path == PULL && method == "GET" && may_pull;
                let is_refused = status == 401 || status == 403;
                assert!(is_refused || may && status == 404, "{who:?} {scope}: {method} {path} was {status}");
            }
        }
        // The control: what he may, he gets.
        let token = world.token_of(basic.as_deref(), "repository:team/app:pull").await;
        let status = world.request("GET", PULL, &token, "").await.status.as_u16();
        assert_eq!(status == 404, may_pull, "{who:?}");
    }
}

#[tokio::test]
async fn projects_a_long_list_of_scopes_makes_no_long_token() {
    let world = World::new();
    let team = world.project("team", false).await;
    world.member(&team, "developer", Role::Developer).await;
    let basic = format!("Basic {}", STANDARD.encode(format!("developer:{PASSWORD}")));
    let once = world.token_of(Some(&basic), "repository:team/app:pull,push").await;
    for scopes in [
        vec!["repository:team/app:pull,push".to_owned(); 1000].join("&scope="),
        format!("repository:team/app:{}push", "pull,".repeat(5000)),
        format!("repository:team/app:pull,push&scope=repository:{}:pull", "x".repeat(20_000)),
        format!("repository:team/app:pull,push&scope={}", "y:".repeat(5000)),
    ] {
        let token = world.token_of(Some(&basic), &scopes).await;
        // The time, the name of the token and the order of its words are all that may differ.
        assert!(token.len().abs_diff(once.len()) < 64, "{} and {}", token.len(), once.len());
        assert_eq!(world.request("POST", PUSH, &token, "").await.status, 202);
    }
    let many: Vec<String> = (0..33).map(|n| format!("repository:team/app{n}:pull")).collect();
    let request = Request::get(format!("/token?scope={}", many.join("&scope="))).header("host", HOST);
    let told = world.send(request.header("authorization", basic), "").await;
    assert_eq!(told.status, 403, "{told:?}");
    assert!(told.message().contains("at most 32 repositories"), "{told:?}");
}

/// What proxies and clients say about the host, and what only pretends to.
const FORGED: &[(&str, &str)] = &[
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-port", "443"),
    ("x-forwarded-server", "evil.example"),
    ("x-forwarded-for", "198.51.100.1"),
    ("x-original-host", "evil.example"),
    ("x-host", "evil.example"),
    ("x-berth-url", "https://evil.example"),
    ("forwarded", "host=evil.example;proto=https"),
    ("via", "1.1 evil.example"),
];

#[tokio::test]
async fn projects_only_the_host_header_says_what_the_registry_is_called() {
    let world = World::new();
    let team = world.project("team", false).await;
    world.member(&team, "developer", Role::Developer).await;
    let basic = format!("Basic {}", STANDARD.encode(format!("developer:{PASSWORD}")));
    let forge = |mut request: http::request::Builder| {
        for (name, value) in FORGED {
            request = request.header(*name, *value);
        }
        request
    };
    let challenged = world.send(forge(Request::get(PULL).header("host", HOST)), "").await;
    assert_eq!(challenged.status, 401);
    assert!(challenged.challenge.contains(&format!(r#"realm="http://{HOST}/token""#)), "{challenged:?}");
    assert!(!challenged.challenge.contains("evil"), "{challenged:?}");

    let request =
        Request::get("/token?scope=repository:team/app:pull,delete&service=evil.example&account=admin");
    let request = forge(request.header("host", HOST)).header("authorization", &basic);
    let told = world.send(request, "").await;
    let token = format!("Bearer {}", told.body["token"].as_str().expect("a token"));
    // It is good where it was asked for, and for whoever asked.
    for (host, path, status) in [
        (HOST, PULL, 404),
        ("evil.example", PULL, 401),
        ("REGISTRY.example", PULL, 401),
        ("registry.example:80", PULL, 401),
        ("registry.example.", PULL, 401),
        // A request for another host, in the form that proxies are asked with (RFC 9112, section 3.2.2).
        (HOST, "http://evil.example/v2/team/app/manifests/v1", 401),
    ] {
        let request = Request::get(path).header("host", host).header("authorization", &token);
        let told = world.send(forge(request), "").await;
        assert_eq!(told.status, status, "{host} {path}: {told:?}");
    }
    assert_eq!(world.request("DELETE", PULL, &token, "").await.status, 403, "`account` makes nobody another");
}

/// A token that was signed by the right key, for somebody else's host or another time, through the whole service.
#[tokio::test]
async fn projects_a_token_of_another_registry_is_nobodys() {
    let (one, other) = (World::new(), World::new());
    for world in [&one, &other] {
        let team = world.project("team", false).await;
        world.member(&team, "developer", Role::Developer).await;
    }
    // Both have the same key here: what keeps them apart is the host.
    let scope = ["repository:team/app:pull,push"];
    let token = one.token(Some("developer"), &scope).await;
    assert_eq!(other.request("GET", PULL, &token, "").await.status, 404, "the control");
    let elsewhere = Request::get(PULL).header("host", "other.example").header("authorization", &token);
    assert_eq!(other.send(elsewhere, "").await.status, 401);
    other.memory.clock().advance(Duration::from_secs(TTL_SECS));
    let told = other.request("GET", PULL, &token, "").await;
    assert!(told.status == 401 && told.challenge.contains("invalid_token"), "{told:?}");
}

/// The number in a token, not the name, says which project it is for: also as the source of a mount.
#[tokio::test]
async fn projects_a_later_project_of_the_name_is_no_source_of_a_mount() {
    let world = World::new();
    let source = world.project("source", false).await;
    let team = world.project("team", false).await;
    let user = world.user("developer").await;
    for project in [&source, &team] {
        let projects = &world.administration.projects;
        projects.add_member(project, Who::User(user), "developer", Role::Developer).await.expect("memory");
    }
    let scopes = ["repository:team/app:pull,push", "repository:source/app:pull,push"];
    let old = world.token(Some("developer"), &scopes).await;
    world.administration.projects.delete(&source.name).await.expect("memory");
    // The name is not given again while that token is good.
    let again = NewProject { name: source.name.clone(), metadata: Metadata::default() };
    let taken = world.administration.projects.create(&world.admin().await, again).await.expect("memory");
    assert!(matches!(taken, CreateProject::Reserved { .. }), "{taken:?}");
    world.memory.clock().advance(Duration::from_secs(TTL_SECS));
    world.project("source", false).await;
    let digest = Digest::of(berth_protocol::Algorithm::Sha256, b"secret");
    let upload = format!("/v2/source/app/blobs/uploads/?digest={digest}");
    let admin = world.token(Some("admin"), &["repository:source/app:pull,push"]).await;
    assert_eq!(world.request("POST", &upload, &admin, "secret").await.status, 201);
    let mount = format!("/v2/team/app/blobs/uploads/?mount={digest}&from=source/app");
    assert_eq!(world.request("POST", &mount, &old, "").await.status, 401);
    let new = world.token(Some("developer"), &scopes).await;
    assert_eq!(world.request("POST", &mount, &new, "").await.status, 202, "an upload, not a mount");
    let head = format!("/v2/team/app/blobs/{digest}");
    assert_eq!(world.request("HEAD", &head, &new, "").await.status, 404);
}

#[tokio::test]
async fn projects_an_upload_is_of_its_repository_and_of_whoever_may_push_there() {
    let world = World::new();
    let team = world.project("team", false).await;
    let other = world.project("other", false).await;
    world.member(&team, "developer", Role::Developer).await;
    world.member(&other, "attacker", Role::ProjectAdmin).await;
    let developer = world.token(Some("developer"), &["repository:team/app:pull,push"]).await;
    let request = Request::post(PUSH).header("host", HOST).header("authorization", &developer);
    let begun = world.oci.answer(request.body(whole_body("")).expect("a request")).await;
    let session = begun.headers()["location"].to_str().expect("ASCII").to_owned();
    let attacker =
        world.token(Some("attacker"), &["repository:other/app:pull,push", "repository:team/app:pull,push"]);
    let attacker = attacker.await;
    let moved = session.replace("/team/app/", "/other/app/");
    for (path, status) in [(&session, 403), (&moved, 404)] {
        for method in ["GET", "PATCH", "DELETE"] {
            let told = world.request(method, path, &attacker, "").await;
            assert_eq!(told.status, status, "{method} {path}: {told:?}");
        }
    }
    assert_eq!(world.request("GET", &session, &developer, "").await.status, 204, "the control");
}
