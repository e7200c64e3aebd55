//! Who may sign in, and as whom.

use berth_identity::PasswordDirectory;
use berth_ldap::Scope;

use crate::ldif::robots;
use crate::server::{Options, Slapd, person};

#[tokio::test]
async fn a_person_is_known_by_name_and_password() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|_| {});
    let alice = person(&ldap, "alice", "alicepw").await.expect("Alice");
    assert_eq!(alice.username, "alice");
    assert_eq!(alice.subject, "uid=alice,ou=people,dc=example,dc=org");
    assert_eq!(alice.email.as_deref(), Some("alice@example.org"));
    assert_eq!(alice.full_name.as_deref(), Some("Alice (A) * test"));
    assert!(!alice.is_admin);
    for (typed, password, username) in [
        ("ALICE", "alicepw", "alice"),
        (" alice ", "alicepw", "alice"),
        ("smith", "smithpw", "smith"),
        ("jürgen", "pässwörd", "jürgen"),
        ("JÜRGEN", "pässwörd", "jürgen"),
    ] {
        let found = person(&ldap, typed, password).await.unwrap_or_else(|| panic!("{typed}"));
        assert_eq!(found.username, username, "{typed}");
    }
}

#[tokio::test]
async fn nobody_else_signs_in() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|_| {});
    let long = "a".repeat(300);
    let long_password = "a".repeat(2000);
    for (username, password) in [
        ("alice", "wrong"),
        ("alice", "ALICEPW"),
        ("alice", "alicepw "),
        ("alice", "alicepw\0"),
        ("alice", ""),
        ("alice", &long_password),
        ("alice", "bobpw"),
        ("nopassword", "x"),
        ("nobody", "alicepw"),
        ("twin", "twinpw"),
        ("", "alicepw"),
        (" ", "alicepw"),
        ("*", "alicepw"),
        ("ali*", "alicepw"),
        ("a*)(uid=bob", "bobpw"),
        ("alice)(objectClass=*", "alicepw"),
        ("*)(uid=*))(|(uid=*", "alicepw"),
        (r"\2a", "alicepw"),
        (r"\61lice", "alicepw"),
        ("\0", "alicepw"),
        ("alice\0", "alicepw"),
        ("\u{fffd}", "alicepw"),
        ("uid=alice,ou=people,dc=example,dc=org", "alicepw"),
        ("reader", "readerpw"),
        ("\u{202e}ecila", "alicepw"),
        (&long, "alicepw"),
    ] {
        assert_eq!(person(&ldap, username, password).await, None, "{username:?} {password:?}");
    }
}

#[tokio::test]
async fn names_with_special_characters_are_found_as_they_are() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|settings| settings.uid = "cn".to_owned());
    for (username, password, subject) in [
        ("Alice (A) * test", "alicepw", "uid=alice,ou=people,dc=example,dc=org"),
        ("Smith, John", "smithpw", r"cn=smith\2c john,ou=people,dc=example,dc=org"),
    ] {
        let found = person(&ldap, username, password).await.unwrap_or_else(|| panic!("{username}"));
        assert_eq!(found.subject, subject);
        assert_eq!(found.username, username.to_lowercase());
    }
    assert_eq!(person(&ldap, "Alice (A) x test", "alicepw").await, None);
}

#[tokio::test]
async fn the_filter_and_the_scope_say_who_is_a_person() {
    let Some(server) = Slapd::start() else { return };
    let people = "ou=people,dc=example,dc=org";
    let alice = "uid=alice,ou=people,dc=example,dc=org";
    for (base, scope, filter, alice_can, carol_can) in [
        (people, Scope::Subtree, "", true, true),
        (people, Scope::OneLevel, "", true, false),
        (people, Scope::Base, "", false, false),
        (alice, Scope::Base, "", true, false),
        ("OU=People, DC=Example,DC=org", Scope::Subtree, "", true, true),
        ("ou=guests,ou=people,dc=example,dc=org", Scope::Subtree, "", false, true),
        (people, Scope::Subtree, "(employeeType=staff)", true, false),
        (people, Scope::Subtree, "employeeType=guest", false, false),
        (people, Scope::Subtree, "&(objectClass=inetOrgPerson)(!(employeeType=guest))", true, true),
        (people, Scope::Subtree, "(|(uid=nobody)(uid=nobody else))", false, false),
    ] {
        let ldap = server.directory(|settings| {
            settings.base_dn = base.to_owned();
            settings.scope = scope;
            settings.filter = filter.to_owned();
        });
        let case = format!("{base} {scope:?} {filter}");
        assert_eq!(person(&ldap, "alice", "alicepw").await.is_some(), alice_can, "alice, {case}");
        assert_eq!(person(&ldap, "carol", "carolpw").await.is_some(), carol_can, "carol, {case}");
    }
}

/// One twin is outside of the scope: then the other is the only one.
#[tokio::test]
async fn who_is_one_of_two_signs_in_where_he_is_the_only_one() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|settings| settings.scope = Scope::OneLevel);
    let twin = person(&ldap, "twin", "twinpw").await.expect("one twin");
    assert_eq!(twin.subject, "uid=twin,ou=people,dc=example,dc=org");
}

/// A server that gives one entry and says that there are more has not said who it is.
#[tokio::test]
async fn an_incomplete_answer_names_nobody() {
    let options = Options { config: "sizelimit 1", ldif: &robots(3), ..Options::default() };
    let Some(server) = Slapd::start_with(&options) else { return };
    let ldap = server.directory(|_| {});
    assert_eq!(person(&ldap, "twin", "twinpw").await, None);
    assert!(person(&ldap, "alice", "alicepw").await.is_some());
    assert_eq!(ldap.user("twin").await.unwrap(), None);
    assert_eq!(ldap.search("robot*").await.unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_search_dn_the_search_is_anonymous() {
    let Some(server) = Slapd::start_with(&Options { is_open: true, ..Options::default() }) else { return };
    let Some(closed) = Slapd::start() else { return };
    let anonymous = |server: &Slapd| {
        server.directory(|settings| {
            settings.search_dn.clear();
            settings.search_password.clear();
        })
    };
    let ldap = anonymous(&server);
    assert!(person(&ldap, "alice", "alicepw").await.is_some());
    assert_eq!(person(&ldap, "alice", "wrong").await, None);
    // This one shows nothing to strangers, not even that the base exists: that is no word about the password.
    anonymous(&closed).person("alice", "alicepw").await.expect_err("nobody may search here");
}
