//! Sign-in with a directory that knows everybody by one rule.

use std::sync::Arc;

use async_trait::async_trait;
use berth_registry::{Credentials, Forbidden};
use berth_testkit::Memory;

use super::*;
use crate::groups::{CreateGroup, NewGroup};
use crate::{Directory, DirectoryError, DirectoryParts, PasswordDirectory};

/// Knows `alice`, in the groups of the password; is out of order for `broken`.
struct People;

#[async_trait]
impl PasswordDirectory for People {
    async fn person(&self, username: &str, password: &str) -> Result<Option<External>, DirectoryError> {
        if username == "broken" {
            return Err(DirectoryError("no answer".into()));
        }
        let groups = password.strip_prefix("in:").filter(|_| username != "nobody");
        Ok(groups.map(|groups| External {
            username: username.to_owned(),
            subject: format!("uid={username},dc=example"),
            email: Some("shared@example.org".to_owned()),
            full_name: None,
            groups: groups.split('+').map(str::to_owned).collect(),
            is_admin: groups.contains("admins"),
        }))
    }
}

fn world() -> (Directory, Groups) {
    let memory = Arc::new(Memory::new());
    let (clock, ids) = (memory.ports().clock, memory.ports().ids);
    let directory = Directory::new(DirectoryParts {
        read: memory.clone(),
        write: memory.clone(),
        clock: clock.clone(),
        ids,
        first_password: None,
    });
    let groups = Groups::new(memory.clone(), memory, clock);
    (directory.with_people(Arc::new(People), groups.clone()), groups)
}

async fn sign_in(directory: &Directory, user: &str, password: &str) -> Option<User> {
    let credentials = Credentials { user: user.to_owned(), password: password.to_owned() };
    match directory.sign_in(&credentials, None).await {
        Ok(_) => directory.users().get(user).await.unwrap(),
        Err(Forbidden::Unauthenticated) => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_person_becomes_a_user_and_is_kept_up_to_date() {
    let (directory, groups) = world();
    let new = NewGroup { name: "devs".to_owned(), kind: GroupKind::Ldap { dn: "cn=devs".to_owned() } };
    let CreateGroup::Created(devs) = groups.create(new).await.unwrap() else { panic!("no group") };

    let first = sign_in(&directory, "alice", "in:cn=devs+cn=unknown").await.unwrap();
    assert_eq!(
        (first.groups.as_slice(), first.is_admin, first.source),
        (&[devs.id][..], false, Source::Ldap)
    );
    let second = sign_in(&directory, "alice", "in:cn=admins").await.unwrap();
    assert_eq!((second.id, second.groups.len(), second.is_admin), (first.id, 0, true));
    assert_eq!(sign_in(&directory, "alice", "wrong").await, None);
    assert_eq!(sign_in(&directory, "nobody", "in:cn=devs").await, None);
    // A mail address that somebody has already keeps nobody out.
    assert_eq!(sign_in(&directory, "bob", "in:").await.unwrap().email, None);
}

#[tokio::test]
async fn a_person_is_imported_once_and_has_no_rights_yet() {
    let (directory, _) = world();
    let person = |username: &str| External {
        username: username.to_owned(),
        subject: format!("uid={username},dc=example"),
        email: None,
        full_name: Some("A".to_owned()),
        groups: vec!["cn=admins".to_owned()],
        is_admin: true,
    };
    let alice = directory.import(person("alice")).await.unwrap().unwrap();
    assert_eq!((alice.is_admin, alice.source, alice.groups.len()), (false, Source::Ldap, 0));
    // He may have signed in meanwhile: nothing of that is lost.
    assert!(sign_in(&directory, "alice", "in:cn=admins").await.unwrap().is_admin);
    let again = directory.import(person("alice")).await.unwrap().unwrap();
    assert_eq!((again.id, again.is_admin), (alice.id, true));
    directory.users().create(NewUser::named("bob")).await.unwrap();
    assert_eq!(directory.import(person("bob")).await.unwrap(), None);
    assert_eq!(directory.import(person("robot$bob")).await.unwrap(), None);
}

#[tokio::test]
async fn a_user_of_our_own_is_never_the_directorys() {
    let (directory, _) = world();
    let password = directory.hash_password("Password1").await;
    directory.users().create(NewUser { password, ..NewUser::named("alice") }).await.unwrap();
    assert_eq!(sign_in(&directory, "alice", "in:cn=admins").await, None);
    assert!(!sign_in(&directory, "alice", "Password1").await.unwrap().is_admin);
}

#[tokio::test]
async fn a_directory_out_of_order_is_no_wrong_password() {
    let (directory, _) = world();
    let credentials = Credentials { user: "broken".to_owned(), password: "in:".to_owned() };
    assert!(matches!(directory.sign_in(&credentials, None).await, Err(Forbidden::Store(_))));
}
