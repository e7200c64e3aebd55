//! A directory that is down, slow, hostile or set up wrongly is never a wrong password.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use berth_identity::PasswordDirectory;
use berth_ldap::{Ldap, LdapError, PingError, Settings, ping};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::server::{Slapd, free_port, settings};

/// What each of these tests may take at most: three times the timeout of one step, and some more for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything that a log could show of an error.
fn shown(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error:?}");
    let mut next = Some(error);
    while let Some(error) = next {
        write!(text, " {error}").expect("a string takes everything");
        next = error.source();
    }
    text
}

/// Signs in, which must fail within the time, and not show a password.
async fn trouble(settings: Settings) -> LdapError {
    let ldap = Ldap::new(settings).expect("good settings");
    let answer = timeout(PATIENCE, ldap.person("alice", "alicepw")).await.expect("an answer in time");
    let error = answer.expect_err("not a wrong password");
    let text = shown(&error);
    assert!(!text.contains("alicepw") && !text.contains("readerpw"), "{text}");
    *error.0.downcast::<LdapError>().expect("an error of the directory")
}

/// A server that answers every connection with `bytes` and then says nothing; it counts connections.
async fn fake(bytes: &'static [u8], closes: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let url = format!("ldap://{}", listener.local_addr().expect("an address"));
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                let mut has_answered = bytes.is_empty();
                while !closes && socket.read(&mut buffer).await.is_ok_and(|length| length > 0) {
                    if !has_answered {
                        has_answered = true;
                        let _ = socket.write_all(bytes).await;
                    }
                }
            });
        }
    });
    (url, count)
}

fn at(url: String) -> Settings {
    Settings { url, timeout_secs: 1, ..settings() }
}

#[tokio::test]
async fn a_server_that_is_down_is_an_outage() {
    let url = format!("ldap://127.0.0.1:{}", free_port());
    assert!(matches!(trouble(at(url.clone())).await, LdapError::Unreachable(_)));
    let ldap = Ldap::new(at(url.clone())).unwrap();
    assert!(matches!(ldap.search("alice").await, Err(LdapError::Unreachable(_))));
    assert!(matches!(ldap.groups("devs").await, Err(LdapError::Unreachable(_))));
    assert!(matches!(ping(&at(url)).await, Err(PingError::Directory(LdapError::Unreachable(_)))));
}

#[tokio::test]
async fn a_server_that_goes_down_is_an_outage() {
    let Some(server) = Slapd::start() else { return };
    let ldap = server.directory(|_| {});
    assert!(ldap.person("alice", "alicepw").await.unwrap().is_some());
    drop(server);
    ldap.person("alice", "alicepw").await.expect_err("an outage");
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_timeout() {
    let (url, _) = fake(b"", false).await;
    assert!(matches!(trouble(at(url.clone())).await, LdapError::Timeout));
    let encrypted = url.replace("ldap:", "ldaps:");
    assert!(matches!(trouble(at(encrypted)).await, LdapError::Timeout));
    assert!(matches!(trouble(Settings { start_tls: true, ..at(url.clone()) }).await, LdapError::Timeout));
    let answer = timeout(PATIENCE, ping(&at(url))).await.expect("an answer in time");
    assert!(matches!(answer, Err(PingError::Directory(LdapError::Timeout))));
}

#[tokio::test]
async fn answers_that_are_no_ldap_are_errors() {
    let cases: [&[u8]; 7] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x00",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01",
        // A bind response whose text is not UTF-8, and one that is empty.
        b"\x30\x0e\x02\x01\x01\x61\x09\x0a\x01\x00\x04\x00\x04\x02\xff\xff",
        b"\x30\x05\x02\x01\x01\x61\x00",
        b"\x30\x84\xff\xff\xff\xff\x00",
    ];
    for bytes in cases {
        let (url, _) = fake(bytes, false).await;
        trouble(at(url)).await;
    }
    let (url, _) = fake(b"", true).await;
    assert!(matches!(trouble(at(url)).await, LdapError::Unreachable(_)));
}

/// A server that calls every bind a success, as some do with an empty password, never sees one.
#[tokio::test]
async fn an_empty_password_is_refused_before_anything_is_asked() {
    let (url, count) = fake(b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00", false).await;
    let ldap = Ldap::new(at(url)).unwrap();
    for (username, password) in [("alice", ""), ("", ""), ("", "alicepw"), (" ", "alicepw")] {
        assert_eq!(ldap.person(username, password).await.unwrap(), None);
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
    ldap.person("alice", "alicepw").await.expect_err("no answer to the search");
    assert!(count.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn settings_that_the_server_does_not_like_are_errors() {
    let Some(server) = Slapd::start() else { return };
    let good = server.settings();
    let text = |text: &str| text.to_owned();
    let refused = trouble(Settings { search_password: text("wrong"), ..good.clone() }).await;
    assert!(matches!(refused, LdapError::SearchDnRefused(_)), "{refused:?}");
    let unknown = trouble(Settings { search_dn: text("cn=none,dc=example,dc=org"), ..good.clone() }).await;
    assert!(matches!(unknown, LdapError::SearchDnRefused(_)), "{unknown:?}");
    let no_base = trouble(Settings { base_dn: text("ou=none,dc=example,dc=org"), ..good.clone() }).await;
    assert!(matches!(no_base, LdapError::NoSuchBase), "{no_base:?}");
    let other_base = trouble(Settings { base_dn: text("dc=example,dc=com"), ..good.clone() }).await;
    assert!(matches!(other_base, LdapError::NoSuchBase | LdapError::Refused(_)), "{other_base:?}");
    let no_groups = trouble(Settings {
        group_base_dn: text("ou=none,dc=example,dc=org"),
        nested_groups: true,
        ..good.clone()
    });
    let no_groups = no_groups.await;
    assert!(matches!(no_groups, LdapError::NoSuchBase), "{no_groups:?}");
    // The server does not speak TLS.
    let no_tls = trouble(Settings { start_tls: true, ..good }).await;
    assert!(matches!(no_tls, LdapError::Unreachable(_)), "{no_tls:?}");
}

#[tokio::test]
async fn a_ping_tries_the_address_and_the_search_dn() {
    let Some(server) = Slapd::start() else { return };
    let good = server.settings();
    ping(&good).await.expect("a good directory");
    let wrong = Settings { search_password: "wrong".to_owned(), ..good.clone() };
    assert!(matches!(ping(&wrong).await, Err(PingError::Directory(LdapError::SearchDnRefused(_)))));
    let nonsense = Settings { url: "http://127.0.0.1".to_owned(), ..good };
    assert!(matches!(ping(&nonsense).await, Err(PingError::Settings(_))));
}
