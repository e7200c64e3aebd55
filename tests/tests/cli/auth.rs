//! Credentials: where they come from, and where they go.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use berth_tests::Recipe;

use crate::place::{Place, finish};
use crate::stub::{Reply, Stub};

/// `ann:secret`.
const BASIC: &str = "Basic YW5uOnNlY3JldA==";

fn challenged(header: &str) -> Reply {
    Reply::new(401).header(format!("WWW-Authenticate: {header}"))
}

/// A registry that wants Basic.
fn basic() -> Stub {
    Stub::start(|seen, _| {
        (seen.header("authorization") != Some(BASIC)).then(|| challenged("Basic realm=\"x\""))
    })
}

#[test]
fn cli_credentials_come_from_the_command_line_the_environment_and_docker() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli credentials"));
    let folder = layout.folder().display().to_string();

    let stub = basic();
    let reference = format!("{}/a:1", stub.host);
    let mut command = place.berth(["push", &folder, &reference, "--username=ann", "--password-stdin"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program can be started");
    child.stdin.take().expect("a pipe").write_all(b"secret\n").expect("it reads");
    assert!(child.wait().expect("it ends").success());

    let mut command = place.berth(["push", &folder, &reference]);
    finish(command.env("BERTH_USERNAME", "ann").env("BERTH_PASSWORD", "secret")).succeeds();
    finish(command.env("BERTH_PASSWORD", "wrong")).fails(4, "401");
    finish(command.env_remove("BERTH_PASSWORD")).fails(4, "both BERTH_USERNAME and BERTH_PASSWORD");

    let config = format!(r#"{{"auths":{{"{}":{{"auth":"{}"}}}}}}"#, stub.host, &BASIC[6..]);
    fs::write(place.path("config.json"), config).expect("the folder is writable");
    place.push(layout.folder(), &reference, &[]).succeeds();

    let helper = r#"read host; echo "{\"ServerURL\":\"$host\",\"Username\":\"ann\",\"Secret\":\"secret\"}""#;
    let search = place.script("docker-credential-test", helper);
    fs::write(place.path("config.json"), r#"{"credsStore":"test"}"#).expect("the folder is writable");
    finish(place.berth(["push", &folder, &reference]).env("PATH", &search)).succeeds();
    place.script("docker-credential-test", "echo credentials not found in native keychain; exit 1");
    finish(place.berth(["push", &folder, &reference]).env("PATH", &search)).fails(4, "docker login");
    place.script("docker-credential-test", "echo locked; exit 1");
    finish(place.berth(["push", &folder, &reference]).env("PATH", &search)).fails(4, "locked");
}

#[test]
fn cli_tokens_are_got_and_renewed_in_the_middle_of_a_push() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli tokens"));
    let tokens = AtomicUsize::new(0);
    let uses = AtomicUsize::new(0);
    // A token is good for five requests.
    let stub = Stub::start(move |seen, _| {
        if seen.path.starts_with("/token?") {
            let number = tokens.fetch_add(1, Ordering::SeqCst) + 1;
            uses.store(0, Ordering::SeqCst);
            return Some(Reply::new(200).body(format!(r#"{{"access_token":"t{number}","expires_in":300}}"#)));
        }
        let newest = format!("Bearer t{}", tokens.load(Ordering::SeqCst));
        let is_good =
            seen.header("authorization") == Some(&newest) && uses.fetch_add(1, Ordering::SeqCst) < 5;
        let host = seen.header("host").unwrap_or_default();
        let challenge =
            format!("Bearer realm=\"http://{host}/token\",service=\"berth\",scope=\"repository:a:pull\"");
        (!is_good).then(|| challenged(&challenge))
    });
    let mut command = place.berth(["push", "--jobs=1"]);
    command.arg(layout.folder()).arg(format!("{}/a:1", stub.host));
    let pushed = finish(command.env("BERTH_USERNAME", "ann").env("BERTH_PASSWORD", "secret")).succeeds();
    assert!(!pushed.stderr.contains("secret") && !pushed.stderr.contains("YW5u"), "{}", pushed.stderr);
    let seen = stub.seen();
    let asked: Vec<_> = seen.iter().filter(|seen| seen.path.starts_with("/token?")).collect();
    assert!(asked.len() >= 3, "{}", asked.len());
    for request in asked {
        assert_eq!(request.header("authorization"), Some(BASIC));
        let expected = "/token?service=berth&scope=repository%3Aa%3Apull%2Cpush";
        assert_eq!(request.path, expected);
    }
    // A blob that met the end of a token was sent again, whole.
    assert!(seen.iter().any(|seen| seen.method == "PUT" && seen.body.len() > 100_000));
}

#[test]
fn cli_credentials_go_to_no_other_host() {
    let place = Place::new();
    let layout = place.image(&Recipe::small("cli other host"));
    let other = Stub::start(|seen, _| {
        seen.path.starts_with("/token").then(|| Reply::new(200).body(r#"{"token":"anonymous"}"#))
    });
    let push = |host: &str, with_credentials: bool| {
        let mut command = place.berth(["push", "--retries=0"]);
        command.arg(layout.folder()).arg(format!("{host}/a:1"));
        if with_credentials {
            command.env("BERTH_USERNAME", "ann").env("BERTH_PASSWORD", "secret");
        }
        finish(&mut command)
    };

    // A realm elsewhere is asked by nobody in particular, and not at all with credentials.
    let realm = format!("Bearer realm=\"http://{}/token\"", other.host);
    let stub = Stub::start(move |seen, _| seen.header("authorization").is_none().then(|| challenged(&realm)));
    push(&stub.host, true).fails(4, "another host");
    assert_eq!(other.seen().len(), 0);
    push(&stub.host, false).succeeds();
    assert!(other.seen().iter().all(|seen| seen.header("authorization").is_none()));

    // An upload path elsewhere gets the blob and nothing else.
    let location = format!("Location: http://{}/upload?signed=1", other.host);
    let stub = Stub::start(move |seen, _| match seen.method.as_str() {
        _ if seen.header("authorization").is_none() => Some(challenged("Basic realm=\"x\"")),
        "POST" => Some(Reply::new(202).header(location.as_str())),
        _ => None,
    });
    push(&stub.host, true).succeeds();
    assert_eq!(other.count("PUT", "/upload?signed=1&digest=sha256:"), 4);
    assert!(other.seen().iter().all(|seen| seen.header("authorization").is_none()));
}
