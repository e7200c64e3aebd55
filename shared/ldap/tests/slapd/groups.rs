//! Which groups a person is in.

use berth_ldap::{Scope, Settings};

use crate::ldif::chain;
use crate::server::{Options, Slapd, groups, person};

type Change = fn(&mut Settings);

const EVERYWHERE: &str = "dc=example,dc=org";

#[tokio::test]
async fn groups_are_those_of_the_entry_below_the_base_that_match_the_filter() {
    let Some(server) = Slapd::start() else { return };
    let cases: [(Change, &[&str]); 9] = [
        (|_| {}, &["cn=berlin,ou=eu", "cn=devs"]),
        (
            |it| it.group_base_dn = EVERYWHERE.to_owned(),
            &["cn=admins,ou=elsewhere,dc=example,dc=org", "cn=berlin,ou=eu", "cn=devs"],
        ),
        (|it| it.group_base_dn = " OU=EU, ou=groups,dc=example,dc=ORG".to_owned(), &["cn=berlin,ou=eu"]),
        (|it| it.group_search_scope = Scope::OneLevel, &["cn=devs"]),
        (|it| it.group_search_scope = Scope::Base, &[]),
        (|it| it.group_filter = "(cn=d*)".to_owned(), &["cn=devs"]),
        (|it| it.group_filter = "description=registry".to_owned(), &["cn=berlin,ou=eu", "cn=devs"]),
        (|it| it.group_filter = "(objectClass=groupOfUniqueNames)".to_owned(), &[]),
        // An empty group base is the base of the people, where no group is.
        (|it| it.group_base_dn.clear(), &[]),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let ldap = server.directory(change);
        assert_eq!(groups(&ldap, "alice", "alicepw").await, expected, "case {number}");
    }
    let ldap = server.directory(|settings| settings.group_membership_attribute = "seeAlso".to_owned());
    assert!(groups(&ldap, "alice", "alicepw").await.is_empty());
    assert!(groups(&server.directory(|_| {}), "carol", "carolpw").await.is_empty());
}

#[tokio::test]
async fn who_is_in_the_group_of_administrators_is_one() {
    let Some(server) = Slapd::start() else { return };
    for (admin_dn, is_nested, alice_is, bob_is) in [
        ("", false, false, false),
        // The group need neither be below the group base nor match the filter.
        ("cn=admins,ou=elsewhere,dc=example,dc=org", false, true, false),
        (" CN=Admins , OU=Elsewhere,DC=example,DC=org ", false, true, false),
        ("cn=admin,ou=elsewhere,dc=example,dc=org", false, false, false),
        ("ou=elsewhere,dc=example,dc=org", false, false, false),
        ("cn=all,ou=groups,dc=example,dc=org", false, false, false),
        ("cn=all,ou=groups,dc=example,dc=org", true, true, false),
        ("cn=above ops,ou=groups,dc=example,dc=org", true, false, true),
    ] {
        let ldap = server.directory(|settings| {
            settings.group_admin_dn = admin_dn.to_owned();
            settings.group_filter = "(cn=no such group)".to_owned();
            settings.nested_groups = is_nested;
        });
        for (username, password, expected) in [("alice", "alicepw", alice_is), ("bob", "bobpw", bob_is)] {
            let found = person(&ldap, username, password).await.expect("a person");
            assert_eq!(found.is_admin, expected, "{username} in {admin_dn}, nested: {is_nested}");
            assert!(found.groups.is_empty());
        }
    }
}

/// all and ring are members of each other.
#[tokio::test]
async fn nested_groups_are_followed_and_cycles_end() {
    let Some(server) = Slapd::start() else { return };
    let nested = |change: fn(&mut Settings)| {
        server.directory(|settings| {
            settings.nested_groups = true;
            change(settings);
        })
    };
    let every = ["cn=all", "cn=berlin,ou=eu", "cn=devs", "cn=ring"];
    assert_eq!(groups(&nested(|_| {}), "alice", "alicepw").await, every);
    let smith = groups(&nested(|_| {}), "smith", "smithpw").await;
    assert_eq!(smith, ["cn=all", "cn=devs", "cn=ring"]);
    // A group that does not count itself still leads to those that do.
    let ldap = nested(|settings| settings.group_filter = "(cn=ring)".to_owned());
    assert_eq!(groups(&ldap, "alice", "alicepw").await, ["cn=ring"]);
    // Names with every special character, and a group that memberOf does not know.
    let ops = r"cn=ops (eu)\2c * * \5c";
    assert_eq!(groups(&nested(|_| {}), "bob", "bobpw").await, ["cn=above ops", ops, "cn=unique"]);
    assert_eq!(groups(&server.directory(|_| {}), "bob", "bobpw").await, [ops]);
}

#[tokio::test]
async fn nested_groups_have_a_limit() {
    let options = Options { ldif: &chain(20), ..Options::default() };
    let Some(server) = Slapd::start_with(&options) else { return };
    let ldap = server.directory(|settings| settings.nested_groups = true);
    let expected: Vec<_> = (0..9).map(|number| format!("cn=level{number:02}")).collect();
    assert_eq!(groups(&ldap, "carol", "carolpw").await, expected);
}

/// Whoever is in very many groups has some of them, and an answer.
#[tokio::test]
async fn very_many_groups_have_a_limit() {
    let group = |number: usize| {
        format!(
            "dn: cn=group{number:03},ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: group{number:03}\n\
             member: uid=carol,ou=guests,ou=people,dc=example,dc=org\n\n"
        )
    };
    let ldif: String = (0..520).map(group).collect();
    let options = Options { config: "sizelimit unlimited", ldif: &ldif, ..Options::default() };
    let Some(server) = Slapd::start_with(&options) else { return };
    for is_nested in [false, true] {
        let ldap = server.directory(|settings| settings.nested_groups = is_nested);
        assert_eq!(groups(&ldap, "carol", "carolpw").await.len(), 500, "nested: {is_nested}");
    }
}
