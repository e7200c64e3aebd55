//! A running registry.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fmt};

use reqwest::blocking::Client;
use reqwest::header::ACCEPT;

use crate::{Supervised, repository_root};

const REQUEST_TIMEOUT: Duration = Duration::from_mins(5);
const MANIFEST_TYPES: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// What the registry can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Uploads of every kind and size, as on one machine or with a gateway in the cloud.
    Gateway,
    /// What a stack of functions alone can take: the registry refuses what AWS Lambda would refuse.
    LambdaLimits,
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Gateway => "gateway",
            Self::LambdaLimits => "lambda-limits",
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
        let program = program();
        let mut process = Supervised::start(&mode.to_string(), |folder| {
            let data = folder.join("data").display().to_string();
            let mut command = vec![program, "--data".into(), data];
            command.extend(["--bind", "127.0.0.1", "--port", "0"].map(String::from));
            if mode == Mode::LambdaLimits {
                command.push("--lambda-limits".into());
            }
            command
        });
        let host = process.wait_for("its address", |process| listening_host(&process.log()));
        let client = Client::builder().timeout(REQUEST_TIMEOUT).build();
        let client = client.expect("a client with a timeout can be made");
        let berth = Self { mode, host, client, process };
        let answer = berth.client.get(berth.url("/v2/")).send().expect("a listening registry answers");
        let status = answer.status();
        assert!(status.is_success(), "GET /v2/ was answered {status}\n{}", berth.log_tail());
        berth
    }

    /// The registry that all tests of this program share in `mode`; each test keeps to repositories of its own.
    pub fn shared(mode: Mode) -> &'static Self {
        static GATEWAY: OnceLock<Berth> = OnceLock::new();
        static LAMBDA_LIMITS: OnceLock<Berth> = OnceLock::new();
        let shared = match mode {
            Mode::Gateway => &GATEWAY,
            Mode::LambdaLimits => &LAMBDA_LIMITS,
        };
        shared.get_or_init(|| Self::start(mode))
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

    /// How much memory the process holds now.
    pub fn resident_bytes(&self) -> u64 {
        self.process.memory_bytes("VmRSS:")
    }

    /// The most memory that the process has held so far.
    pub fn peak_bytes(&self) -> u64 {
        self.process.memory_bytes("VmHWM:")
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

/// The path of the program: `BERTH_BIN`, or else `target/release/berth`.
pub fn program() -> String {
    let path = env::var_os("BERTH_BIN")
        .map_or_else(|| repository_root().join("target/release/berth"), PathBuf::from);
    assert!(path.is_file(), "{} is missing: build it with cargo build --release --bin berth", path.display());
    path.display().to_string()
}

fn listening_host(log: &str) -> Option<String> {
    let (_, after) = log.split_once("listening on http://")?;
    // The line may not be written to its end yet.
    let (host, _) =
        after.split_once(|character: char| !character.is_ascii_digit() && !".:".contains(character))?;
    Some(host.to_owned())
}
