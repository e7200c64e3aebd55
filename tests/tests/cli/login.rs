//! `berth login` and `berth logout`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use berth_tests::{Berth, Mode, Recipe};
use serde_json::{Value, json};

use crate::place::{Finished, Place, finish, finish_with};
use crate::stub::{Reply, Stub};

/// `ann:secret`.
const BASIC: &str = "Basic YW5uOnNlY3JldA==";

/// Keeps one entry in its folder.
const HELPER: &str = r#"case "$1" in
store) cat > "$0.kept" ;;
get) cat "$0.kept" 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; } ;;
erase) rm "$0.kept" 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; } ;;
esac"#;

fn config(place: &Place) -> Value {
    let text = fs::read(place.path("config.json")).expect("the file is there");
    serde_json::from_slice(&text).expect("the file is JSON")
}

fn log_in(place: &Place, host: &str, username: &str, password: &str) -> Finished {
    let arguments = ["login", "--retries=0", "--username", username, "--password-stdin", host];
    finish_with(&mut place.berth(arguments), password)
}

/// A registry whose token service knows `ann`.
fn registry() -> Stub {
    Stub::start(|seen, _| {
        if seen.path.starts_with("/token?") {
            let is_ann = seen.header("authorization") == Some(BASIC);
            let refusal = r#"{"errors":[{"code":"UNAUTHORIZED","message":"wrong user name or password"}]}"#;
            let refused = || Reply::new(401).body(refusal);
            return Some(if is_ann { Reply::new(200).body(r#"{"token":"t"}"#) } else { refused() });
        }
        let host = seen.header("host").unwrap_or_default();
        let challenge = format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"berth\"");
        (seen.header("authorization") != Some("Bearer t")).then(|| Reply::new(401).header(challenge))
    })
}

#[test]
fn cli_login_asks_the_token_service_and_stores_what_it_takes() {
    let (place, stub) = (Place::new(), registry());
    let before = r#"{"auths":{"other.test":{"auth":"eDp5"}},"HttpHeaders":{"a":"b"}}"#;
    fs::write(place.path("config.json"), before).expect("the folder is writable");

    let refused = log_in(&place, &stub.host, "ann", "guessed");
    let refused = refused.fails(4, "has refused them: wrong user name or password");
    assert!(!refused.stderr.contains("guessed") && !refused.stderr.contains("docker login"), "{refused:?}");
    assert_eq!(fs::read_to_string(place.path("config.json")).expect("the file is there"), before);

    let signed_in = log_in(&place, &stub.host, "ann", "secret\n").succeeds();
    assert!(signed_in.stdout.starts_with(&format!("signed in to {} as ann", stub.host)), "{signed_in:?}");
    assert!(!format!("{signed_in:?}").contains("secret"), "{signed_in:?}");
    let seen = stub.seen();
    let asked = seen.iter().rfind(|seen| seen.path.starts_with("/token")).expect("a token was asked for");
    assert_eq!((asked.path.as_str(), asked.header("authorization")), ("/token?service=berth", Some(BASIC)));
    let expected = json!({
        "auths": { "other.test": { "auth": "eDp5" }, stub.host.as_str(): { "auth": &BASIC[6..] } },
        "HttpHeaders": { "a": "b" },
    });
    assert_eq!(config(&place), expected);
    let mode = fs::metadata(place.path("config.json")).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    finish(&mut place.berth(["logout", &stub.host])).succeeds();
    assert_eq!(config(&place), serde_json::from_str::<Value>(before).expect("JSON"));
    let again = finish(&mut place.berth(["logout", &stub.host])).succeeds();
    assert!(again.stdout.contains("no credentials"), "{again:?}");
}

#[test]
fn cli_login_leaves_credentials_to_the_helper() {
    let (place, stub) = (Place::new(), registry());
    let search = place.script("docker-credential-test", HELPER);
    fs::write(place.path("config.json"), r#"{"credsStore":"test"}"#).expect("the folder is writable");
    let mut command =
        place.berth(["login", "--username=ann", "--password-stdin", "--retries=0", stub.host.as_str()]);
    let signed_in = finish_with(command.env("PATH", &search), "secret").succeeds();
    assert!(signed_in.stdout.contains("docker-credential-test"), "{signed_in:?}");
    assert_eq!(config(&place), json!({ "credsStore": "test", "auths": { stub.host.as_str(): {} } }));
    let kept = fs::read(place.path("docker-credential-test.kept")).expect("the helper was asked to store");
    let kept: Value = serde_json::from_slice(&kept).expect("the helper got JSON");
    assert_eq!(kept, json!({ "ServerURL": stub.host, "Username": "ann", "Secret": "secret" }));

    let layout = place.image(&Recipe::small("cli login helper"));
    let reference = format!("{}/a:1", stub.host);
    let push = || {
        let mut command = place.berth(["push", "--retries=0"]);
        finish(command.arg(layout.folder()).arg(&reference).env("PATH", &search))
    };
    push().succeeds();
    finish(place.berth(["logout", &stub.host]).env("PATH", &search)).succeeds();
    assert!(!place.path("docker-credential-test.kept").exists());
    push().fails(4, "401");
}

#[test]
fn cli_login_says_when_nobody_checked_the_password() {
    let (place, stub) = (Place::new(), Stub::start(|_, _| None));
    let signed_in = log_in(&place, &stub.host, "ann", "secret").succeeds();
    assert!(signed_in.stderr.contains("not checked"), "{signed_in:?}");
}

#[test]
fn cli_login_opens_a_registry_for_push() {
    let (berth, place) = (Berth::start_with_users(Mode::Gateway), Place::new());
    let layout = place.image(&Recipe::small("cli login push"));
    let reference = format!("{}/login/app:v1", berth.host());
    place.push(layout.folder(), &reference, &[]).fails(4, "berth login");
    log_in(&place, berth.host(), "admin", "Password1").fails(4, "wrong user name or password");
    log_in(&place, berth.host(), "admin", &berth.admin_password()).succeeds();
    place.push(layout.folder(), &reference, &[]).succeeds();
    finish(&mut place.berth(["logout", berth.host()])).succeeds();
    place.push(layout.folder(), &reference, &[]).fails(4, "berth login");
}

#[test]
fn cli_login_takes_no_password_from_the_arguments() {
    let place = Place::new();
    for (arguments, words) in [
        (vec!["login"], "HOST"),
        (vec!["login", "http://h.test"], "no scheme"),
        (vec!["login", "--username=ann", "--password=hidden", "h.test"], "--password"),
        (vec!["login", "--username=ann", "-p", "hidden", "h.test"], "-p"),
        (vec!["login", "--password-stdin", "h.test"], "--username"),
        // There is no terminal here.
        (vec!["login", "--username=ann", "h.test"], "--password-stdin"),
        (vec!["login", "--username=a:b", "--password-stdin", "h.test"], "colon"),
        (vec!["logout"], "HOST"),
    ] {
        let failed = finish(&mut place.berth(arguments)).fails(2, words);
        assert!(!failed.stderr.contains("hidden"), "{failed:?}");
    }
    fs::write(place.path("config.json"), "{").expect("the folder is writable");
    log_in(&place, "h.test", "ann", "secret").fails(1, "config.json");
}
