//! Who gets which token, and what it is good for.

use std::time::Duration;

use berth_projects::{Permission, Role, Scope as RobotScope, Who};
use berth_testkit::Memory;

use super::*;
use crate::DirectoryParts;
use crate::robots::{CreateRobot, Level, NewRobot};
use crate::users::{CreateUser, NewUser, User};

const HOST: &str = "registry.example";
const TTL_SECS: u64 = 300;
const FIRST: &str = "the first password";

struct World {
    memory: Arc<Memory>,
    projects: Projects,
    directory: Directory,
    access: ProjectAccess,
}

fn world_with(create_on_push: bool) -> World {
    let memory = Arc::new(Memory::new());
    let ports = memory.ports();
    let (clock, ids) = (ports.clock, ports.ids);
    let directory = Directory::new(DirectoryParts {
        read: memory.clone(),
        write: memory.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        first_password: Some(FIRST.to_owned()),
    });
    let projects = Projects::new(memory.clone(), memory.clone(), ports.repositories, clock.clone(), TTL_SECS);
    let settings = AccessSettings { token_ttl_secs: TTL_SECS, create_on_push };
    let tokens = Tokens::new("a secret", None).unwrap();
    let access = ProjectAccess::new(directory.clone(), projects.clone(), tokens, clock, ids, settings);
    World { memory, projects, directory, access }
}

fn world() -> World {
    world_with(false)
}

impl World {
    async fn project(&self, name: &str, is_public: bool) -> berth_projects::Project {
        let mut metadata = Metadata::default();
        metadata.set("public", &is_public.to_string()).unwrap();
        let admin = self.directory.sign_in(&credentials("admin", FIRST), None).await.unwrap();
        let new = NewProject { name: name.parse().unwrap(), metadata };
        match self.projects.create(&admin, new).await.unwrap() {
            CreateProject::Created(project) => project,
            other => panic!("{other:?}"),
        }
    }

    async fn user(&self, name: &str) -> User {
        let password = self.directory.hash_password("Password1").await;
        let new = NewUser { password, ..NewUser::named(name) };
        match self.directory.users().create(new).await.unwrap() {
            CreateUser::Created(user) => user,
            CreateUser::Taken => panic!("{name} is taken"),
        }
    }

    async fn member(&self, project: &berth_projects::Project, name: &str, role: Role) {
        let user = self.user(name).await;
        self.projects.add_member(project, Who::User(user.id), name, role).await.unwrap();
    }

    async fn token(&self, credentials: Option<Credentials>, scopes: &[&str]) -> Result<String, Forbidden> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let request = TokenRequest { credentials, scopes };
        Ok(self.access.token(request, &visit()).await?.text)
    }

    /// What becomes of a request with a token for `scopes`.
    async fn check(
        &self,
        credentials: Option<Credentials>,
        scopes: &[&str],
        repository: &str,
        action: RepositoryAction,
    ) -> Result<Agreed, Forbidden> {
        let token = self.token(credentials, scopes).await?;
        let caller = self.access.caller(Some(&format!("Bearer {token}")), &visit()).await?;
        self.access.check(&caller, &repository.parse().unwrap(), action).await
    }
}

fn visit() -> Visit {
    Visit { host: HOST.to_owned(), address: Some("192.0.2.1".parse().unwrap()) }
}

fn credentials(user: &str, password: &str) -> Credentials {
    Credentials { user: user.to_owned(), password: password.to_owned() }
}

#[expect(clippy::unnecessary_wraps, reason = "what requests take")]
fn known(user: &str) -> Option<Credentials> {
    Some(credentials(user, "Password1"))
}

fn outcome<T>(result: &Result<T, Forbidden>) -> &'static str {
    match result {
        Ok(_) => "allowed",
        Err(Forbidden::Denied(_)) => "denied",
        Err(Forbidden::Unauthenticated) => "sign in",
        Err(Forbidden::InsufficientScope) => "ask again",
        Err(_) => "other",
    }
}

#[tokio::test]
async fn each_role_gets_what_it_may_and_no_more() {
    use RepositoryAction::{Delete, Pull, Push};
    let world = world();
    let project = world.project("team", false).await;
    world.user("stranger").await;
    for (name, role) in [
        ("limited", Role::LimitedGuest),
        ("guest", Role::Guest),
        ("developer", Role::Developer),
        ("maintainer", Role::Maintainer),
        ("chief", Role::ProjectAdmin),
    ] {
        world.member(&project, name, role).await;
    }
    for (name, expected) in [
        ("stranger", ["denied", "denied", "denied"]),
        ("limited", ["allowed", "denied", "denied"]),
        ("guest", ["allowed", "denied", "denied"]),
        ("developer", ["allowed", "allowed", "denied"]),
        ("maintainer", ["allowed", "allowed", "allowed"]),
        ("chief", ["allowed", "allowed", "allowed"]),
    ] {
        for (action, expected) in [Pull, Push, Delete].into_iter().zip(expected) {
            let scope = "repository:team/app:pull,push,delete";
            let with_token = world.check(known(name), &[scope], "team/app", action).await;
            assert_eq!(outcome(&with_token), expected, "{name} {action}: {with_token:?}");
            // The same with Basic credentials on the request itself.
            let caller = Caller::User { name: name.to_owned() };
            let basic = world.access.check(&caller, &"team/app".parse().unwrap(), action).await;
            assert_eq!(outcome(&basic), expected, "{name} {action}, Basic: {basic:?}");
            if expected == "allowed" {
                let agreed = with_token.unwrap();
                assert_eq!(agreed.project, Some(project.id));
                // Who could delete a repository may bring it back, whether or not this was asked for.
                let may_delete = ["maintainer", "chief"].contains(&name);
                assert_eq!(agreed.may_revive, may_delete, "{name} {action}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_holds_what_was_asked_for_and_nothing_else() {
    use RepositoryAction::{Pull, Push};
    let world = world();
    let project = world.project("team", false).await;
    world.member(&project, "developer", Role::Developer).await;
    let pull = ["repository:team/app:pull"];
    for (scopes, repository, action, expected) in [
        (&pull[..], "team/app", Pull, "allowed"),
        (&pull, "team/app", Push, "ask again"),
        (&pull, "team/other", Pull, "ask again"),
        (&["repository:team/app:pull", "repository:team/app:push"], "team/app", Push, "allowed"),
        (&["registry:catalog:*"], "team/app", Pull, "ask again"),
        (&["repository:team/app:"], "team/app", Pull, "ask again"),
        (&["repository:team/app:pull", "nonsense"], "team/app", Pull, "allowed"),
        (&[], "team/app", Pull, "ask again"),
    ] {
        let result = world.check(known("developer"), scopes, repository, action).await;
        assert_eq!(outcome(&result), expected, "{scopes:?} {repository} {action}");
    }
}

#[tokio::test]
async fn nobody_in_particular_pulls_public_projects_alone() {
    use RepositoryAction::{Pull, Push};
    let world = world();
    world.project("open", true).await;
    world.project("closed", false).await;
    for (repository, action, expected) in [
        ("open/app", Pull, "allowed"),
        ("open/app", Push, "sign in"),
        ("closed/app", Pull, "sign in"),
        ("missing/app", Pull, "sign in"),
        ("nothing", Pull, "sign in"),
    ] {
        let scope = format!("repository:{repository}:pull,push");
        let result = world.check(None, &[&scope], repository, action).await;
        assert_eq!(outcome(&result), expected, "{repository} {action}");
        let bare = world.access.check(&Caller::Anonymous, &repository.parse().unwrap(), action).await;
        assert_eq!(outcome(&bare), "sign in", "without a token clients are told to get one");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_looks_like_what_is_not_there() {
    let world = world();
    world.project("closed", false).await;
    world.user("stranger").await;
    let told = async |project: &str| {
        let repository = format!("{project}/app");
        let scope = format!("repository:{repository}:pull");
        let result = world.check(known("stranger"), &[&scope], &repository, RepositoryAction::Pull).await;
        match result {
            Err(Forbidden::Denied(message)) => message.replace(project, "x"),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(told("closed").await, told("missing").await);
    let claims = async |project: &str| {
        let token =
            world.token(known("stranger"), &[&format!("repository:{project}/app:pull")]).await.unwrap();
        let claims = world.access.tokens.verify(&token, HOST, world.memory.clock().now_secs()).unwrap();
        serde_json::to_string(&claims.access).unwrap().replace(project, "x")
    };
    assert_eq!(claims("closed").await, claims("missing").await);
}

#[tokio::test]
async fn a_robot_reaches_into_its_project_and_no_later_one_of_that_name() {
    let world = world();
    let project = world.project("team", false).await;
    let rights = vec![(Resource::Repository, Action::Pull)];
    let new = NewRobot {
        name: "ci".to_owned(),
        level: Level::Project { id: project.id, name: "team".to_owned() },
        description: String::new(),
        duration_days: 30,
        is_disabled: false,
        permissions: vec![Permission { scope: RobotScope::Project(project.id), rights }],
        creator: "admin".to_owned(),
    };
    let CreateRobot::Created { robot, secret } = world.directory.robots().create(new).await.unwrap() else {
        panic!("no robot")
    };
    assert_eq!(robot.full_name, "robot$team+ci");
    let robot = || Some(credentials("robot$team+ci", &secret));
    let scope = "repository:team/app:pull,push";
    let pull = async || world.check(robot(), &[scope], "team/app", RepositoryAction::Pull).await;
    assert_eq!(pull().await.unwrap().project, Some(project.id));
    let push = world.check(robot(), &[scope], "team/app", RepositoryAction::Push).await;
    assert_eq!(outcome(&push), "denied");

    world.projects.delete(&project.name).await.unwrap();
    world.memory.clock().advance(Duration::from_secs(TTL_SECS));
    let second = world.project("team", false).await;
    assert_ne!(project.id, second.id);
    assert_eq!(outcome(&pull().await), "denied");
}

#[tokio::test]
async fn a_name_is_not_given_again_while_a_token_for_it_can_be_alive() {
    let world = world();
    let project = world.project("team", false).await;
    world.projects.delete(&project.name).await.unwrap();
    let admin = world.directory.principal("admin").await.unwrap().unwrap();
    world.user("bob").await;
    let bob = world.directory.principal("bob").await.unwrap().unwrap();
    let create = async |who: &Principal| {
        let new = NewProject { name: "team".parse().unwrap(), metadata: Metadata::default() };
        world.projects.create(who, new).await.unwrap()
    };
    let deleted_at_secs = world.memory.clock().now_secs();
    world.memory.clock().advance(Duration::from_secs(TTL_SECS - 1));
    assert_eq!(create(&admin).await, CreateProject::Reserved { until_secs: deleted_at_secs + TTL_SECS });
    world.memory.clock().advance(Duration::from_secs(1));
    assert!(matches!(create(&bob).await, CreateProject::Reserved { .. }));
    assert!(matches!(create(&admin).await, CreateProject::Created(_)));
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_look_alike_and_end_in_a_pause() {
    let world = world();
    world.user("alice").await;
    for name in ["alice", "nobody", "robot$nobody", ""] {
        let wrong = world.token(Some(credentials(name, "wrong")), &[]).await;
        assert!(matches!(wrong, Err(Forbidden::Unauthenticated)), "{name}");
    }
    let guess = || world.token(Some(credentials("alice", "wrong")), &[]);
    for _ in 0..9 {
        assert!(matches!(guess().await, Err(Forbidden::Unauthenticated)));
    }
    assert!(matches!(guess().await, Err(Forbidden::TooManyFailures { .. })));
    // The right password does not help from there, and is not needed elsewhere.
    let right = TokenRequest { credentials: known("alice"), scopes: vec![] };
    assert!(matches!(
        world.access.token(right.clone(), &visit()).await,
        Err(Forbidden::TooManyFailures { .. })
    ));
    let elsewhere = Visit { address: Some("192.0.2.2".parse().unwrap()), ..visit() };
    assert!(world.access.token(right, &elsewhere).await.is_ok());
}

#[tokio::test]
async fn credentials_that_are_none_are_not_nobodys() {
    let world = world();
    for header in ["Bearer ", "Bearer x.y.z", "Basic ???", "Digest x", "secret", ""] {
        let caller = world.access.caller(Some(header), &visit()).await;
        assert!(matches!(caller, Err(Forbidden::Unauthenticated)), "{header}");
    }
    assert_eq!(world.access.caller(None, &visit()).await.unwrap(), Caller::Anonymous);
}

#[tokio::test]
async fn a_push_makes_a_project_where_that_is_wanted_and_for_those_who_may() {
    let scope = ["repository:fresh/app:pull,push"];
    for (create_on_push, user, expected) in
        [(true, "admin", "allowed"), (true, "bob", "denied"), (false, "admin", "denied")]
    {
        let world = world_with(create_on_push);
        world.directory.sign_in(&credentials("admin", FIRST), None).await.unwrap();
        world.user("bob").await;
        let who = if user == "admin" { Some(credentials("admin", FIRST)) } else { known(user) };
        let pull =
            world.check(who.clone(), &["repository:fresh/app:pull"], "fresh/app", RepositoryAction::Pull);
        assert_eq!(outcome(&pull.await), "denied", "a pull makes nothing");
        let push = world.check(who, &scope, "fresh/app", RepositoryAction::Push).await;
        assert_eq!(outcome(&push), expected, "{create_on_push} {user}");
        if let Some(project) = world.projects.get(&"fresh".parse().unwrap()).await.unwrap() {
            assert!(!project.metadata.is_public());
        }
    }
}

#[tokio::test]
async fn the_catalog_is_for_administrators() {
    let world = world();
    world.user("bob").await;
    let list = async |who: Option<Credentials>, scopes: &[&str]| {
        let token = world.token(who, scopes).await.unwrap();
        let caller = world.access.caller(Some(&format!("Bearer {token}")), &visit()).await.unwrap();
        outcome(&world.access.check_catalog(&caller).await)
    };
    let scope = &["registry:catalog:*"][..];
    assert_eq!(list(Some(credentials("admin", FIRST)), scope).await, "allowed");
    assert_eq!(list(Some(credentials("admin", FIRST)), &["repository:a/b:pull"]).await, "ask again");
    assert_eq!(list(known("bob"), scope).await, "denied");
    assert_eq!(list(None, scope).await, "sign in");
}
