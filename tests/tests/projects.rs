//! Users, projects and tokens, as the registry's API shows them.

#[path = "projects/attacks.rs"]
mod attacks;
#[path = "projects/kept.rs"]
mod kept;
#[path = "projects/matrix.rs"]
mod matrix;
#[path = "projects/robots.rs"]
mod robots;
#[path = "projects/withdrawn.rs"]
mod withdrawn;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_function_registry::{
    Access, Administration, Audit, Environment, Service, Storage, Surroundings, gateway_settings, service,
};
use berth_http::{Body, Oci, whole_body};
use berth_identity::users::{CreateUser, NewUser};
use berth_identity::{AccessSettings, Tokens};
use berth_projects::{AddMember, CreateProject, Metadata, NewProject, Principal, Project, Role, Who};
use berth_protocol::Digest;
use berth_registry::upload::Signer;
use berth_registry::{Config, Delivery};
use berth_testkit::Memory;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

const HOST: &str = "registry.example";
const TTL_SECS: u64 = 300;
const ADMIN_PASSWORD: &str = "the first password";
const PASSWORD: &str = "Password1";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

struct World {
    memory: Arc<Memory>,
    oci: Oci,
    administration: Administration,
}

/// What a request comes to.
#[derive(Debug)]
struct Told {
    status: StatusCode,
    challenge: String,
    body: Value,
}

impl World {
    fn new() -> Self {
        let memory = Arc::new(Memory::new());
        let access = Access::Projects {
            first_password: Some(ADMIN_PASSWORD.to_owned()),
            tokens: Tokens::new("a key for tests", None).expect("a key"),
            settings: AccessSettings { token_ttl_secs: TTL_SECS, create_on_push: false },
            environment: Environment::of_key("a key for tests"),
        };
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Stream);
        let storage = Storage { ports: memory.ports(), read: memory.clone(), write: memory.clone() };
        let surroundings =
            Surroundings { config, access, settings: gateway_settings(), audit: Audit::default() };
        let Service { oci, administration, .. } = service(storage, surroundings);
        Self { memory, oci, administration: administration.expect("there are users") }
    }

    async fn admin(&self) -> Principal {
        let credentials =
            berth_registry::Credentials { user: "admin".to_owned(), password: ADMIN_PASSWORD.to_owned() };
        self.administration.directory.sign_in(&credentials, None).await.expect("the administrator")
    }

    async fn project(&self, name: &str, is_public: bool) -> Project {
        let mut metadata = Metadata::default();
        metadata.set("public", &is_public.to_string()).expect("a setting");
        let new = NewProject { name: name.parse().expect("a name"), metadata };
        match self.administration.projects.create(&self.admin().await, new).await.expect("memory") {
            CreateProject::Created(project) => project,
            other => panic!("{other:?}"),
        }
    }

    async fn user(&self, name: &str) -> u64 {
        let directory = &self.administration.directory;
        let new = NewUser { password: directory.hash_password(PASSWORD).await, ..NewUser::named(name) };
        match directory.users().create(new).await.expect("memory") {
            CreateUser::Created(user) => user.id,
            CreateUser::Taken => panic!("{name} is taken"),
        }
    }

    async fn member(&self, project: &Project, name: &str, role: Role) -> u64 {
        let who = Who::User(self.user(name).await);
        match self.administration.projects.add_member(project, who, name, role).await.expect("memory") {
            AddMember::Added(member) => member.id,
            other => panic!("{other:?}"),
        }
    }

    async fn send(&self, request: http::request::Builder, body: &'static str) -> Told {
        let request: Request<Body> = request.body(whole_body(body)).expect("a request");
        Told::of(self.oci.answer(request).await).await
    }

    /// A token for `scopes`, as an `Authorization` header.
    async fn token(&self, name: Option<&str>, scopes: &[&str]) -> String {
        let basic = name.map(|name| {
            let password = if name == "admin" { ADMIN_PASSWORD } else { PASSWORD };
            format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
        });
        self.token_of(basic.as_deref(), &scopes.join("&scope=")).await
    }

    /// The same for these credentials.
    async fn token_of(&self, basic: Option<&str>, scope: &str) -> String {
        let mut request = Request::get(format!("/token?scope={scope}")).header("host", HOST);
        if let Some(basic) = basic {
            request = request.header("authorization", basic);
        }
        let told = self.send(request, "").await;
        assert_eq!(told.status, 200, "{told:?}");
        format!("Bearer {}", told.body["token"].as_str().expect("a token"))
    }

    async fn request(&self, method: &str, path: &str, token: &str, body: &'static str) -> Told {
        let request = Request::builder().method(method).uri(path).header("host", HOST);
        let request = request.header("authorization", token).header("content-type", IMAGE);
        self.send(request, body).await
    }
}

impl Told {
    async fn of(answer: Response<Body>) -> Self {
        let (parts, body) = answer.into_parts();
        let challenge = parts.headers.get("www-authenticate").and_then(|value| value.to_str().ok());
        let body = body.collect().await.expect("a body").to_bytes();
        Self {
            status: parts.status,
            challenge: challenge.unwrap_or_default().to_owned(),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    fn message(&self) -> &str {
        self.body["errors"][0]["message"].as_str().unwrap_or_default()
    }
}

/// [asked-and-allowed]
#[tokio::test]
async fn projects_a_token_is_good_for_what_was_asked_and_is_allowed() {
    let world = World::new();
    let project = world.project("team", false).await;
    world.member(&project, "guest", Role::Guest).await;
    world.member(&project, "developer", Role::Developer).await;
    let get = "/v2/team/app/manifests/v1";
    let post = "/v2/team/app/blobs/uploads/";
    for (who, scope, method, path, status, error) in [
        ("developer", "repository:team/app:pull,push", "GET", get, 404, ""),
        ("developer", "repository:team/app:pull,push", "POST", post, 202, ""),
        ("developer", "repository:team/app:pull", "POST", post, 401, "insufficient_scope"),
        (
            "developer",
            "repository:team/app:pull",
            "GET",
            "/v2/team/other/manifests/v1",
            401,
            "insufficient_scope",
        ),
        ("developer", "repository:team/app:delete", "DELETE", get, 403, ""),
        ("guest", "repository:team/app:pull,push", "GET", get, 404, ""),
        ("guest", "repository:team/app:pull,push", "POST", post, 403, ""),
        ("guest", "repository:team/app:pull", "POST", post, 401, "insufficient_scope"),
        ("admin", "repository:team/app:pull,push,delete", "DELETE", get, 404, ""),
    ] {
        let token = world.token(Some(who), &[scope]).await;
        let told = world.request(method, path, &token, "").await;
        assert_eq!(told.status, status, "{who} {scope} {method} {path}: {told:?}");
        assert!(told.challenge.contains(error), "{told:?}");
        let is_challenged =
            told.challenge.contains(&format!(r#"realm="http://{HOST}/token",service="{HOST}""#));
        assert_eq!(is_challenged, status == 401, "{told:?}");
    }
    let token = world.token(Some("guest"), &["repository:team/app:pull,push"]).await;
    let told = world.request("POST", post, &token, "").await;
    assert!(told.message().contains("guest is a guest and may not push team/app"), "{told:?}");
    // Elsewhere it is nothing, also where the Host header only pretends.
    let elsewhere = Request::get(get).header("host", "other.example").header("authorization", &token);
    let told = world.send(elsewhere, "").await;
    assert!(
        told.status == 401 && told.challenge.contains(r#"realm="http://other.example/token""#),
        "{told:?}"
    );
}

/// [right-ends]
#[tokio::test]
async fn projects_a_right_ends_with_its_token_and_at_once_for_a_new_one() {
    let world = World::new();
    let project = world.project("team", false).await;
    let member = world.member(&project, "developer", Role::Developer).await;
    let scope = ["repository:team/app:pull"];
    let old = world.token(Some("developer"), &scope).await;
    let get = "/v2/team/app/manifests/v1";
    world.administration.projects.remove_member(&project, member).await.expect("memory");
    let new = world.token(Some("developer"), &scope).await;
    assert_eq!(world.request("GET", get, &new, "").await.status, 403);
    world.memory.clock().advance(Duration::from_secs(TTL_SECS - 1));
    assert_eq!(world.request("GET", get, &old, "").await.status, 404);
    world.memory.clock().advance(Duration::from_secs(1));
    let told = world.request("GET", get, &old, "").await;
    assert!(told.status == 401 && told.challenge.contains("invalid_token"), "{told:?}");
}

/// [project-ends]
#[tokio::test]
async fn projects_a_deleted_project_takes_its_rights_along() {
    let world = World::new();
    let project = world.project("team", false).await;
    world.member(&project, "developer", Role::Developer).await;
    let scope = ["repository:team/app:pull,push"];
    let token = world.token(Some("developer"), &scope).await;
    let blob = "layer";
    let digest = Digest::of(berth_protocol::Algorithm::Sha256, blob.as_bytes());
    let upload = format!("/v2/team/app/blobs/uploads/?digest={digest}");
    assert_eq!(world.request("POST", &upload, &token, blob).await.status, 201);
    let projects = &world.administration.projects;
    assert_eq!(projects.delete(&project.name).await.expect("memory"), berth_projects::DeleteProject::Deleted);

    let manifest = json!({
        "schemaVersion": 2, "mediaType": IMAGE,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": 5 },
        "layers": [],
    });
    let manifest: &'static str = Box::leak(manifest.to_string().into_boxed_str());
    let told = world.request("PUT", "/v2/team/app/manifests/v1", &token, manifest).await;
    assert_eq!(
        (told.status.as_u16(), told.body["errors"][0]["code"].as_str()),
        (404, Some("NAME_UNKNOWN")),
        "{told:?}"
    );

    world.memory.clock().advance(Duration::from_secs(TTL_SECS));
    let second = world.project("team", false).await;
    assert_ne!(project.id, second.id);
    assert_eq!(world.request("GET", "/v2/team/app/manifests/v1", &token, "").await.status, 401);
    let token = world.token(Some("developer"), &scope).await;
    assert_eq!(world.request("PUT", "/v2/team/app/manifests/v1", &token, manifest).await.status, 403);
}

/// [not-revealed]
#[tokio::test]
async fn projects_what_may_not_be_seen_is_not_there() {
    let world = World::new();
    world.project("closed", false).await;
    world.user("stranger").await;
    for who in [Some("stranger"), None] {
        for (method, path) in [
            ("GET", "manifests/v1"),
            ("HEAD", "manifests/v1"),
            ("GET", "tags/list"),
            ("POST", "blobs/uploads/"),
            ("PUT", "manifests/v1"),
            ("DELETE", "manifests/v1"),
        ] {
            let mut told = Vec::new();
            for project in ["closed", "absent"] {
                let scope = format!("repository:{project}/app:pull,push,delete");
                let token = world.token(who, &[&scope]).await;
                let answer = world.request(method, &format!("/v2/{project}/app/{path}"), &token, "").await;
                told.push(format!("{answer:?}").replace(project, "x"));
            }
            assert_eq!(told[0], told[1], "{who:?} {method} {path}");
        }
    }
}

#[tokio::test]
async fn projects_a_blob_is_not_mounted_from_where_its_reader_may_not_pull() {
    let world = World::new();
    let closed = world.project("closed", false).await;
    let team = world.project("team", false).await;
    world.member(&closed, "owner", Role::Developer).await;
    world.member(&team, "developer", Role::Developer).await;
    let digest = Digest::of(berth_protocol::Algorithm::Sha256, b"secret");
    let owner = world.token(Some("owner"), &["repository:closed/app:pull,push"]).await;
    let upload = format!("/v2/closed/app/blobs/uploads/?digest={digest}");
    assert_eq!(world.request("POST", &upload, &owner, "secret").await.status, 201);
    let scopes = ["repository:team/app:pull,push", "repository:closed/app:pull"];
    for scopes in [&scopes[..1], &scopes] {
        let developer = world.token(Some("developer"), scopes).await;
        let mount = format!("/v2/team/app/blobs/uploads/?mount={digest}&from=closed/app");
        assert_eq!(world.request("POST", &mount, &developer, "").await.status, 202);
        let head = format!("/v2/team/app/blobs/{digest}");
        assert_eq!(world.request("HEAD", &head, &developer, "").await.status, 404);
    }
}

#[tokio::test]
async fn projects_nobody_in_particular_pulls_what_is_public() {
    let world = World::new();
    world.project("open", true).await;
    world.project("closed", false).await;
    for (project, status) in [("open", 404), ("closed", 401), ("absent", 401)] {
        let path = format!("/v2/{project}/app/manifests/v1");
        let bare = world.send(Request::get(&path).header("host", HOST), "").await;
        let scope = format!(r#"scope="repository:{project}/app:pull""#);
        assert!(bare.status == 401 && bare.challenge.ends_with(&scope), "{bare:?}");
        let token = world.token(None, &[&format!("repository:{project}/app:pull")]).await;
        assert_eq!(world.request("GET", &path, &token, "").await.status, status, "{project}");
    }
    let login = world.send(Request::get("/token?service=x").header("host", HOST), "").await;
    assert_eq!(login.status, 401, "signing in without a name is not signing in");
}

#[tokio::test]
async fn projects_the_token_service_takes_forms_as_containerd_sends_them() {
    let world = World::new();
    let project = world.project("team", false).await;
    world.member(&project, "developer", Role::Developer).await;
    let form = |body: &'static str| {
        let request = Request::post("/token").header("host", HOST);
        world.send(request.header("content-type", "application/x-www-form-urlencoded"), body)
    };
    let told = form(
        "grant_type=password&service=registry.example&client_id=containerd-client&username=developer\
         &password=Password1&scope=repository%3Ateam%2Fapp%3Apull%2Cpush",
    );
    let told = told.await;
    assert_eq!((told.status.as_u16(), told.body["expires_in"].as_u64()), (200, Some(TTL_SECS)), "{told:?}");
    let token = format!("Bearer {}", told.body["access_token"].as_str().expect("a token"));
    assert_eq!(world.request("POST", "/v2/team/app/blobs/uploads/", &token, "").await.status, 202);
    let wrong =
        form("grant_type=password&username=developer&password=wrong&scope=repository%3Ateam%2Fapp%3Apull")
            .await;
    assert_eq!(wrong.status, 401);
    // A client that is told so goes on with GET.
    let refresh = form("grant_type=refresh_token&refresh_token=x&scope=repository%3Ateam%2Fapp%3Apull").await;
    assert_eq!(refresh.status, 401);
}

#[tokio::test]
async fn projects_tokens_can_be_checked_by_others() {
    let world = World::new();
    let keys = world.send(Request::get("/.well-known/jwks.json").header("host", HOST), "").await;
    let key = &keys.body["keys"][0];
    assert_eq!(
        (keys.status.as_u16(), key["alg"].as_str(), key["crv"].as_str()),
        (200, Some("ES256"), Some("P-256"))
    );
    let token = world.token(None, &["repository:a/b:pull"]).await;
    let header = token.trim_start_matches("Bearer ").split('.').next().expect("a header");
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).expect("base64");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    assert_eq!(header["kid"], key["kid"]);
}
