//! Sessions, in memory.

use std::time::Duration;

use berth_testkit::Memory;

use super::*;
use crate::SecretHash;
use crate::users::{CreateUser, NewUser};

const TTL_SECS: u64 = 3600;

async fn world() -> (Arc<Memory>, Users, Sessions, User) {
    let memory = Arc::new(Memory::new());
    let (clock, ids) = (memory.ports().clock, memory.ports().ids);
    let users = Users::new(memory.clone(), memory.clone(), clock.clone(), ids.clone());
    let sessions = Sessions::new(memory.clone(), memory.clone(), clock, ids, users.clone());
    let CreateUser::Created(user) = users.create(NewUser::named("alice")).await.unwrap() else {
        panic!("taken")
    };
    (memory, users, sessions, user)
}

#[tokio::test]
async fn a_session_is_its_users_until_its_end() {
    let (memory, _, sessions, alice) = world().await;
    let secret = sessions.begin(&alice, TTL_SECS).await.unwrap();
    let other = sessions.begin(&alice, TTL_SECS).await.unwrap();
    assert_ne!(secret, other);
    assert_eq!(sessions.find(&secret).await.unwrap().unwrap().user, alice);
    sessions.end(&secret).await.unwrap();
    sessions.end(&secret).await.unwrap();
    assert_eq!(sessions.find(&secret).await.unwrap(), None);
    assert!(sessions.find(&other).await.unwrap().is_some());
    memory.clock().advance(Duration::from_secs(TTL_SECS));
    assert_eq!(sessions.find(&other).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_kept_is_no_session() {
    let (_, _, sessions, alice) = world().await;
    let secret = sessions.begin(&alice, TTL_SECS).await.unwrap();
    for wrong in [&key(&secret).sort, "", &secret[1..], &format!("{secret}0"), &"g".repeat(64)] {
        assert_eq!(sessions.find(wrong).await.unwrap(), None, "{wrong}");
    }
}

#[tokio::test]
async fn a_session_ends_with_what_it_stands_on() {
    let (_, users, sessions, alice) = world().await;
    let begin = async || sessions.begin(&users.get("alice").await.unwrap().unwrap(), TTL_SECS).await.unwrap();
    let is_good = async |secret: &str| sessions.find(secret).await.unwrap().is_some();

    let secret = begin().await;
    users.update("alice", |user| user.full_name = "Alice".to_owned()).await.unwrap();
    assert!(is_good(&secret).await, "what he says about himself ends nothing");
    users.set_password("alice", SecretHash::of_generated("Password2")).await.unwrap();
    assert!(!is_good(&secret).await, "after another password");

    let secret = begin().await;
    users.update("alice", |user| user.is_admin = true).await.unwrap();
    assert!(!is_good(&secret).await, "after another right");

    let secret = begin().await;
    assert_eq!(sessions.find(&secret).await.unwrap().unwrap().user.id, alice.id);
    users.delete("alice").await.unwrap();
    assert!(!is_good(&secret).await, "after he is gone");
    users.create(NewUser::named("alice")).await.unwrap();
    assert!(!is_good(&secret).await, "for another of his name");
}

#[test]
fn a_token_belongs_to_one_session() {
    let token = csrf_token("one");
    assert!(is_csrf_token("one", &token));
    for wrong in ["", "one", &token[1..], &format!("{token}A"), &csrf_token("two")] {
        assert!(!is_csrf_token("one", wrong), "{wrong}");
    }
}
