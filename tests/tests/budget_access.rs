//! What access costs: calls to DynamoDB for tokens and for requests with them, however many projects and members there are.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_function_registry::{
    Access, Administration, Audit, Environment, Service, Storage, Surroundings, gateway_settings, service,
};
use berth_http::{Oci, whole_body};
use berth_identity::robots::{CreateRobot, Level, NewRobot};
use berth_identity::users::{CreateUser, NewUser};
use berth_identity::{AccessSettings, Tokens};
use berth_projects::{
    Action, CreateProject, Metadata, NewProject, Permission, Principal, Project, Resource, Role, Scope, Who,
};
use berth_protocol::Digest;
use berth_registry::upload::Signer;
use berth_registry::{Config, Credentials, Delivery};
use berth_testkit::build::{Built, image};
use berth_testkit::{CountingIds, ManualClock};
use berth_tests::compare_with_document;
use berth_tests::embedded::{Embedded, Fate};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;

const FIRST: &str = "the first password";
const PASSWORD: &str = "Password1";

struct World {
    oci: Oci,
    administration: Administration,
    admin: Principal,
    calls: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl World {
    async fn new(folder: &std::path::Path) -> Self {
        let ids = Arc::new(CountingIds::default());
        let embedded = Embedded::open(folder, Arc::new(ManualClock::default()), ids).await;
        let calls = Arc::new(Mutex::new(BTreeMap::new()));
        let counts = Arc::clone(&calls);
        let store = embedded.store(Arc::new(move |name: &str| {
            *counts.lock().expect("no panic").entry(name.to_owned()).or_insert(0) += 1;
            Fate::Pass
        }));
        let access = Access::Projects {
            first_password: Some(FIRST.to_owned()),
            tokens: Tokens::new("a key for tests", None).expect("a key"),
            settings: AccessSettings { token_ttl_secs: 300, create_on_push: false },
            environment: Environment::of_key("a key for tests"),
        };
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Edge);
        let surroundings =
            Surroundings { config, access, settings: gateway_settings(), audit: Audit::default() };
        let Service { oci, administration, .. } = service(Storage::of(&store), surroundings);
        let administration = administration.expect("there are users");
        let first = Credentials { user: "admin".to_owned(), password: FIRST.to_owned() };
        let admin = administration.directory.sign_in(&first, None).await.expect("the administrator");
        Self { oci, administration, admin, calls }
    }

    async fn project(&self, name: &str) -> Project {
        let new = NewProject { name: name.parse().expect("a name"), metadata: Metadata::default() };
        match self.administration.projects.create(&self.admin, new).await.expect("stored") {
            CreateProject::Created(project) => project,
            other => panic!("{other:?}"),
        }
    }

    async fn robot(&self, project: &Project) -> (String, String) {
        let rights = vec![(Resource::Repository, Action::Pull)];
        let new = NewRobot {
            name: "ci".to_owned(),
            level: Level::Project { id: project.id, name: project.name.to_string() },
            description: String::new(),
            duration_days: 30,
            is_disabled: false,
            permissions: vec![Permission { scope: Scope::Project(project.id), rights }],
            creator: "admin".to_owned(),
        };
        match self.administration.directory.robots().create(new).await.expect("stored") {
            CreateRobot::Created { robot, secret } => (robot.full_name, secret),
            other => panic!("{other:?}"),
        }
    }

    /// Adds `count` projects, and as many members to `project`, who need not exist.
    async fn fill(&self, project: &Project, count: u64) {
        for n in 0..count {
            self.project(&format!("other{n}")).await;
            let who = Who::User(1_000_000 + n);
            self.administration
                .projects
                .add_member(project, who, "other", Role::Guest)
                .await
                .expect("stored");
        }
    }

    async fn send(&self, method: &str, path: &str, authorization: &str, body: Bytes) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(path).header("host", "registry.example");
        let request =
            request.header("authorization", authorization).body(whole_body(body)).expect("a request");
        let (parts, body) = self.oci.answer(request).await.into_parts();
        Response::from_parts(parts, body.collect().await.expect("a body").to_bytes())
    }

    /// Sends a request and answers it with the calls that it made.
    async fn counted(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        status: u16,
    ) -> (Response<Bytes>, String) {
        self.calls.lock().expect("no panic").clear();
        let answer = self.send(method, path, authorization, Bytes::new()).await;
        assert_eq!(answer.status(), status, "{path}: {}", String::from_utf8_lossy(answer.body()));
        let calls = self.calls.lock().expect("no panic").clone();
        let total: usize = calls.values().sum();
        let named: Vec<String> = calls
            .iter()
            .map(|(name, count)| if *count == 1 { name.clone() } else { format!("{count} × {name}") })
            .collect();
        let named = if named.is_empty() { "–".to_owned() } else { named.join(", ") };
        (answer, format!("{total} | {named} |"))
    }

    async fn push(&self, name: &str, built: &Built, token: &str) {
        for blob in &built.blobs {
            let path = format!("/v2/{name}/blobs/uploads/?digest={}", blob.digest);
            assert_eq!(self.send("POST", &path, token, blob.content.clone()).await.status(), 201);
        }
        let path = format!("/v2/{name}/manifests/1");
        assert_eq!(self.send("PUT", &path, token, built.body.clone()).await.status(), 201);
    }
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

fn bearer(answer: &Response<Bytes>) -> String {
    let body: Value = serde_json::from_slice(answer.body()).expect("JSON");
    format!("Bearer {}", body["token"].as_str().expect("a token"))
}

/// The table of what each request costs, with `others` more projects, and members of the project that is asked for.
async fn table(others: u64) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::new(folder.path()).await;
    let project = world.project("team").await;
    let users = world.administration.directory.users();
    let password = world.administration.directory.hash_password(PASSWORD).await;
    let CreateUser::Created(user) =
        users.create(NewUser { password, ..NewUser::named("developer") }).await.expect("stored")
    else {
        panic!("the name is taken")
    };
    let who = Who::User(user.id);
    world
        .administration
        .projects
        .add_member(&project, who, "developer", Role::Developer)
        .await
        .expect("stored");
    let (robot, secret) = world.robot(&project).await;
    world.fill(&project, others).await;

    let mut table = "| request | calls | which |\n|---|---|---|\n".to_owned();
    let mut row = |what: &str, cost: String| writeln!(table, "| {what} | {cost}").expect("a string grows");
    let scope = "/token?scope=repository:team/app:pull,push";
    let user = basic("developer", PASSWORD);
    let (answer, cost) = world.counted("GET", scope, &user, 200).await;
    row("token for a user, one repository", cost);
    let token = bearer(&answer);
    let two = format!("{scope}&scope=repository:team/base:pull");
    row("token for a user, two repositories of one project", world.counted("GET", &two, &user, 200).await.1);
    row("token, wrong password", world.counted("GET", scope, &basic("developer", "wrong"), 401).await.1);
    let robot = basic(&robot, &secret);
    row("token for a robot, its first in an hour", world.counted("GET", scope, &robot, 200).await.1);
    row("token for a robot", world.counted("GET", scope, &robot, 200).await.1);
    let built = image().layer("small").build();
    world.push("team/app", &built, &token).await;
    let manifest = "/v2/team/app/manifests/1";
    row("manifest GET with a token", world.counted("GET", manifest, &token, 200).await.1);
    let layer = format!("/v2/team/app/blobs/{}", Digest::sha256(b"small"));
    row("blob GET with a token, redirect to the edge", world.counted("GET", &layer, &token, 307).await.1);
    row(
        "upload POST with a token",
        world.counted("POST", "/v2/team/app/blobs/uploads/", &token, 202).await.1,
    );
    row("manifest GET with Basic credentials", world.counted("GET", manifest, &user, 200).await.1);
    table
}

#[tokio::test]
async fn budget_access_costs_the_same_however_many_there_are() {
    let few = table(1).await;
    compare_with_document("docs/budget.md", "access", &few);
    assert_eq!(table(300).await, few);
}

/// The same with the numbers of the promise; it takes minutes to write them.
#[tokio::test]
#[ignore = "heavy: run by just test-full"]
async fn budget_access_costs_the_same_with_ten_thousand() {
    assert_eq!(table(10_000).await, table(1).await);
}
