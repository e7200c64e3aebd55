//! Groups, in memory.

use std::sync::Arc;

use berth_testkit::{ManualClock, Memory};

use super::*;

fn groups() -> Groups {
    let memory = Arc::new(Memory::new());
    Groups::new(memory.clone(), memory, Arc::new(ManualClock::default()))
}

fn ldap(dn: &str) -> GroupKind {
    GroupKind::Ldap { dn: dn.to_owned() }
}

async fn create(groups: &Groups, name: &str, kind: GroupKind) -> Option<Group> {
    let new = NewGroup { name: name.to_owned(), kind };
    assert_eq!(new.check(), Ok(()));
    match groups.create(new).await.unwrap() {
        CreateGroup::Created(group) => Some(group),
        CreateGroup::Taken => None,
    }
}

#[tokio::test]
async fn what_the_other_system_knows_is_one_group_here() {
    let groups = groups();
    let team = create(&groups, "team", GroupKind::Oidc).await.unwrap();
    assert!(create(&groups, "team", GroupKind::Oidc).await.is_none());
    let proxied = create(&groups, "team", GroupKind::Http).await.unwrap();
    let listed = create(&groups, "team", ldap("cn=team,dc=example")).await.unwrap();
    assert!(create(&groups, "other", ldap("CN=Team,dc=example")).await.is_none());
    assert_eq!(groups.find(&GroupKind::Oidc, "team").await.unwrap(), Some(team.clone()));
    assert_eq!(groups.find(&ldap("cn=TEAM,dc=example"), "whatever").await.unwrap(), Some(listed.clone()));
    assert_eq!(groups.find(&GroupKind::Oidc, "").await.unwrap(), None);
    assert_eq!(groups.get(proxied.id).await.unwrap(), Some(proxied.clone()));
    assert_eq!(groups.list(None, 2).await.unwrap(), (vec![team, proxied.clone()], true));
    assert_eq!(groups.list(Some(proxied.id), 2).await.unwrap(), (vec![listed], false));
}

#[tokio::test]
async fn a_group_in_ldap_is_one_however_its_name_is_written() {
    let groups = groups();
    let given = r"CN=Dev\, Ops,OU=Groups, DC=Example";
    let one = create(&groups, "one", ldap(given)).await.unwrap();
    assert_eq!(one.kind.dn(), Some(given));
    for other in [r"cn=dev\2C ops,ou=groups,dc=example", r" cn = DEV\2c Ops , ou=groups,dc=example"] {
        assert!(create(&groups, "other", ldap(other)).await.is_none(), "{other}");
        assert_eq!(groups.find(&ldap(other), "").await.unwrap(), Some(one.clone()), "{other}");
    }
    assert_eq!(groups.find(&ldap("cn=dev,cn=ops,ou=groups,dc=example"), "").await.unwrap(), None);
    assert_eq!(groups.find(&ldap("no name"), "").await.unwrap(), None);
    assert!(groups.delete(one.id).await.unwrap());
    assert!(create(&groups, "again", ldap(r"cn=dev\2c ops,ou=groups,dc=example")).await.is_some());
}

#[tokio::test]
async fn a_new_name_frees_the_old_one() {
    let groups = groups();
    let one = create(&groups, "one", GroupKind::Oidc).await.unwrap();
    create(&groups, "two", GroupKind::Oidc).await.unwrap();
    assert_eq!(groups.rename(one.id, "two").await.unwrap(), RenameGroup::Conflict);
    assert!(matches!(groups.rename(one.id, "one").await.unwrap(), RenameGroup::Renamed(_)));
    assert!(matches!(groups.rename(one.id, "three").await.unwrap(), RenameGroup::Renamed(_)));
    assert_eq!(groups.find(&GroupKind::Oidc, "one").await.unwrap(), None);
    assert!(create(&groups, "one", GroupKind::Oidc).await.is_some());
    assert_eq!(groups.rename(99, "x").await.unwrap(), RenameGroup::Unknown);
}

#[tokio::test]
async fn a_group_in_ldap_is_called_anything() {
    let groups = groups();
    let one = create(&groups, "one", ldap("cn=1")).await.unwrap();
    create(&groups, "two", ldap("cn=2")).await.unwrap();
    assert!(matches!(groups.rename(one.id, "two").await.unwrap(), RenameGroup::Renamed(_)));
    assert_eq!(groups.find(&ldap("cn=1"), "").await.unwrap().unwrap().name, "two");
}

#[tokio::test]
async fn what_is_gone_can_come_again_with_another_number() {
    let groups = groups();
    let first = create(&groups, "team", GroupKind::Http).await.unwrap();
    assert!(groups.delete(first.id).await.unwrap());
    assert!(!groups.delete(first.id).await.unwrap());
    let second = create(&groups, "team", GroupKind::Http).await.unwrap();
    assert_ne!(first.id, second.id);
}

#[test]
fn groups_that_cannot_be() {
    let check = |name: &str, kind: GroupKind| NewGroup { name: name.to_owned(), kind }.check();
    for bad in ["", " a", "a\n", &"a".repeat(256)] {
        assert_eq!(check(bad, GroupKind::Http), Err(InvalidGroup::Name), "{bad}");
    }
    for bad in ["", "team", "cn=\0", "cn=a\n", "cn=a,", &format!("cn={}", "a".repeat(510))] {
        assert_eq!(check("a", ldap(bad)), Err(InvalidGroup::Dn), "{bad}");
    }
    assert_eq!(check("a#b:c/d", GroupKind::Oidc), Ok(()));
}
