//! A registry with a project, robots in it, and an issuer whose workloads they can be.

use std::sync::Arc;
use std::time::Duration;

use berth_federation::Rule;
use berth_identity::robots::{CreateRobot, Level, NewRobot, Robot, UpdateRobot};
use berth_identity::trust::{CreateTrustRule, NewTrustRule, TrustRule, Trusted};
use berth_identity::{
    AccessSettings, Directory, DirectoryParts, ProjectAccess, Tokens, WorkloadParts, Workloads,
};
use berth_outbound::{Outbound, Policy};
use berth_projects::{
    Action, CreateProject, Metadata, NewProject, Permission, Principal, Project, Projects, Resource, Scope,
    UserIdentity,
};
use berth_registry::{
    Clock, Credentials, Exchanged, Forbidden, SignIn, StoreErrorKind, Token, TokenRequest, Visit,
};
use berth_testkit::Memory;
use serde_json::{Value, json};

use super::issuer::Issuer;
use super::keys::{Key, token};
use super::reads::Reads;

pub(crate) const HOST: &str = "registry.example";
pub(crate) const TTL_SECS: u64 = 300;
/// How long the issuer's tokens live.
pub(crate) const PROOF_SECS: u64 = 120;
/// A name that nobody has.
pub(crate) const ANY: &str = "oidc";
const KEY_ID: &str = "k1";

pub(crate) struct World {
    pub(crate) memory: Arc<Memory>,
    pub(crate) reads: Arc<Reads>,
    pub(crate) projects: Projects,
    pub(crate) directory: Directory,
    pub(crate) access: ProjectAccess,
    pub(crate) issuer: Issuer,
    pub(crate) project: Project,
    key: Key,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Key::p256(), None).await
    }

    /// With this key of the issuer, and an STS at this port.
    pub(crate) async fn with(key: Key, sts_port: Option<u16>) -> Self {
        let memory = Arc::new(Memory::new());
        let reads = Arc::new(Reads::of(memory.clone()));
        let ports = memory.ports();
        let (clock, ids) = (ports.clock, ports.ids);
        let directory = Directory::new(DirectoryParts {
            read: reads.clone(),
            write: memory.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            first_password: None,
        });
        let tokens = Tokens::new("a secret", None).expect("a key");
        let policy = Policy { allow_loopback: true, total_timeout_ms: 5_000, ..Policy::default() };
        let workloads = Workloads::new(WorkloadParts {
            robots: directory.robots().clone(),
            read: reads.clone(),
            write: memory.clone(),
            tokens: tokens.clone(),
            outbound: Outbound::new(policy),
            sts_endpoint: sts_port.map(|port| format!("http://127.0.0.1:{port}")),
            clock: clock.clone(),
            ids: ids.clone(),
        });
        let directory = directory.with_workloads(workloads);
        let projects =
            Projects::new(memory.clone(), memory.clone(), ports.repositories, clock.clone(), TTL_SECS);
        let settings = AccessSettings { token_ttl_secs: TTL_SECS, create_on_push: false };
        let access = ProjectAccess::new(directory.clone(), projects.clone(), tokens, clock, ids, settings);
        let admin = Principal::User(UserIdentity {
            id: 1,
            name: "admin".to_owned(),
            groups: Vec::new(),
            is_admin: true,
        });
        let new = NewProject { name: "team".parse().expect("a name"), metadata: Metadata::default() };
        let project = match projects.create(&admin, new).await.expect("memory") {
            CreateProject::Created(project) => project,
            other => panic!("{other:?}"),
        };
        let issuer = Issuer::start(&[key.jwk(KEY_ID)]).await;
        Self { memory, reads, projects, directory, access, issuer, project, key }
    }

    pub(crate) fn now_secs(&self) -> u64 {
        self.memory.clock().now_secs()
    }

    pub(crate) fn later(&self, secs: u64) {
        self.memory.clock().advance(Duration::from_secs(secs));
    }

    /// A robot of the project, which may pull.
    pub(crate) async fn robot(&self, name: &str) -> Robot {
        let level = Level::Project { id: self.project.id, name: self.project.name.to_string() };
        let new = NewRobot {
            name: name.to_owned(),
            level,
            description: String::new(),
            duration_days: 30,
            is_disabled: false,
            permissions: vec![self.pull()],
            creator: "admin".to_owned(),
        };
        match self.directory.robots().create(new).await.expect("memory") {
            CreateRobot::Created { robot, .. } => robot,
            other => panic!("{other:?}"),
        }
    }

    fn pull(&self) -> Permission {
        Permission {
            scope: Scope::Project(self.project.id),
            rights: vec![(Resource::Repository, Action::Pull)],
        }
    }

    pub(crate) async fn disable(&self, robot: &Robot) {
        let change = UpdateRobot {
            description: String::new(),
            duration_days: robot.duration_days,
            is_disabled: true,
            permissions: vec![self.pull()],
        };
        assert!(self.directory.robots().update(robot.id, &change).await.expect("memory"));
    }

    /// A rule of the robot for tokens of the issuer with this claim; they may be used again.
    pub(crate) async fn rule(&self, robot: &Robot, repository_id: &str) -> TrustRule {
        self.create(robot, Trusted::Token(self.token_rule(repository_id, false))).await
    }

    pub(crate) async fn rule_for_one_use(&self, robot: &Robot, repository_id: &str) -> TrustRule {
        self.create(robot, Trusted::Token(self.token_rule(repository_id, true))).await
    }

    fn token_rule(&self, repository_id: &str, single_use: bool) -> Rule {
        let rule = json!({
            "id": "", "name": "a rule", "issuer": self.issuer.url, "audiences": [HOST],
            "claims": {"repository_id": {"equals": repository_id}}, "single_use": single_use
        });
        serde_json::from_value(rule).expect("a rule")
    }

    pub(crate) async fn create(&self, robot: &Robot, trusted: Trusted) -> TrustRule {
        let new = NewTrustRule { trusted, creator: "admin".to_owned() };
        new.check().expect("a rule that is safe");
        match self.directory.trust().create(robot, new).await.expect("memory") {
            CreateTrustRule::Created(rule) => rule,
            other => panic!("{other:?}"),
        }
    }

    /// Claims as the issuer makes them, of repository 42, with some replaced.
    pub(crate) fn claims(&self, changes: Value) -> Value {
        let now_secs = self.now_secs();
        let mut claims = json!({
            "iss": self.issuer.url, "aud": HOST, "sub": "repo:o/x", "jti": "j1", "iat": now_secs,
            "exp": now_secs + PROOF_SECS, "repository_id": "42"
        });
        let Value::Object(changes) = changes else { panic!("an object") };
        for (name, value) in changes {
            claims[name] = value;
        }
        claims
    }

    /// A token of the issuer with these claims.
    pub(crate) fn proof(&self, changes: Value) -> String {
        signed(&self.key, &self.claims(changes))
    }

    /// What the token service says, at our own host.
    pub(crate) async fn token(&self, user: &str, password: &str) -> Result<Token, Forbidden> {
        self.token_at(HOST, user, password).await
    }

    pub(crate) async fn token_at(&self, host: &str, user: &str, password: &str) -> Result<Token, Forbidden> {
        let scopes = vec!["repository:team/app:pull,push".to_owned()];
        let request = TokenRequest { credentials: Some(credentials(user, password)), scopes };
        self.access.token(request, &visit(host)).await
    }

    pub(crate) async fn exchange(&self, user: &str, proof: &str) -> Result<Exchanged, Forbidden> {
        self.access.exchange(credentials(user, proof), &visit(HOST)).await
    }

    /// Who the registry takes somebody for who sends this with a request.
    pub(crate) async fn entered(&self, user: &str, password: &str) -> Option<String> {
        let entered = self.directory.enter(&credentials(user, password), &visit(HOST)).await;
        entered.ok().and_then(|entered| entered.principal.name().map(str::to_owned))
    }
}

/// A token with these claims, by this key under the name of the issuer's.
pub(crate) fn signed(key: &Key, claims: &Value) -> String {
    token(key, &json!({"alg": key.algorithm(), "kid": KEY_ID, "typ": "JWT"}), claims)
}

pub(crate) fn credentials(user: &str, password: &str) -> Credentials {
    Credentials { user: user.to_owned(), password: password.to_owned() }
}

pub(crate) fn visit(host: &str) -> Visit {
    Visit { host: host.to_owned(), address: Some("192.0.2.1".parse().expect("an address")) }
}

/// What became of a request, in a word.
pub(crate) fn outcome<T>(result: &Result<T, Forbidden>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(Forbidden::Unauthenticated) => "refused",
        Err(Forbidden::Store(error)) if error.kind == StoreErrorKind::Unavailable => "later",
        Err(_) => "other",
    }
}
