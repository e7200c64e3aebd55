//! A deployed stack, and the account that it is in.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use berth_tests::{Berth, Mode, repository_root};
use serde_json::Value;

/// The name under which `up` deploys.
pub(crate) const NAME: &str = "berth";

const POLL: Duration = Duration::from_millis(200);
/// Five minutes: two cores may be busy with other tests.
const POLLS: u32 = 1500;

/// A stack and its outputs.
pub(crate) struct Stack {
    pub(crate) berth: Berth,
    endpoint: String,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Deploys a stack of its own; `arguments` are for `up`.
    pub(crate) fn deploy(mode: Mode, arguments: &[&str]) -> Self {
        let berth = Berth::start_with(mode, arguments);
        let log = berth.log();
        let endpoint = log.lines().find_map(|line| line.strip_prefix("up: AWS_ENDPOINT_URL="));
        let endpoint = endpoint.expect("`up` says where its AWS is").to_owned();
        let mut stack = Self { berth, endpoint, outputs: BTreeMap::new() };
        stack.outputs = stack.read_outputs();
        stack
    }

    /// The open stack without a gateway, for all tests that do not change it.
    pub(crate) fn open() -> &'static Self {
        static STACK: OnceLock<Stack> = OnceLock::new();
        STACK.get_or_init(|| Self::deploy(Mode::Deployed, &[]))
    }

    /// The stack with users, likewise.
    pub(crate) fn guarded() -> &'static Self {
        static STACK: OnceLock<Stack> = OnceLock::new();
        STACK.get_or_init(|| Self::deploy(Mode::Deployed, &["--users"]))
    }

    /// The stack with users whose tokens live for two seconds.
    pub(crate) fn short_lived() -> &'static Self {
        static STACK: OnceLock<Stack> = OnceLock::new();
        STACK.get_or_init(|| Self::deploy(Mode::Deployed, &["--users", "--parameter", "TokenLifetimeSecs=2"]))
    }

    /// The open stack with a gateway.
    pub(crate) fn with_gateway() -> &'static Self {
        static STACK: OnceLock<Stack> = OnceLock::new();
        STACK.get_or_init(|| Self::deploy(Mode::DeployedGateway, &[]))
    }

    /// The password of the user `admin`.
    pub(crate) fn password(&self) -> String {
        self.berth.admin_password()
    }

    /// A fresh token of that user for all of a repository, as an `Authorization` header.
    pub(crate) fn bearer(&self, repository: &str) -> String {
        self.bearer_of("admin", &self.password(), repository)
    }

    /// The same of another user, for what he may do.
    pub(crate) fn bearer_of(&self, user: &str, password: &str, repository: &str) -> String {
        let scope = format!("repository:{repository}:pull,push,delete");
        let request = self.berth.client().get(self.berth.url("/token")).query(&[("scope", scope)]);
        let answer = request.basic_auth(user, Some(password)).send().expect("the registry answers");
        assert_eq!(answer.status(), 200, "{}", self.berth.log_tail());
        let body: Value = answer.json().expect("a token comes in JSON");
        format!("Bearer {}", body["token"].as_str().expect("a token is text"))
    }

    /// Where the account's services answer.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// An output of the template.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("the stack has no output {name}: {:?}", self.outputs))
    }

    /// The physical id of a resource of the template.
    pub(crate) fn resource(&self, logical_id: &str) -> String {
        let words = ["describe-stack-resource", "--stack-name", NAME, "--logical-resource-id", logical_id];
        let found = self.aws("cloudformation", &words);
        let id = found["StackResourceDetail"]["PhysicalResourceId"].as_str();
        id.unwrap_or_else(|| panic!("no resource {logical_id}: {found}")).to_owned()
    }

    /// Runs the AWS CLI as whoever deployed the stack; panics unless it succeeds. Gives what it prints, or null.
    pub(crate) fn aws(&self, service: &str, words: &[&str]) -> Value {
        let mut command = self.command("localstack/ministack/bin/aws");
        // Said twice, because the CLI has an address of its own for queues.
        command.args(["--output", "json", "--endpoint-url", &self.endpoint]);
        let text = succeed(command.arg(service).args(words));
        if text.trim().is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).expect("the CLI prints JSON")
        }
    }

    /// Runs a script of `infra/` on this stack; panics unless it succeeds.
    pub(crate) fn script(&self, name: &str, words: &[&str]) {
        succeed(self.command(&format!("infra/{name}")).arg(NAME).args(words));
    }

    /// The JSON in the secret that an output names.
    pub(crate) fn secret(&self, output: &str) -> Value {
        let found = self.aws("secretsmanager", &["get-secret-value", "--secret-id", self.output(output)]);
        let text = found["SecretString"].as_str().expect("a secret is a string");
        serde_json::from_str(text).expect("the template's secrets are JSON")
    }

    /// The keys of the bucket that begin with `prefix`.
    pub(crate) fn objects(&self, prefix: &str) -> Vec<String> {
        let bucket = self.output("BucketName");
        let found = self.aws("s3api", &["list-objects-v2", "--bucket", bucket, "--prefix", prefix]);
        let entries = found["Contents"].as_array().into_iter().flatten();
        entries.map(|entry| entry["Key"].as_str().expect("an object has a key").to_owned()).collect()
    }

    /// Changes parameters; all others and the template stay.
    pub(crate) fn update(&self, changed: &[(&str, &str)]) {
        let found = self.aws("cloudformation", &["describe-stacks", "--stack-name", NAME]);
        let parameters = found["Stacks"][0]["Parameters"].as_array().expect("the stack has parameters");
        let parameters = parameters.iter().map(|parameter| {
            let name = parameter["ParameterKey"].as_str().expect("a parameter has a name");
            match changed.iter().find(|(key, _)| *key == name) {
                Some((_, value)) => format!("ParameterKey={name},ParameterValue={value}"),
                None => format!("ParameterKey={name},UsePreviousValue=true"),
            }
        });
        let parameters: Vec<String> = parameters.collect();
        let mut words =
            vec!["update-stack", "--stack-name", NAME, "--use-previous-template", "--capabilities"];
        words.extend(["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameters"]);
        words.extend(parameters.iter().map(String::as_str));
        self.aws("cloudformation", &words);
        self.aws("cloudformation", &["wait", "stack-update-complete", "--stack-name", NAME]);
    }

    fn read_outputs(&self) -> BTreeMap<String, String> {
        let found = self.aws("cloudformation", &["describe-stacks", "--stack-name", NAME]);
        let outputs = found["Stacks"][0]["Outputs"].as_array().expect("the template has outputs");
        let text = |value: &Value| value.as_str().expect("outputs are text").to_owned();
        outputs.iter().map(|output| (text(&output["OutputKey"]), text(&output["OutputValue"]))).collect()
    }

    /// A command of the repository that finds this account, and the pinned CLI under the name `aws`.
    fn command(&self, path: &str) -> Command {
        let tools = repository_root().join("localstack/ministack/bin");
        let path_variable = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new(repository_root().join(path));
        command.env("PATH", path_variable).env("AWS_ENDPOINT_URL", &self.endpoint).env("AWS_PAGER", "");
        command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
        command.envs([("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_REGION", "us-east-1")]);
        command
    }
}

/// Polls until `ready` gives a value; panics with `what` when that takes five minutes.
pub(crate) fn wait_for<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    for _ in 0..POLLS {
        if let Some(value) = ready() {
            return value;
        }
        thread::sleep(POLL);
    }
    panic!("waited in vain for {what}");
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().expect("the repository's scripts can be started");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, text(&output.stderr));
    text(&output.stdout)
}
