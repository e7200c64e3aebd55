//! What guessing costs, and whom.

use std::sync::atomic::Ordering;

use berth_projects::{Action, Permission, Resource, Scope};
use berth_testkit::Memory;
use futures::future::join_all;

use super::*;
use crate::failures::MAX_PER_PAIR;
use crate::robots::{CreateRobot, Level, NewRobot};
use crate::turns::AT_ONCE;
use crate::users::{CreateUser, NewUser};

const PASSWORD: &str = "Password1";

async fn directory(memory: &Arc<Memory>) -> Directory {
    let ports = memory.ports();
    let (clock, ids) = (ports.clock, ports.ids);
    let directory = Directory::new(DirectoryParts {
        read: memory.clone(),
        write: memory.clone(),
        clock,
        ids,
        first_password: None,
    });
    for (name, password) in [("alice", Some(PASSWORD)), ("bob", Some(PASSWORD)), ("without", None)] {
        let password = match password {
            Some(password) => directory.hash_password(password).await,
            None => None,
        };
        let new = NewUser { password, ..NewUser::named(name) };
        assert!(matches!(directory.users.create(new).await.unwrap(), CreateUser::Created(_)));
    }
    directory
}

#[expect(clippy::unnecessary_wraps, reason = "what callers have")]
fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

fn credentials(user: &str, password: &str) -> Credentials {
    Credentials { user: user.to_owned(), password: password.to_owned() }
}

/// How many guesses were compared with something, and how many were told to wait.
fn compared_and_paused(outcomes: &[Result<Principal, Forbidden>]) -> (usize, usize) {
    let count = |is: fn(&Forbidden) -> bool| {
        outcomes.iter().filter(|outcome| outcome.as_ref().is_err_and(is)).count()
    };
    (
        count(|why| matches!(why, Forbidden::Unauthenticated)),
        count(|why| matches!(why, Forbidden::TooManyFailures { .. })),
    )
}

#[tokio::test]
async fn a_burst_of_guesses_passes_the_limit_by_the_few_that_are_under_way() {
    const GUESSES: usize = 100;
    let directory = directory(&Arc::new(Memory::new())).await;
    let guesses = vec![credentials("alice", "wrong"); GUESSES];
    let guesses = guesses.iter().map(|guess| directory.sign_in(guess, address("192.0.2.1")));
    let right = credentials("bob", PASSWORD);
    let (outcomes, beside) = tokio::join!(join_all(guesses), directory.sign_in(&right, address("192.0.2.2")));
    let (compared, paused) = compared_and_paused(&outcomes);
    assert_eq!(compared + paused, GUESSES);
    let limit = usize::try_from(MAX_PER_PAIR).unwrap();
    assert!((limit..limit + AT_ONCE).contains(&compared), "{compared} guesses were compared");
    assert!(beside.is_ok(), "{beside:?}");
    assert_eq!(directory.turns.networks(), 0);
}

/// Every name that somebody types is compared with one slow hash, whether it is anybody's, and has a password, or not.
#[tokio::test]
async fn whether_a_name_is_anybodys_does_not_show_in_the_work() {
    let directory = directory(&Arc::new(Memory::new())).await;
    for name in ["alice", "nobody", "without", "admin", "", "not a name at all"] {
        let before = directory.slow_checks.load(Ordering::Relaxed);
        let outcome = directory.sign_in(&credentials(name, "wrong"), None).await;
        assert!(matches!(outcome, Err(Forbidden::Unauthenticated)), "{name}");
        assert_eq!(directory.slow_checks.load(Ordering::Relaxed) - before, 1, "{name}");
    }
}

#[tokio::test]
async fn whoever_has_no_password_has_none_that_could_be_guessed() {
    let directory = directory(&Arc::new(Memory::new())).await;
    for password in ["", "decoy", "nobody", PASSWORD] {
        let outcome = directory.sign_in(&credentials("without", password), None).await;
        assert!(matches!(outcome, Err(Forbidden::Unauthenticated)), "{password}");
    }
}

/// A generated secret cannot be guessed, so a job with an old one keeps nobody out. One that somebody chose can be, so it is counted,
/// which tells that there is such a robot.
#[tokio::test]
async fn only_the_secrets_of_robots_that_somebody_chose_are_counted() {
    let directory = directory(&Arc::new(Memory::new())).await;
    let mut ids = Vec::new();
    for name in ["generated", "chosen"] {
        let new = NewRobot {
            name: name.to_owned(),
            level: Level::System,
            description: String::new(),
            duration_days: 30,
            is_disabled: false,
            permissions: vec![Permission {
                scope: Scope::System,
                rights: vec![(Resource::Catalog, Action::Read)],
            }],
            creator: "admin".to_owned(),
        };
        let CreateRobot::Created { robot, .. } = directory.robots.create(new).await.unwrap() else {
            panic!("{name}")
        };
        ids.push(robot.id);
    }
    let chosen = directory.hash_password("Chosen1secret").await.unwrap();
    assert!(directory.robots.set_secret(ids[1], &chosen, 0).await.unwrap());
    for (name, is_counted) in [("generated", false), ("absent", false), ("chosen", true)] {
        let guess = credentials(&format!("{ROBOT_PREFIX}{name}"), "wrong");
        let mut outcomes = Vec::new();
        for _ in 0..=MAX_PER_PAIR {
            outcomes.push(directory.sign_in(&guess, address("192.0.2.1")).await);
        }
        let (_, paused) = compared_and_paused(&outcomes);
        assert_eq!(paused, usize::from(is_counted), "{name}");
    }
}
