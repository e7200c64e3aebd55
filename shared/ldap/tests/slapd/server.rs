//! A `slapd` of one's own: on a free port of the loopback interface, with its data in a folder that goes away with it.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use berth_identity::{External, PasswordDirectory};
use berth_ldap::{Ldap, Settings};

use crate::ldif::PEOPLE_AND_GROUPS;

/// Stops the server when this process ends, however it ends, and removes the folder.
const SUPERVISOR: &str = include_str!("../../../../tests/src/supervise.sh");
const POLL: Duration = Duration::from_millis(50);
/// A minute.
const POLLS: usize = 1200;
/// Somebody else may take a free port before the server does.
const ATTEMPTS: usize = 5;

/// What a server shall be like.
#[derive(Default, Clone)]
pub(crate) struct Options<'a> {
    /// Lines for the head of the configuration.
    pub(crate) config: &'a str,
    /// More entries.
    pub(crate) ldif: &'a str,
    /// Listen for `ldaps` too; the configuration must have a certificate.
    pub(crate) has_tls: bool,
    /// Show everything but passwords to strangers.
    pub(crate) is_open: bool,
}

/// A running server. Dropping it stops it.
pub(crate) struct Slapd {
    supervisor: Child,
    folder: PathBuf,
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
}

impl Slapd {
    /// A server with [`PEOPLE_AND_GROUPS`]; `None` if it is not installed and that is allowed.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&Options::default())
    }

    /// The same with options.
    pub(crate) fn start_with(options: &Options<'_>) -> Option<Self> {
        let (slapd, ldapadd) = (find("slapd", "slapd")?, find("ldapadd", "ldap-utils")?);
        for _ in 0..ATTEMPTS {
            if let Some(server) = Self::try_start(&slapd, options) {
                server.add(&ldapadd, PEOPLE_AND_GROUPS);
                server.add(&ldapadd, options.ldif);
                return Some(server);
            }
        }
        panic!("slapd does not start");
    }

    fn try_start(slapd: &Path, options: &Options<'_>) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("berth-test-slapd-").tempdir().expect("a folder").keep();
        let (port, tls_port) = (free_port(), free_port());
        fs::create_dir(folder.join("db")).expect("a folder");
        fs::write(folder.join("slapd.conf"), configuration(&folder, options)).expect("a file");
        let mut urls = format!("ldap://127.0.0.1:{port}/ {}", socket(&folder));
        if options.has_tls {
            write!(urls, " ldaps://127.0.0.1:{tls_port}/").expect("a string takes everything");
        }
        let supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR, "supervise"])
            .args([&folder, slapd])
            .args(["-d", "none", "-h", &urls, "-f"])
            .arg(folder.join("slapd.conf"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log")).expect("a file"))
            .spawn()
            .expect("sh can be started");
        let mut server = Self { supervisor, folder, port, tls_port };
        server.is_ready(options.has_tls).then_some(server)
    }

    /// Whether it listens; not if it ended, because somebody has its port.
    fn is_ready(&mut self, has_tls: bool) -> bool {
        for _ in 0..POLLS {
            if self.supervisor.try_wait().expect("a child can be asked").is_some() {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                assert!(log.contains("bind("), "slapd does not start:\n{log}");
                return false;
            }
            let listens = |port| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
            // The process id is written last: a listener on the port may be somebody else's.
            if self.folder.join("pid").exists() && listens(self.port) && (!has_tls || listens(self.tls_port))
            {
                return true;
            }
            thread::sleep(POLL);
        }
        panic!("slapd does not listen");
    }

    fn add(&self, ldapadd: &Path, ldif: &str) {
        let mut child = Command::new(ldapadd)
            .args(["-x", "-D", "cn=admin,dc=example,dc=org", "-w", "adminpw", "-H"])
            .arg(socket(&self.folder))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("ldapadd can be started");
        child.stdin.take().expect("a pipe").write_all(ldif.as_bytes()).expect("ldapadd reads");
        assert!(child.wait().expect("ldapadd ends").success(), "ldapadd failed");
    }

    /// Settings that fit this server.
    pub(crate) fn settings(&self) -> Settings {
        Settings { url: format!("ldap://127.0.0.1:{}", self.port), ..settings() }
    }

    /// A directory with settings that fit this server, after a change.
    pub(crate) fn directory(&self, change: impl FnOnce(&mut Settings)) -> Ldap {
        let mut settings = self.settings();
        change(&mut settings);
        Ldap::new(settings).expect("good settings")
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Settings of a server with [`PEOPLE_AND_GROUPS`], without its address.
pub(crate) fn settings() -> Settings {
    Settings {
        search_dn: "cn=reader,dc=example,dc=org".to_owned(),
        search_password: "readerpw".to_owned(),
        base_dn: "ou=people,dc=example,dc=org".to_owned(),
        uid: "uid".to_owned(),
        group_base_dn: "ou=groups,dc=example,dc=org".to_owned(),
        // Enough for a machine that has much else to do.
        timeout_secs: 30,
        ..Settings::default()
    }
}

/// Signs in; the directory must be fine.
pub(crate) async fn person(ldap: &Ldap, username: &str, password: &str) -> Option<External> {
    ldap.person(username, password).await.unwrap_or_else(|error| panic!("{username}: {error:?}"))
}

/// The names of the groups that a person has, without what they all end with.
pub(crate) async fn groups(ldap: &Ldap, username: &str, password: &str) -> Vec<String> {
    let person =
        person(ldap, username, password).await.unwrap_or_else(|| panic!("{username} cannot sign in"));
    let short =
        |dn: String| dn.strip_suffix(",ou=groups,dc=example,dc=org").map_or(dn.clone(), str::to_owned);
    person.groups.into_iter().map(short).collect()
}

/// Looks for a program, in the folders of system programs too.
///
/// A missing program fails the test. Only with `BERTH_ALLOW_MISSING_TOOLS=1` is it `None`, after saying that the test is not run.
pub(crate) fn find(program: &str, package: &str) -> Option<PathBuf> {
    let searched = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let found = env::split_paths(&searched).chain(system).map(|folder| folder.join(program));
    let found = found.into_iter().find(|path| path.is_file());
    if found.is_none() {
        let is_allowed = env::var("BERTH_ALLOW_MISSING_TOOLS").is_ok_and(|value| value == "1");
        assert!(
            is_allowed,
            "{program} is missing: install the package {package}, or set BERTH_ALLOW_MISSING_TOOLS=1 to go without"
        );
        let current = thread::current();
        let test = current.name().unwrap_or("a test");
        // Past the test runner's capture; a closed standard error leaves nobody to tell.
        let _ = std::io::stderr().write_all(format!("\nNOT RUN: {test} ({program} is missing)\n").as_bytes());
    }
    found
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Where the entries are loaded: a local socket counts as encrypted, even for servers that insist.
fn socket(folder: &Path) -> String {
    format!("ldapi://{}", folder.join("socket").display().to_string().replace('/', "%2F"))
}

fn configuration(folder: &Path, options: &Options<'_>) -> String {
    let folder = folder.display();
    let head = options.config;
    let readers = if options.is_open { "*" } else { "users" };
    format!(
        r#"include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload refint
{head}
database mdb
maxsize 104857600
dbnosync
suffix "dc=example,dc=org"
rootdn "cn=admin,dc=example,dc=org"
rootpw adminpw
directory {folder}/db
overlay memberof
memberof-refint TRUE
overlay refint
refint_attributes memberOf member
access to attrs=userPassword by anonymous auth by * none
access to * by {readers} read by anonymous auth by * none
"#
    )
}
