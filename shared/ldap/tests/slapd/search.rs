//! Looking for people and groups.

use berth_ldap::{Dn, MAX_FOUND};

use crate::ldif::robots;
use crate::server::{Options, Slapd};

fn dn(text: &str) -> Dn {
    Dn::parse(text).expect("a name")
}

#[tokio::test]
async fn people_are_found_by_pattern() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|_| {});
    let everybody = ["alice", "bob", "carol", "jürgen", "nopassword", "smith", "twin", "twin"];
    for (pattern, expected) in [
        ("alice", &["alice"][..]),
        (" ALICE ", &["alice"]),
        ("", &everybody),
        ("*", &everybody),
        ("**", &everybody),
        ("a*", &["alice"]),
        ("*o*", &["bob", "carol", "nopassword"]),
        ("j*n", &["jürgen"]),
        ("nobody", &[]),
        ("a*)(uid=bob", &[]),
        ("*)(uid=*", &[]),
        (r"\2a", &[]),
        ("a\0*", &[]),
    ] {
        let found = ldap.search(pattern).await.expect("an answer");
        let mut names: Vec<_> = found.into_iter().map(|user| user.username).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{pattern:?}");
    }
    assert_eq!(ldap.search(&"a".repeat(1000)).await.unwrap(), []);
}

#[tokio::test]
async fn a_person_is_shown_as_harbor_shows_him() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|_| {});
    let alice = ldap.user("alice").await.unwrap().expect("Alice");
    assert_eq!(alice, ldap.search("alice").await.unwrap().remove(0));
    assert_eq!(alice.dn, dn("uid=alice,ou=people,dc=example,dc=org"));
    assert_eq!(alice.email.as_deref(), Some("alice@example.org"));
    assert_eq!(alice.full_name.as_deref(), Some("Alice (A) * test"));
    for nobody in ["", "*", "nobody", "twin", "a*)(uid=bob"] {
        assert_eq!(ldap.user(nobody).await.unwrap(), None, "{nobody}");
    }
}

#[tokio::test]
async fn a_search_gives_no_more_than_the_limit() {
    let options =
        Options { config: "sizelimit unlimited", ldif: &robots(MAX_FOUND + 5), ..Options::default() };
    let Some(server) = Slapd::start_with(&options) else { return };
    let ldap = server.directory(|_| {});
    assert_eq!(ldap.search("robot*").await.unwrap().len(), MAX_FOUND);
}

#[tokio::test]
async fn groups_are_found_by_name() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|_| {});
    for (pattern, expected) in [
        ("devs", &["devs"][..]),
        ("DEVS", &["devs"]),
        ("*r*", &["berlin", "ring"]),
        ("ops (eu), * * \\", &["ops (eu), * * \\"]),
        ("admins", &[]),
        ("devs)(cn=*", &[]),
    ] {
        let found = ldap.groups(pattern).await.expect("an answer");
        let mut names: Vec<_> = found.into_iter().map(|group| group.name).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{pattern:?}");
    }
    let filtered = server.directory(|settings| {
        settings.group_filter = "(description=registry)".to_owned();
        settings.group_attribute_name = "description".to_owned();
    });
    let found = filtered.groups("").await.unwrap();
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|group| group.name == "registry"));
}

#[tokio::test]
async fn a_group_is_found_by_its_distinguished_name() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|settings| settings.group_filter = "(objectClass=groupOfNames)".to_owned());
    let devs = ldap.group(&dn(" CN=Devs, ou=groups,dc=example,dc=org")).await.unwrap().expect("devs");
    assert_eq!((devs.name.as_str(), &devs.dn), ("devs", &dn("cn=devs,ou=groups,dc=example,dc=org")));
    let special = dn(r"cn=ops (eu)\2c \2a * \\,ou=groups,dc=example,dc=org");
    assert_eq!(ldap.group(&special).await.unwrap().expect("ops").dn, special);
    for nothing in [
        "cn=none,ou=groups,dc=example,dc=org",
        "cn=admins,ou=elsewhere,dc=example,dc=org",
        "cn=unique,ou=groups,dc=example,dc=org",
        "ou=groups,dc=example,dc=org",
        "nosuchattribute=x,ou=groups,dc=example,dc=org",
        "dc=example,dc=org",
    ] {
        assert_eq!(ldap.group(&dn(nothing)).await.unwrap(), None, "{nothing}");
    }
}
