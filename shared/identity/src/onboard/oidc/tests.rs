//! People of a provider, in memory.

use std::sync::Arc;

use berth_testkit::Memory;

use super::*;
use crate::groups::{CreateGroup, NewGroup};
use crate::users::{ADMIN, CreateUser};

fn world() -> (Users, Groups) {
    let memory = Arc::new(Memory::new());
    let (clock, ids) = (memory.ports().clock, memory.ports().ids);
    let users = Users::new(memory.clone(), memory.clone(), clock.clone(), ids);
    (users, Groups::new(memory.clone(), memory, clock))
}

fn alice(groups: &[&str]) -> External {
    External {
        username: "alice".to_owned(),
        subject: "https://id.example|1".to_owned(),
        email: Some("alice@example.org".to_owned()),
        full_name: Some("Alice".to_owned()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        is_admin: groups.contains(&"admins"),
    }
}

async fn welcome(users: &Users, groups: &Groups, external: External, username: &str) -> Option<User> {
    match new_oidc_user(users, groups, external, username).await.unwrap() {
        Onboarded::User(user) => Some(user),
        Onboarded::NameNeeded => None,
    }
}

#[tokio::test]
async fn somebody_is_known_by_his_subject_and_kept_up_to_date() {
    let (users, groups) = world();
    let new = NewGroup { name: "devs".to_owned(), kind: GroupKind::Oidc };
    let CreateGroup::Created(devs) = groups.create(new).await.unwrap() else { panic!("no group") };
    assert_eq!(known_oidc_user(&users, &groups, &alice(&[])).await.unwrap(), None);
    let first = welcome(&users, &groups, alice(&["devs", "unknown"]), "alice").await.unwrap();
    assert_eq!((first.groups.as_slice(), first.source), (&[devs.id][..], Source::Oidc));
    assert_eq!((first.password.clone(), first.is_administrator()), (None, false));
    let renamed = External { username: "alicia".to_owned(), ..alice(&["admins"]) };
    let second = known_oidc_user(&users, &groups, &renamed).await.unwrap().unwrap();
    assert_eq!((second.id, second.username.as_str()), (first.id, "alice"));
    assert_eq!((second.groups.len(), second.is_administrator()), (0, true));
    assert!(second.principal().is_admin());
    // What the provider took back is gone; what was given here stays.
    users.update("alice", |user| user.is_admin = true).await.unwrap();
    let third = known_oidc_user(&users, &groups, &alice(&[])).await.unwrap().unwrap();
    assert_eq!((third.is_admin, third.is_admin_elsewhere), (true, false));
}

#[tokio::test]
async fn nobody_gets_the_name_of_somebody_else() {
    let (users, groups) = world();
    let CreateUser::Created(_) = users.create(NewUser::named("alice")).await.unwrap() else {
        panic!("taken")
    };
    assert_eq!(known_oidc_user(&users, &groups, &alice(&[])).await.unwrap(), None);
    assert_eq!(welcome(&users, &groups, alice(&[]), "alice").await, None);
    for bad in ["", ADMIN, "a/b", "robot$x", " a"] {
        assert_eq!(welcome(&users, &groups, alice(&[]), bad).await, None, "{bad}");
    }
    let user = welcome(&users, &groups, alice(&[]), "alice2").await.unwrap();
    // Whoever has come already stays who he is, whatever name he asks for.
    assert_eq!(welcome(&users, &groups, alice(&[]), "alice3").await.unwrap().id, user.id);
    // Another issuer's `1` is another person.
    let other = External { subject: "https://other.example|1".to_owned(), ..alice(&[]) };
    assert_ne!(welcome(&users, &groups, other, "alice4").await.unwrap().id, user.id);
}

#[tokio::test]
async fn whoever_was_removed_comes_again_as_somebody_else() {
    let (users, groups) = world();
    let first = welcome(&users, &groups, alice(&[]), "alice").await.unwrap();
    assert!(users.delete("alice").await.unwrap());
    assert_eq!(known_oidc_user(&users, &groups, &alice(&[])).await.unwrap(), None);
    assert_ne!(welcome(&users, &groups, alice(&[]), "alice").await.unwrap().id, first.id);
}

#[tokio::test]
async fn a_change_never_moves_the_subject() {
    let (users, groups) = world();
    welcome(&users, &groups, alice(&[]), "alice").await.unwrap();
    let change = |user: &mut User| {
        user.subject = Some("https://id.example|2".to_owned());
        user.source = Source::Local;
    };
    users.update("alice", change).await.unwrap();
    assert!(known_oidc_user(&users, &groups, &alice(&[])).await.unwrap().is_some());
}
