//! A registry with a project for each case and somebody for each role.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_audit::{AuditLog, Line, Lines};
use berth_configuration::{Configuration, Environment, Seals};
use berth_http::whole_body;
use berth_identity::groups::Groups;
use berth_identity::robots::{CreateRobot, Level, NewRobot};
use berth_identity::users::{CreateUser, NewUser, User};
use berth_identity::{Directory, DirectoryParts, SecretHash, Tokens, WorkloadParts, Workloads};
use berth_oidc::RelyingParty;
use berth_outbound::{Outbound, Policy};
use berth_projects::{
    AddMember, CreateProject, Metadata, NewProject, Permission, Principal, Project, Projects, Role, Scope,
    Who,
};
use berth_protocol::{Reference, Tag};
use berth_registry::manifest::PutManifest;
use berth_registry::ports::{Commit, Link, ManifestRecord, ManifestWrite};
use berth_registry::upload::Signer;
use berth_registry::{Authorizer, Caller, Config, Delivery, OpenAccess, Registry};
use berth_testkit::Memory;
use berth_testkit::build::{Built, image};
use berth_testkit::wrap::{Counting, wrap};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::{Management, Parts, Settings};

/// Everybody's password. Kept as a generated secret is, so that a test need not wait for it.
pub(super) const PASSWORD: &str = "Password1";

/// Nobody in particular.
pub(super) const NOBODY: &str = "";

/// Everybody with a name who is a person: the administrator, a stranger, and one for each role in `team`.
pub(super) const PEOPLE: [&str; 7] =
    ["admin", "stranger", "limited", "guest", "developer", "maintainer", "chief"];

/// The role of somebody in `team`.
pub(super) fn role(name: &str) -> Option<Role> {
    Some(match name {
        "limited" => Role::LimitedGuest,
        "guest" => Role::Guest,
        "developer" => Role::Developer,
        "maintainer" => Role::Maintainer,
        "chief" => Role::ProjectAdmin,
        _ => return None,
    })
}

/// The robots: with every right there is, with every right in one project, and with next to none.
pub(super) const ALL: &str = "robot$all";
pub(super) const OF_TEAM: &str = "robot$team+own";
pub(super) const OF_OTHER: &str = "robot$other+own";
pub(super) const PULLER: &str = "robot$puller";

/// Remembers the lines of the audit log.
#[derive(Default)]
pub(super) struct Told(Mutex<Vec<String>>);

impl Lines for Told {
    fn write(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl Told {
    pub(super) fn lines(&self) -> Vec<Line> {
        let texts = std::mem::take(&mut *self.0.lock().unwrap());
        texts.iter().map(|text| Line::parse(text).unwrap().unwrap()).collect()
    }
}

pub(super) struct World {
    pub(super) memory: Arc<Memory>,
    pub(super) told: Arc<Told>,
    /// What the API's use cases ask of storage for content.
    pub(super) calls: Arc<Counting>,
    pub(super) api: Management,
    pub(super) directory: Directory,
    pub(super) projects: Projects,
    pub(super) groups: Groups,
    /// Private, with a member for each role.
    pub(super) team: Project,
    /// Private, with `chief` as a guest.
    pub(super) other: Project,
    /// Public, without members.
    pub(super) open: Project,
    pub(super) users: BTreeMap<String, User>,
    pub(super) robots: BTreeMap<String, u64>,
    secrets: BTreeMap<String, String>,
}

/// What the API answered.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The code and the message of an error.
    pub(super) fn error(&self) -> (String, String) {
        let json = self.json();
        let error = &json["errors"][0];
        let text =
            |name: &str| error[name].as_str().unwrap_or_else(|| panic!("no {name}: {json}")).to_owned();
        (text("code"), text("message"))
    }

    /// The number at the end of the Location.
    pub(super) fn id(&self) -> u64 {
        assert_eq!(self.status, 201, "{}", self.body);
        self.header("location").unwrap().rsplit('/').next().unwrap().parse().unwrap()
    }

    /// The value of a cookie that the answer sets, and what goes with it.
    pub(super) fn cookie(&self, name: &str) -> Option<(String, String)> {
        let lines = self.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let mut pairs = lines.filter_map(|line| line.split_once('=')).filter(|(known, _)| *known == name);
        let (value, attributes) = pairs.next()?.1.split_once(';').unwrap();
        Some((value.to_owned(), attributes.trim().to_owned()))
    }

    /// The texts in this column of a list.
    pub(super) fn column(&self, name: &str) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.body);
        let json = self.json();
        let items = json.as_array().unwrap();
        items.iter().map(|item| item[name].as_str().unwrap_or_else(|| panic!("{item}")).to_owned()).collect()
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::locked(&[]).await
    }

    /// One where people sign in at a provider on loopback.
    pub(super) async fn with_oidc(settings: berth_oidc::Settings) -> Self {
        let environment = environment(&[]);
        let locks = environment.locks.and("--oidc", settings.items()).unwrap();
        Self::of(Environment { locks, ..environment }).await
    }

    /// With these variables in the environment.
    pub(super) async fn locked(locks: &[(&str, &str)]) -> Self {
        Self::of(environment(locks)).await
    }

    async fn of(environment: Environment) -> Self {
        let memory = Arc::new(Memory::new());
        let ports = memory.ports();
        let (clock, ids) = (ports.clock, ports.ids);
        let directory = Directory::new(DirectoryParts {
            read: memory.clone(),
            write: memory.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            first_password: None,
        });
        let workloads = Workloads::new(WorkloadParts {
            robots: directory.robots().clone(),
            read: memory.clone(),
            write: memory.clone(),
            tokens: Tokens::new("a secret", None).unwrap(),
            outbound: Outbound::new(Policy::default()),
            sts_endpoint: None,
            clock: clock.clone(),
            ids: ids.clone(),
        });
        let directory = directory.with_workloads(workloads);
        let projects =
            Projects::new(memory.clone(), memory.clone(), ports.repositories.clone(), clock.clone(), 1800);
        let groups = Groups::new(memory.clone(), memory.clone(), clock.clone());
        let told = Arc::new(Told::default());
        let calls = Arc::new(Counting::default());
        let made_of = Parts {
            directory: directory.clone(),
            projects: projects.clone(),
            groups: groups.clone(),
            oidc: RelyingParty::new(
                Outbound::new(Policy { allow_loopback: true, ..Policy::default() }),
                clock.clone(),
                ids.clone(),
            ),
            audit: AuditLog::new(memory.clone(), memory.clone(), clock.clone(), ids.clone(), 365)
                .with_lines(told.clone()),
            repositories: ports.repositories.clone(),
            registry: Registry::new(wrap(memory.ports(), calls.clone()), registry_config()),
            configuration: Configuration::new(berth_configuration::Parts {
                read: memory.clone(),
                write: memory.clone(),
                ids: ids.clone(),
                environment,
            }),
            read: memory.clone(),
            write: memory.clone(),
            clock,
            ids,
        };
        let settings = Settings {
            external_url: "https://registry.example".to_owned(),
            harbor_version: "v2.15.0-berth".to_owned(),
        };
        let mut known = BTreeMap::new();
        for name in PEOPLE {
            known.insert(name.to_owned(), user(&directory, name).await);
        }
        let admin = known["admin"].principal();
        let team = project(&projects, &admin, "team", false).await;
        let other = project(&projects, &admin, "other", false).await;
        let open = project(&projects, &admin, "open", true).await;
        let mut world = Self {
            memory,
            told,
            calls,
            api: Management::new(made_of, settings),
            directory,
            projects,
            groups,
            team,
            other,
            open,
            users: known,
            robots: BTreeMap::new(),
            secrets: BTreeMap::new(),
        };
        for name in PEOPLE {
            if let Some(role) = role(name) {
                world.member(&world.team.clone(), name, role).await;
            }
        }
        world.member(&world.other.clone(), "chief", Role::Guest).await;
        world.standing_robots().await;
        world
    }

    async fn standing_robots(&mut self) {
        let (team, other) = (self.team.clone(), self.other.clone());
        let project_rights: Vec<_> = Permission::project_catalogue().collect();
        let in_project = |scope| Permission { scope, rights: project_rights.clone() };
        let system = Permission { scope: Scope::System, rights: Permission::system_catalogue().collect() };
        self.robot("all", None, vec![system, in_project(Scope::AllProjects)]).await;
        self.robot("own", Some(&team), vec![in_project(Scope::Project(team.id))]).await;
        self.robot("own", Some(&other), vec![in_project(Scope::Project(other.id))]).await;
        let pull = (berth_projects::Resource::Repository, berth_projects::Action::Pull);
        self.robot("puller", None, vec![Permission { scope: Scope::AllProjects, rights: vec![pull] }]).await;
    }

    pub(super) async fn member(&self, project: &Project, name: &str, role: Role) -> u64 {
        let who = Who::User(self.users[name].id);
        match self.projects.add_member(project, who, name, role).await.unwrap() {
            AddMember::Added(member) => member.id,
            other => panic!("{other:?}"),
        }
    }

    /// Makes a robot of the system or of a project, with these permissions.
    pub(super) async fn robot(
        &mut self,
        name: &str,
        project: Option<&Project>,
        permissions: Vec<Permission>,
    ) -> String {
        let level = match project {
            None => Level::System,
            Some(project) => Level::Project { id: project.id, name: project.name.to_string() },
        };
        let new = NewRobot {
            name: name.to_owned(),
            level,
            description: String::new(),
            duration_days: -1,
            is_disabled: false,
            permissions,
            creator: "admin".to_owned(),
        };
        match self.directory.robots().create(new).await.unwrap() {
            CreateRobot::Created { robot, secret } => {
                self.secrets.insert(robot.full_name.clone(), secret);
                self.robots.insert(robot.full_name.clone(), robot.id);
                robot.full_name
            }
            other => panic!("{other:?}"),
        }
    }

    /// Pushes an image without blobs into a repository, so that it is there.
    pub(super) async fn repository(&self, name: &str) {
        let image = image().build();
        let record = ManifestRecord {
            digest: image.digest.clone(),
            media_type: image.media_type.to_string(),
            size_bytes: image.body.len() as u64,
            body: Some(image.body.clone()),
        };
        let commit = Commit {
            record: &record,
            made_by: None,
            push_id: "push",
            tags: &[],
            referrer: None,
            new_repository: true,
            project: None,
        };
        self.memory.commit(&name.parse().unwrap(), commit).await.unwrap();
    }

    /// Pushes with all that it needs, as a client does who may do everything.
    pub(super) async fn push(&self, name: &str, manifest: &Built, tags: &[&str]) {
        let repository = name.parse().unwrap();
        let ports = self.memory.ports();
        for blob in &manifest.blobs {
            ports.blob_write.put(&blob.digest, blob.content.clone()).await.unwrap();
            let link = Link { size_bytes: blob.content.len() as u64 };
            ports.link_write.put(&repository, &blob.digest, link).await.unwrap();
        }
        let permit = OpenAccess.push(&Caller::Anonymous, &repository).await.unwrap();
        let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        let request = PutManifest {
            reference: &Reference::Digest(manifest.digest.clone()),
            tags: &tags,
            media_type: Some(&manifest.media_type),
            body: manifest.body.clone(),
        };
        Registry::new(ports, registry_config()).put_manifest(&permit, request).await.unwrap();
    }

    pub(super) fn authorization(&self, who: &str) -> Option<String> {
        let secret = self.secrets.get(who).map_or(PASSWORD, String::as_str);
        (who != NOBODY).then(|| basic(who, secret))
    }

    pub(super) fn secret(&self, who: &str) -> &str {
        &self.secrets[who]
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &String> {
        self.secrets.values()
    }

    /// Sends a request with whatever headers.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<bytes::Bytes>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.api.answer(request.body(whole_body(body)).unwrap()).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Sends a request below `/api/v2.0` as somebody, with a document as its body.
    pub(super) async fn ask(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> Reply {
        let authorization = self.authorization(who);
        let mut headers = Vec::new();
        if let Some(authorization) = &authorization {
            headers.push(("authorization", authorization.as_str()));
        }
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(method, &format!("/api/v2.0{path}"), &headers, body).await
    }

    pub(super) async fn get(&self, who: &str, path: &str) -> Reply {
        self.ask(who, "GET", path, None).await
    }

    pub(super) async fn post(&self, who: &str, path: &str, body: Value) -> Reply {
        self.ask(who, "POST", path, Some(body)).await
    }

    pub(super) async fn put(&self, who: &str, path: &str, body: Value) -> Reply {
        self.ask(who, "PUT", path, Some(body)).await
    }

    pub(super) async fn delete(&self, who: &str, path: &str) -> Reply {
        self.ask(who, "DELETE", path, None).await
    }
}

fn registry_config() -> Config {
    Config::new(Signer::new("a key for tests", None), Delivery::Edge)
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    let get = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let read = Environment::read(Seals::new("the text of a key", None), get).unwrap();
    Environment { locks: read.locks.with_token_ttl(1800), ..read }
}

pub(super) fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

async fn user(directory: &Directory, name: &str) -> User {
    let new = NewUser {
        email: Some(format!("{name}@example.org")),
        full_name: name.to_owned(),
        password: Some(SecretHash::of_generated(PASSWORD)),
        is_admin: name == "admin",
        ..NewUser::named(name)
    };
    match directory.users().create(new).await.unwrap() {
        CreateUser::Created(user) => user,
        CreateUser::Taken => panic!("{name} is taken"),
    }
}

async fn project(projects: &Projects, maker: &Principal, name: &str, is_public: bool) -> Project {
    let mut metadata = Metadata::default();
    metadata.set("public", &is_public.to_string()).unwrap();
    match projects.create(maker, NewProject { name: name.parse().unwrap(), metadata }).await.unwrap() {
        CreateProject::Created(project) => project,
        other => panic!("{other:?}"),
    }
}
