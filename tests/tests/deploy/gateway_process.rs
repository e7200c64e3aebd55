//! A gateway that a test starts, kills and starts again, beside the one of a stack, on the same bucket and table.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use berth_tests::program;
use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::Value;

use crate::stack::{Stack, wait_for};

/// The process; gone when dropped.
pub(crate) struct GatewayProcess {
    child: Child,
    address: String,
    secret: String,
    client: Client,
}

impl GatewayProcess {
    /// Starts one with the settings of the stack's registry function, as `up` does.
    pub(crate) fn start(stack: &Stack) -> Self {
        let settings = settings(stack);
        let binary = Path::new(&program()).with_file_name("berth-gateway");
        let mut command = Command::new(&binary);
        command.env_clear().envs(settings).args(["--bind", "127.0.0.1", "--port", "0"]);
        command.env("AWS_ENDPOINT_URL", stack.endpoint()).env("AWS_REGION", "us-east-1");
        command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("berth-gateway starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output is ours");
        BufReader::new(output).read_line(&mut line).expect("it says where it listens");
        let (_, address) = line.trim().split_once("http://").expect("it says where it listens");
        let secret = settings["BERTH_ORIGIN_SECRET"].clone();
        Self { child, address: address.to_owned(), secret, client: stack.berth.client().clone() }
    }

    /// A request as the distribution would pass it on, to a path or to an address that another gateway gave.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = path.split_once("/v2/").map_or(path, |(_, path)| path);
        let request = self.client.request(method, format!("http://{}/v2/{path}", self.address));
        request.header("x-berth-origin", &self.secret)
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    pub(crate) fn kill(pid: u32) {
        signal("-KILL", pid);
    }

    /// Asks it to stop, and waits until it takes no new connections.
    pub(crate) fn stop(pid: u32, address: &str) {
        signal("-TERM", pid);
        wait_for("the end of listening", || TcpStream::connect(address).is_err().then_some(()));
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().expect("it can be waited for")
    }

    /// The most memory that it has held so far.
    pub(crate) fn peak_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux tells");
        let kibibytes = line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok());
        kibibytes.expect("a number") * 1024
    }
}

impl Drop for GatewayProcess {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(sent.expect("kill can be started").success(), "no process {pid}");
}

fn settings(stack: &Stack) -> &'static BTreeMap<String, String> {
    static SETTINGS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    SETTINGS.get_or_init(|| {
        let function = stack.output("RegistryFunctionName");
        let found = stack.aws("lambda", &["get-function-configuration", "--function-name", function]);
        let variables: Value = found["Environment"]["Variables"].clone();
        serde_json::from_value(variables).expect("variables are texts")
    })
}
