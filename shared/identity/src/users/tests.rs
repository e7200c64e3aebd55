//! Users, in memory.

use std::sync::Arc;

use berth_testkit::{CountingIds, ManualClock, Memory};

use super::*;

fn users() -> Users {
    let memory = Arc::new(Memory::new());
    Users::new(memory.clone(), memory, Arc::new(ManualClock::default()), Arc::new(CountingIds::default()))
}

fn new(name: &str, email: &str) -> NewUser {
    NewUser { email: Some(email.to_owned()), ..NewUser::named(name) }
}

async fn create(users: &Users, name: &str, email: &str) -> Option<User> {
    match users.create(new(name, email)).await.unwrap() {
        CreateUser::Created(user) => Some(user),
        CreateUser::Taken => None,
    }
}

#[tokio::test]
async fn a_name_and_a_mail_address_belong_to_one_user() {
    let users = users();
    let alice = create(&users, "alice", "a@example.org").await.unwrap();
    assert_eq!(users.get("alice").await.unwrap(), Some(alice.clone()));
    assert_eq!(users.get_by_id(alice.id).await.unwrap(), Some(alice));
    assert!(create(&users, "alice", "b@example.org").await.is_none());
    assert!(create(&users, "bob", "A@Example.org").await.is_none());
    assert!(create(&users, "bob", "b@example.org").await.is_some());
}

#[tokio::test]
async fn a_name_that_is_given_again_is_somebody_else() {
    let users = users();
    let first = create(&users, "alice", "a@example.org").await.unwrap();
    assert!(users.delete("alice").await.unwrap());
    assert!(!users.delete("alice").await.unwrap());
    assert_eq!(users.get_by_id(first.id).await.unwrap(), None);
    let second = create(&users, "alice", "a@example.org").await.unwrap();
    assert_ne!(first.id, second.id);
}

#[tokio::test]
async fn a_change_keeps_name_and_number_and_moves_the_mail_address() {
    let users = users();
    let alice = create(&users, "alice", "a@example.org").await.unwrap();
    create(&users, "bob", "b@example.org").await.unwrap();
    let change = |email: &'static str| {
        users.update("alice", move |user| {
            user.id = 99;
            user.username = "root".to_owned();
            user.email = Some(email.to_owned());
        })
    };
    let UpdateUser::Updated(changed) = change("c@example.org").await.unwrap() else { panic!("not changed") };
    assert_eq!((changed.id, changed.username.as_str()), (alice.id, "alice"));
    assert_eq!(change("b@example.org").await.unwrap(), UpdateUser::Conflict);
    assert!(create(&users, "eve", "c@example.org").await.is_none());
    assert!(create(&users, "eve", "a@example.org").await.is_some());
    assert_eq!(users.update("nobody", |_| ()).await.unwrap(), UpdateUser::Unknown);
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let users = users();
    assert!(users.create_admin(SecretHash::of_generated("one")).await.unwrap());
    assert!(!users.create_admin(SecretHash::of_generated("two")).await.unwrap());
    let admin = users.get(ADMIN).await.unwrap().unwrap();
    assert!(admin.id == 1 && admin.is_admin && admin.password.unwrap().is_of("one"));
}

#[test]
fn names_that_would_be_mistaken_for_something_else_are_refused() {
    for good in ["a", "alice@example.org", "Alice B", "李", "robot-1"] {
        assert!(NewUser::named(good).check().is_ok(), "{good}");
    }
    for bad in ["", " a", "a ", "robot$a", "a:b", "a#b", "a/b", "a\nb", "a,b", &"a".repeat(256)] {
        assert_eq!(NewUser::named(bad).check(), Err(InvalidUser::Username), "{bad}");
    }
    for bad in ["a", "@b.c", "a@b", "a@b@c.d", "a b@c.d", "a@b.c\n"] {
        assert_eq!(new("a", bad).check(), Err(InvalidUser::Email), "{bad}");
    }
}
