//! `docker-credential-berth`, as docker calls it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use berth_tests::program;
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::sts::{KEY_ID, REGION, SECRET};
use crate::world::{ROBOT, World};
use crate::{aws, issuer};

const NOT_FOUND: &str = "credentials not found in native keychain";

/// Asks the helper, which knows nothing but `variables`. Whether it succeeded, and what it said.
fn ask(action: &str, input: &str, variables: &[(&str, &str)]) -> (bool, String) {
    let helper = Path::new(&program()).parent().expect("a folder").join("docker-credential-berth");
    assert!(helper.is_file(), "{} is missing: cargo build --release --bins", helper.display());
    let mut command = Command::new(helper);
    command.arg(action).env_clear().env("AWS_EC2_METADATA_DISABLED", "true").envs(variables.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the helper runs");
    // A helper that does not read has closed its end.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the helper ends");
    (output.status.success(), String::from_utf8(output.stdout).expect("text").trim().to_owned())
}

fn credentials(said: &(bool, String)) -> Value {
    assert!(said.0, "{}", said.1);
    serde_json::from_str(&said.1).expect("JSON")
}

fn text<'a>(found: &'a Value, name: &str) -> &'a str {
    found[name].as_str().unwrap_or_else(|| panic!("no {name}: {found}"))
}

/// A service that gives the job's token to whoever has the right bearer, as GitHub's does.
fn github(world: &World) -> Server {
    let (here, elsewhere) =
        (world.proof_for(world.berth.host(), "g1"), world.proof_for("other.example", "g2"));
    let wanted = format!("/token?api-version=2.0&audience={}", world.berth.host().replace(':', "%3A"));
    world.runtime.block_on(Server::start(move |request| {
        if request.header("authorization") != Some("bearer job") {
            return Reply::status(401);
        }
        let value = if request.target() == wanted { &here } else { &elsewhere };
        Reply::ok(json!({ "value": value }).to_string())
    }))
}

#[test]
fn helper_signs_a_job_of_github_in() {
    let world = World::new();
    world.token_rule(true);
    let github = github(&world);
    let url = format!("http://127.0.0.1:{}/token?api-version=2.0", github.port);
    let variables =
        [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job")];
    let found = credentials(&ask("get", &format!("http://{}\n", world.berth.host()), &variables));
    assert_eq!((text(&found, "ServerURL"), text(&found, "Username")), (world.berth.host(), ROBOT));
    world.push_and_pull(&world.bearer(ROBOT, text(&found, "Secret")), "by the helper");

    let (is_ok, said) = ask("get", world.berth.host(), &variables);
    assert!(
        !is_ok && said.contains("401") && said.contains("GitHub Actions"),
        "the same token again: {said}"
    );
    assert!(!said.contains("ey"), "no token is told: {said}");
    let wrong = [variables[0], ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "other")];
    let (is_ok, said) = ask("get", world.berth.host(), &wrong);
    assert!(!is_ok && said.contains("GitHub answers 401"), "{said}");
}

#[test]
fn helper_takes_a_token_from_the_environment_or_a_file() {
    let world = World::new();
    world.token_rule(false);
    let (proof, host) = (world.proof(), world.berth.host());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token").display().to_string();
    std::fs::write(&file, format!("{proof}\n")).expect("the folder is writable");
    for variable in [("BERTH_ID_TOKEN", proof.as_str()), ("BERTH_TOKEN_FILE", &file)] {
        for robot in [None, Some(("BERTH_ROBOT", ROBOT))] {
            let variables: Vec<_> = [variable].into_iter().chain(robot).collect();
            let found = credentials(&ask("get", host, &variables));
            assert!(world.is_let_in(text(&found, "Username"), text(&found, "Secret")), "{}", variable.0);
        }
    }
    let other = [("BERTH_ID_TOKEN", proof.as_str()), ("BERTH_ROBOT", "robot$other")];
    assert!(ask("get", host, &other).1.contains("401"));
    let elsewhere = world.proof_for("other.example", "j9");
    assert_eq!(ask("get", host, &[("BERTH_ID_TOKEN", &elsewhere)]), (false, NOT_FOUND.to_owned()));
    let missing = ask("get", host, &[("BERTH_TOKEN_FILE", "/nowhere/token")]);
    assert!(!missing.0 && missing.1.contains("BERTH_TOKEN_FILE: the file /nowhere/token"), "{}", missing.1);
}

#[test]
fn helper_signs_a_role_of_aws_in() {
    let (world, _sts, _runtime) = aws::world();
    aws::trust_the_role(&world);
    let keys = [("AWS_ACCESS_KEY_ID", KEY_ID), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_REGION", REGION)];
    let found = credentials(&ask("get", world.berth.host(), &keys));
    world
        .push_and_pull(&world.bearer(text(&found, "Username"), text(&found, "Secret")), "by a role's helper");

    let answer =
        json!({ "AccessKeyId": KEY_ID, "SecretAccessKey": SECRET, "Expiration": "2099-01-01T00:00:00Z" });
    let container =
        world.runtime.block_on(Server::start(move |request| match request.header("authorization") {
            Some("pod") => Reply::ok(answer.to_string()),
            _ => Reply::status(401),
        }));
    let url = format!("http://127.0.0.1:{}/credentials", container.port);
    let full = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()), ("AWS_REGION", REGION)];
    let pod: Vec<_> = full.into_iter().chain([("AWS_CONTAINER_AUTHORIZATION_TOKEN", "pod")]).collect();
    let found = credentials(&ask("get", world.berth.host(), &pod));
    assert!(world.is_let_in(text(&found, "Username"), text(&found, "Secret")));
    assert!(ask("get", world.berth.host(), &full).1.contains("401"));
    let far = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/credentials")];
    assert!(ask("get", world.berth.host(), &far).1.contains("https://"));
}

#[test]
fn helper_speaks_dockers_protocol() {
    assert_eq!(ask("get", "registry.example", &[]), (false, NOT_FOUND.to_owned()));
    assert_eq!(ask("get", "", &[]), (false, NOT_FOUND.to_owned()));
    assert_eq!(ask("list", "", &[]), (true, "{}".to_owned()));
    assert_eq!(ask("erase", "registry.example", &[]), (true, String::new()));
    let (is_ok, said) = ask("store", r#"{"ServerURL":"r","Username":"u","Secret":"hidden"}"#, &[]);
    assert!(!is_ok && said.contains("keeps no passwords") && !said.contains("hidden"), "{said}");
    assert!(!ask("help", "", &[]).0);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let stranger = runtime.block_on(issuer::Issuer::start(&[]));
    let world = World::new();
    let proof = world.proof_for(&stranger.url.replace("http://", ""), "j1");
    let (is_ok, said) = ask("get", &stranger.url, &[("BERTH_ID_TOKEN", &proof)]);
    assert!(!is_ok && said.contains("answers 404"), "what is no registry gives nothing: {said}");
}
