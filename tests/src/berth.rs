//! A running registry.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fmt};

use reqwest::blocking::Client;
use reqwest::header::ACCEPT;

use crate::{Supervised, repository_root};

const REQUEST_TIMEOUT: Duration = Duration::from_mins(5);
const MANIFEST_TYPES: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// Asks for users and projects; without it everybody may do everything.
const USERS: &str = "--users";

/// What the registry can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Uploads of every kind and size, as on one machine or with a gateway in the cloud.
    Gateway,
    /// What a stack of functions alone can take: the registry refuses what AWS Lambda would refuse.
    LambdaLimits,
    /// The production stack, deployed to an emulator: the real template, the functions' own programs, the distribution.
    Deployed,
    /// The same with a gateway.
    DeployedGateway,
}

impl Mode {
    /// Whether it is the production stack.
    pub fn is_deployed(self) -> bool {
        matches!(self, Self::Deployed | Self::DeployedGateway)
    }

    /// Whether uploads go through functions alone, so that some clients must be refused.
    pub fn is_functions_alone(self) -> bool {
        matches!(self, Self::LambdaLimits | Self::Deployed)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Gateway => "gateway",
            Self::LambdaLimits => "lambda-limits",
            Self::Deployed => "deployed",
            Self::DeployedGateway => "deployed-gateway",
        })
    }
}

/// A `berth` process on a free loopback port, with a data folder of its own, stopped when dropped.
#[derive(Debug)]
pub struct Berth {
    mode: Mode,
    host: String,
    client: Client,
    process: Supervised,
}

impl Berth {
    /// Starts the program at `BERTH_BIN`, or else `target/release/berth`, and waits until it answers.
    pub fn start(mode: Mode) -> Self {
        Self::start_with(mode, &[])
    }

    /// The same with more arguments for the program.
    pub fn start_with(mode: Mode, extra: &[&str]) -> Self {
        let program = program();
        // The functions' programs are beside it, wherever cargo has put them.
        let programs = Path::new(&program).parent().expect("a file is in a folder").display().to_string();
        let mut process = Supervised::start(&mode.to_string(), |folder| {
            let data = folder.join("data").display().to_string();
            let (program, options) = match mode {
                Mode::Gateway => (program, &["--bind", "127.0.0.1"][..]),
                Mode::LambdaLimits => (program, &["--bind", "127.0.0.1", "--lambda-limits"][..]),
                Mode::Deployed => (deploying_program(), &["--binaries", &programs][..]),
                Mode::DeployedGateway => (deploying_program(), &["--gateway", "--binaries", &programs][..]),
            };
            let mut command = vec![program, "--data".into(), data, "--port".into(), "0".into()];
            command.extend(options.iter().chain(extra).map(|option| (*option).to_owned()));
            // Here it is the other way round: the production stack is open in tests unless it is told otherwise.
            if !mode.is_deployed() {
                let closed = command.iter().any(|word| word == USERS);
                command.retain(|word| word != USERS);
                command.extend((!closed).then(|| "--open".to_owned()));
            }
            command
        });
        let host = process.wait_for("its address", |process| listening_host(&process.log()));
        let client = Client::builder().timeout(REQUEST_TIMEOUT).build();
        let client = client.expect("a client with a timeout can be made");
        let berth = Self { mode, host, client, process };
        let answer = berth.client.get(berth.url("/v2/")).send().expect("a listening registry answers");
        let status = answer.status().as_u16();
        assert!(status == 200 || status == 401, "GET /v2/ was answered {status}\n{}", berth.log_tail());
        berth
    }

    /// The registry that all tests of this program share in `mode`; each test keeps to repositories of its own.
    pub fn shared(mode: Mode) -> &'static Self {
        static GATEWAY: OnceLock<Berth> = OnceLock::new();
        static LAMBDA_LIMITS: OnceLock<Berth> = OnceLock::new();
        static DEPLOYED: OnceLock<Berth> = OnceLock::new();
        static DEPLOYED_GATEWAY: OnceLock<Berth> = OnceLock::new();
        let shared = match mode {
            Mode::Gateway => &GATEWAY,
            Mode::LambdaLimits => &LAMBDA_LIMITS,
            Mode::Deployed => &DEPLOYED,
            Mode::DeployedGateway => &DEPLOYED_GATEWAY,
        };
        shared.get_or_init(|| Self::start(mode))
    }

    /// One with users and projects, of which [`admin_password`](Self::admin_password) opens all.
    pub fn start_with_users(mode: Mode) -> Self {
        Self::start_with(mode, &[USERS])
    }

    /// The password of the user `admin` of a registry with users.
    pub fn admin_password(&self) -> String {
        if self.mode.is_deployed() {
            let path = self.data().join("admin-password");
            return std::fs::read_to_string(path).expect("`up --users` writes it down");
        }
        let log = self.log();
        let line = log.lines().find_map(|line| line.strip_prefix("sign in as admin with the password "));
        let password = line.and_then(|rest| rest.split_whitespace().next());
        password.unwrap_or_else(|| panic!("no password was shown\n{}", self.log_tail())).to_owned()
    }

    /// The mode it was started in.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Host and port, as image references begin.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The URL of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// The folder that it was given.
    pub fn data(&self) -> PathBuf {
        self.process.folder().join("data")
    }

    /// How much memory the process holds now.
    pub fn resident_bytes(&self) -> u64 {
        self.process.memory_bytes("VmRSS:")
    }

    /// The most memory that the process has held so far.
    pub fn peak_bytes(&self) -> u64 {
        self.process.memory_bytes("VmHWM:")
    }

    /// All that it has logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// The last lines of its log.
    pub fn log_tail(&self) -> String {
        self.process.log_tail()
    }

    /// An HTTP client that follows redirects and gives a request five minutes.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The digest of the manifest that `reference` names; panics when there is none.
    pub fn manifest_digest(&self, repository: &str, reference: &str) -> String {
        let url = self.url(&format!("/v2/{repository}/manifests/{reference}"));
        let answer =
            self.client.head(&url).header(ACCEPT, MANIFEST_TYPES).send().expect("the registry answers");
        let status = answer.status();
        assert!(status.is_success(), "HEAD {url} was answered {status}\n{}", self.log_tail());
        let digest = answer.headers().get("docker-content-digest").expect("a manifest comes with its digest");
        digest.to_str().expect("a digest is ASCII").to_owned()
    }
}

/// The program that deploys the production stack on this machine.
fn deploying_program() -> String {
    repository_root().join("localstack/ministack/up").display().to_string()
}

/// The path of the program: `BERTH_BIN`, or else `target/release/berth`.
pub fn program() -> String {
    let path = env::var_os("BERTH_BIN")
        .map_or_else(|| repository_root().join("target/release/berth"), PathBuf::from);
    assert!(path.is_file(), "{} is missing: build it with cargo build --release --bin berth", path.display());
    path.display().to_string()
}

fn listening_host(log: &str) -> Option<String> {
    // The log of a stack has its gateway's address too.
    let (_, after) = log.split_once("berth is listening on http://")?;
    // The line may not be written to its end yet.
    let (host, _) =
        after.split_once(|character: char| !character.is_ascii_digit() && !".:".contains(character))?;
    Some(host.to_owned())
}
