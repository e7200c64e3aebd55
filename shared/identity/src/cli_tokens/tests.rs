//! CLI tokens and signing in with them, in memory.

use std::time::Duration;

use berth_projects::Principal;
use berth_registry::{Credentials, Forbidden};
use berth_testkit::Memory;

use super::*;
use crate::users::{CreateUser, NewUser, Source, User};
use crate::{Directory, DirectoryParts};

struct World {
    memory: Arc<Memory>,
    directory: Directory,
}

impl World {
    fn new() -> Self {
        let memory = Arc::new(Memory::new());
        let (clock, ids) = (memory.ports().clock, memory.ports().ids);
        let directory = Directory::new(DirectoryParts {
            read: memory.clone(),
            write: memory.clone(),
            clock,
            ids,
            first_password: None,
        });
        Self { memory, directory }
    }

    async fn user(&self, name: &str, source: Source) -> User {
        let subject = Some(format!("https://id.example|{name}"));
        let new = NewUser { source, subject, ..NewUser::named(name) };
        match self.directory.users().create(new).await.unwrap() {
            CreateUser::Created(user) => user,
            CreateUser::Taken => panic!("{name} is taken"),
        }
    }

    async fn token(&self, user: &User, name: &str, duration_days: u64) -> String {
        let new = NewCliToken { name: name.to_owned(), duration_days };
        assert_eq!(new.check(), Ok(()));
        match self.directory.cli_tokens().create(user.id, new).await.unwrap() {
            CreateCliToken::Created { secret, .. } => secret,
            other => panic!("{other:?}"),
        }
    }

    async fn sign_in(&self, user: &str, password: &str) -> Option<Principal> {
        let credentials = Credentials { user: user.to_owned(), password: password.to_owned() };
        match self.directory.sign_in(&credentials, None).await {
            Ok(principal) => Some(principal),
            Err(Forbidden::Unauthenticated) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_token_stands_for_its_user_whoever_vouches_for_him() {
    let world = World::new();
    for (name, source) in [("local", Source::Local), ("ldap", Source::Ldap), ("oidc", Source::Oidc)] {
        let user = world.user(name, source).await;
        let (one, two) = (world.token(&user, "one", 1).await, world.token(&user, "two", 2).await);
        assert!(is_cli_token(&one) && one != two);
        for secret in [&one, &two] {
            assert_eq!(world.sign_in(name, secret).await, Some(user.principal()));
        }
        assert_eq!(world.sign_in("nobody", &one).await, None);
        assert!(world.directory.cli_tokens().delete(user.id, "two").await.unwrap());
        assert!(!world.directory.cli_tokens().delete(user.id, "two").await.unwrap());
        assert_eq!(world.sign_in(name, &two).await, None);
    }
    let (local, ldap) = (world.user("a", Source::Local).await, world.user("b", Source::Ldap).await);
    let secret = world.token(&local, "one", 1).await;
    assert_eq!(world.sign_in(&ldap.username, &secret).await, None, "somebody else's token");
}

#[tokio::test]
async fn rights_are_those_of_now_and_end_with_the_user() {
    let world = World::new();
    let user = world.user("alice", Source::Oidc).await;
    let secret = world.token(&user, "ci", 365).await;
    world.directory.users().update("alice", |user| user.groups = vec![7]).await.unwrap();
    let Some(Principal::User(identity)) = world.sign_in("alice", &secret).await else { panic!("not in") };
    assert_eq!(identity.groups, [7]);
    world.directory.users().delete("alice").await.unwrap();
    assert_eq!(world.sign_in("alice", &secret).await, None);
    world.user("alice", Source::Local).await;
    assert_eq!(world.sign_in("alice", &secret).await, None, "another of the same name");
    let new = NewCliToken { name: "late".to_owned(), duration_days: 1 };
    let late = world.directory.cli_tokens().create(user.id, new).await.unwrap();
    assert!(matches!(late, CreateCliToken::UserGone), "{late:?}");
}

#[tokio::test]
async fn a_token_ends_by_itself_and_leaves_its_name() {
    let world = World::new();
    let user = world.user("alice", Source::Local).await;
    let secret = world.token(&user, "ci", 1).await;
    let new = NewCliToken { name: "ci".to_owned(), duration_days: 1 };
    let again = world.directory.cli_tokens().create(user.id, new).await.unwrap();
    assert!(matches!(again, CreateCliToken::Taken), "{again:?}");
    world.memory.clock().advance(Duration::from_secs(SECS_PER_DAY - 1));
    assert!(world.sign_in("alice", &secret).await.is_some());
    world.memory.clock().advance(Duration::from_secs(1));
    assert_eq!(world.sign_in("alice", &secret).await, None);
    let second = world.token(&user, "ci", 1).await;
    assert!(second != secret && world.sign_in("alice", &second).await.is_some());
}

#[tokio::test]
async fn trying_tokens_locks_nobody_out() {
    let world = World::new();
    let user = world.user("alice", Source::Local).await;
    let secret = world.token(&user, "ci", 1).await;
    for n in 0..50 {
        assert_eq!(world.sign_in("alice", &format!("{CLI_TOKEN_PREFIX}{n}")).await, None);
    }
    assert!(world.sign_in("alice", &secret).await.is_some());
}

#[tokio::test]
async fn the_last_use_is_known_to_the_day() {
    let world = World::new();
    let user = world.user("alice", Source::Local).await;
    let secret = world.token(&user, "ci", 30).await;
    world.token(&user, "unused", 30).await;
    world.memory.clock().advance(Duration::from_secs(3 * SECS_PER_DAY + 7));
    world.sign_in("alice", &secret).await.unwrap();
    let listed = world.directory.cli_tokens().list(user.id).await.unwrap();
    let today_secs = world.memory.ports().clock.now_secs() / SECS_PER_DAY * SECS_PER_DAY;
    let found: Vec<_> = listed.iter().map(|token| (token.name.as_str(), token.last_used_secs)).collect();
    assert_eq!(found, [("ci", Some(today_secs)), ("unused", None)]);
}

#[tokio::test]
async fn nobody_has_more_than_there_may_be() {
    let world = World::new();
    let user = world.user("alice", Source::Local).await;
    for n in 0..MAX_CLI_TOKENS {
        world.token(&user, &format!("t{n}"), 1).await;
    }
    let new = NewCliToken { name: "more".to_owned(), duration_days: 1 };
    let more = world.directory.cli_tokens().create(user.id, new).await.unwrap();
    assert!(matches!(more, CreateCliToken::TooMany), "{more:?}");
}

#[tokio::test]
async fn a_chosen_secret_is_for_people_without_a_password() {
    let world = World::new();
    let (oidc, local) = (world.user("oidc", Source::Oidc).await, world.user("local", Source::Local).await);
    for user in [&oidc, &local] {
        let hash = world.directory.hash_password("Chosen123").await.unwrap();
        assert!(world.directory.cli_tokens().set_cli_secret(user.id, hash).await.unwrap());
    }
    assert!(world.sign_in("oidc", "Chosen123").await.is_some());
    assert_eq!(world.sign_in("oidc", "Chosen124").await, None);
    assert_eq!(world.sign_in("local", "Chosen123").await, None);
    let hash = world.directory.hash_password("Chosen456").await.unwrap();
    world.directory.cli_tokens().set_cli_secret(oidc.id, hash).await.unwrap();
    assert_eq!(world.sign_in("oidc", "Chosen123").await, None, "there is one at a time");
    assert!(world.sign_in("oidc", "Chosen456").await.is_some());
}

#[test]
fn tokens_that_cannot_be() {
    let check = |name: &str, duration_days| NewCliToken { name: name.to_owned(), duration_days }.check();
    assert_eq!(check("My-laptop_2.x", 365), Ok(()));
    for bad in ["", "a b", "a#b", "a/b", "ä", CLI_SECRET, &"a".repeat(65)] {
        assert_eq!(check(bad, 1), Err(InvalidCliToken::Name), "{bad}");
    }
    for bad in [0, 366, u64::MAX] {
        assert_eq!(check("a", bad), Err(InvalidCliToken::Duration), "{bad}");
    }
    assert!(crate::check_strength("berth_pat_Password1").is_err());
}
