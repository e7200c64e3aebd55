//! Principals of AWS at the emulator's STS, which checks signatures. The functions ask AWS's own STS and nothing else, so `berth` asks here.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use aws_credential_types::Credentials;
use berth_federation::aws::presign;
use berth_tests::{Berth, Mode};
use reqwest::Method;
use serde_json::{Value, json};

use crate::push::send;
use crate::stack::Stack;

const ROBOT: &str = "robot$ci";
const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";

/// Passes requests on to the emulator under the name of STS, which is part of what a caller has signed. Gives its address.
fn sts(endpoint: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let emulator = endpoint.strip_prefix("http://").expect("plain HTTP").to_owned();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A client that hangs up fails its own test.
            let _ = pass_on(client, &emulator);
        }
    });
    address
}

fn pass_on(mut client: TcpStream, emulator: &str) -> std::io::Result<()> {
    let mut server = TcpStream::connect(emulator)?;
    let mut lines = BufReader::new(client.try_clone()?).lines();
    while let Some(line) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if !["host", "connection"].contains(&name.as_str()) {
            write!(server, "{line}\r\n")?;
        }
    }
    write!(server, "host: sts.{REGION}.amazonaws.com\r\nconnection: close\r\n\r\n")?;
    std::io::copy(&mut server, &mut client).map(drop)
}

/// A user of the emulator's IAM, with a key.
fn user(stack: &Stack, name: &str) -> Credentials {
    stack.aws("iam", &["create-user", "--user-name", name]);
    let key = stack.aws("iam", &["create-access-key", "--user-name", name])["AccessKey"].clone();
    let text = |field: &str| key[field].as_str().expect("a key").to_owned();
    Credentials::new(text("AccessKeyId"), text("SecretAccessKey"), None, None, "the emulator")
}

/// Makes the robot, and has it trust one user.
fn trust(berth: &Berth, name: &str) {
    let make = |path: &str, body: Value| -> Value {
        let request = berth.client().request(Method::POST, berth.url(&format!("/api/v2.0{path}")));
        let answer = send(request.basic_auth("admin", Some(berth.admin_password())).json(&body));
        assert_eq!(answer.status(), 201, "{path}: {answer:?}\n{}", berth.log_tail());
        answer.json().expect("JSON")
    };
    let access = json!([{ "resource": "repository", "action": "pull" }]);
    let permission = json!({ "kind": "project", "namespace": "*", "access": access });
    let body = json!({ "name": "ci", "level": "system", "duration": -1, "permissions": [permission] });
    let id = make("/robots", body)["id"].clone();
    let principal = format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    let rule = json!({ "name": "a user", "account": ACCOUNT, "principals": [principal] });
    make(&format!("/robots/{id}/trust-rules"), rule);
}

#[test]
fn workloads_of_the_emulators_iam_are_the_robot_that_trusts_them() {
    let stack = Stack::guarded();
    let arguments = ["--users", "--allow-local-issuers", "--sts-endpoint", &sts(stack.endpoint())];
    let berth = Berth::start_with(Mode::Gateway, &arguments);
    let (trusted, stranger) = (user(stack, "workload-trusted"), user(stack, "workload-stranger"));
    trust(&berth, "workload-trusted");

    let status = |credentials: &Credentials, registry: &str| {
        let proof = presign(credentials, REGION, registry, now_secs()).expect("a proof");
        let url = berth.url("/token?scope=repository:team/app:pull");
        send(berth.client().get(url).basic_auth(ROBOT, Some(proof))).status().as_u16()
    };
    assert_eq!(status(&trusted, berth.host()), 200, "{}", berth.log_tail());
    assert_eq!(status(&stranger, berth.host()), 401, "somebody whom nothing trusts");
    assert_eq!(status(&trusted, "other.example"), 401, "made for another registry");
    let id = trusted.access_key_id();
    let forged = Credentials::new(id, stranger.secret_access_key(), None, None, "a forger");
    assert_eq!(status(&forged, berth.host()), 401, "signed with another key");
}

#[expect(clippy::disallowed_methods, reason = "the emulator has the real time")]
fn now_secs() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("after 1970").as_secs()
}
