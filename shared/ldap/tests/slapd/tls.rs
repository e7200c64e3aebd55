//! TLS: `ldaps`, `StartTLS`, and whose certificates are good.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use berth_identity::PasswordDirectory;
use berth_ldap::{Ldap, LdapError, Settings};

use crate::server::{Options, Slapd, find};

/// A certificate authority and a server certificate for 127.0.0.1, and for nothing else, in a folder of their own.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    fn new() -> Option<Self> {
        let openssl = find("openssl", "openssl")?;
        let made = Self { folder: tempfile::tempdir().expect("a folder") };
        let ext =
            "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n";
        fs::write(made.folder.path().join("ext"), ext).expect("a file");
        for arguments in [
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=berth-test-ca",
            "req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -days 2 -subj /CN=another-ca",
            "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=berth-test-server",
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile ext",
        ] {
            made.run(&openssl, arguments);
        }
        Some(made)
    }

    fn run(&self, openssl: &Path, arguments: &str) {
        let command = Command::new(openssl)
            .args(arguments.split(' '))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("openssl can be started");
        assert!(command.status.success(), "{}", String::from_utf8_lossy(&command.stderr));
    }

    fn pem(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }

    /// A server that takes no password without encryption.
    fn server(&self) -> Option<Slapd> {
        let folder = self.folder.path().display();
        let config = format!(
            "TLSCACertificateFile {folder}/ca.pem\nTLSCertificateFile {folder}/server.pem\n\
             TLSCertificateKeyFile {folder}/server.key\nsecurity simple_bind=64"
        );
        Slapd::start_with(&Options { config: &config, has_tls: true, ..Options::default() })
    }
}

#[tokio::test]
async fn certificates_are_verified_unless_told_otherwise() {
    let Some(certificates) = Certificates::new() else { return };
    let Some(server) = certificates.server() else { return };
    let (ours, other) = (certificates.pem("ca.pem"), certificates.pem("other.pem"));
    let both = format!("{other}{ours}");
    for (host, verifies, authority, works) in [
        ("127.0.0.1", false, "", true),
        ("localhost", false, "", true),
        ("127.0.0.1", true, "", false),
        ("127.0.0.1", true, ours.as_str(), true),
        ("127.0.0.1", true, both.as_str(), true),
        ("127.0.0.1", true, other.as_str(), false),
        ("localhost", true, ours.as_str(), false),
    ] {
        for start_tls in [false, true] {
            let (scheme, port) = if start_tls { ("ldap", server.port) } else { ("ldaps", server.tls_port) };
            let ldap = Ldap::new(Settings {
                url: format!("{scheme}://{host}:{port}"),
                verify_cert: verifies,
                ca_certificates: authority.to_owned(),
                start_tls,
                ..server.settings()
            })
            .expect("good settings");
            let case = format!("{scheme}://{host}, verifies: {verifies}, {} bytes", authority.len());
            match ldap.person("alice", "alicepw").await {
                Ok(person) => {
                    assert!(works, "{case}");
                    assert_eq!(person.expect("Alice").username, "alice");
                    assert_eq!(ldap.person("alice", "wrong").await.expect("an answer"), None, "{case}");
                }
                Err(error) => {
                    assert!(!works, "{case}: {error:?}");
                    let source = error.0.downcast_ref::<LdapError>();
                    assert!(matches!(source, Some(LdapError::Unreachable(_))), "{case}: {error:?}");
                }
            }
        }
    }
}

/// The server of these tests shows that `StartTLS` encrypts: without it no password is taken.
#[tokio::test]
async fn a_server_that_wants_encryption_is_no_wrong_password() {
    let Some(certificates) = Certificates::new() else { return };
    let Some(server) = certificates.server() else { return };
    let ldap = server.directory(|_| {});
    let error = ldap.person("alice", "alicepw").await.expect_err("the server wants TLS");
    assert!(matches!(error.0.downcast_ref(), Some(LdapError::Refused(_))), "{error:?}");
}
