//! A stack with a password, as clients meet it: sign in, push, pull, be refused.

use berth_tests::{Finished, Recipe, Run, Tool, sha256_digest};
use reqwest::Method;
use reqwest::blocking::Response;
use reqwest::header::{HOST, WWW_AUTHENTICATE};

use crate::client::{Client, Upload};
use crate::containerd::{Current, shared_socket};
use crate::crane::Crane;
use crate::docker::{ContainerdStore, GraphDriver};
use crate::oras::Oras;
use crate::place::Place;
use crate::podman::{Podman, with_store};
use crate::push::{Repository, header, refused, send};
use crate::skopeo::Skopeo;
use crate::stack::Stack;

const USER: &str = "admin";

/// How a program is told to sign in and to ask for a manifest; `{}` stands for the image.
struct Words<C> {
    program: for<'a> fn(&C, &Place<'a>) -> Run<'a>,
    login: &'static [&'static str],
    /// Whether it asks the registry when it signs in, or only keeps what it is told.
    login_asks: bool,
    pull: &'static [&'static str],
}

#[test]
fn oras_signs_in_and_is_refused_otherwise() {
    signs_in(&Words::<Oras> {
        program: |oras, place| place.run(&oras.0),
        login: &["login", "--plain-http"],
        login_asks: true,
        pull: &["manifest", "fetch", "--plain-http", "{}"],
    });
}

#[test]
fn crane_signs_in_and_is_refused_otherwise() {
    signs_in(&Words::<Crane> {
        program: |crane, place| place.run(&crane.0),
        login: &["auth", "login"],
        login_asks: false,
        pull: &["manifest", "{}"],
    });
}

#[test]
fn skopeo_signs_in_and_is_refused_otherwise() {
    signs_in(&Words::<Skopeo> {
        program: |skopeo, place| place.run(&skopeo.0),
        login: &["login", "--tls-verify=false"],
        login_asks: true,
        pull: &["inspect", "--tls-verify=false", "docker://{}"],
    });
}

#[test]
fn podman_signs_in_and_is_refused_otherwise() {
    signs_in(&Words::<Podman> {
        program: |podman, place| with_store(place.run(&podman.0), &place.path("store")),
        login: &["login", "--tls-verify=false"],
        login_asks: true,
        pull: &["pull", "--quiet", "--tls-verify=false", "{}"],
    });
}

#[test]
fn docker_signs_in_and_is_refused_otherwise() {
    signs_in(&Words::<GraphDriver> {
        program: |docker, place| docker.0.run(place),
        login: &["login"],
        login_asks: true,
        pull: &["pull", "{}"],
    });
}

#[test]
fn docker_with_the_containerd_store_signs_in_and_is_refused_otherwise() {
    signs_in(&Words::<ContainerdStore> {
        program: |docker, place| docker.0.run(place),
        login: &["login"],
        login_asks: true,
        pull: &["pull", "{}"],
    });
}

fn signs_in<C: Client>(words: &Words<C>) {
    let (Some(client), Some(oras)) = (C::find(), Oras::find()) else { return };
    let berth = &Stack::guarded().berth;
    let [stranger, deceiver, owner, helper] = [(); 4].map(|()| Place::new(berth));
    let repository = owner.repository(&format!("sign-in/{}", C::NAME));
    let reference = format!("{repository}:v1");
    let pull = |place: &Place<'_>| {
        let pull = words.pull.iter().map(|word| word.replace("{}", &reference));
        (words.program)(&client, place).args(pull).finish()
    };
    let login = |place: &Place<'_>, user: &str, password: &str| {
        let credentials = ["--username", user, "--password", password, place.berth.host()];
        (words.program)(&client, place).args(words.login).args(credentials).finish()
    };
    let layout = owner.image(&Recipe::small(C::NAME));

    // Clients that send pieces of unknown length cannot push without a gateway, whoever they are.
    if matches!(C::UPLOAD, Upload::UnboundedPatch) {
        let credentials =
            ["login", "--plain-http", "--username", USER, "--password", &Stack::guarded().password()];
        helper.run(&oras.0).args(credentials).arg(berth.host()).succeeds();
        let _ = oras.push(&helper, &layout, &repository).succeeds();
    } else {
        is_refused(client.push(&stranger, &layout, &repository));
        let _ = login(&owner, USER, &Stack::guarded().password()).succeeds();
        let _ = client.push(&owner, &layout, &repository).succeeds();
    }
    is_refused(pull(&stranger));
    // Not the administrator's name: too many wrong passwords would keep him out of the other tests.
    let attempt = login(&deceiver, C::NAME, "a wrong password");
    if words.login_asks {
        is_refused(attempt);
    }
    is_refused(pull(&deceiver));
    let _ = login(&owner, USER, &Stack::guarded().password()).succeeds();
    assert_eq!(client.pull(&owner, &reference), layout.config().digest);
}

/// `ctr` keeps no credentials: they stand in every command.
#[test]
fn containerd_signs_in_and_is_refused_otherwise() {
    let (Some(ctr), Some(socket)) = (Tool::find("ctr-2"), shared_socket::<Current>()) else { return };
    let place = Place::new(&Stack::guarded().berth);
    let run = |words: &[&str]| {
        place.run(&ctr).arg("--address").arg(&socket).args(["--namespace", "sign-in", "images"]).args(words)
    };
    let repository = place.repository("sign-in/ctr");
    let reference = format!("{repository}:v1");
    let layout = place.image(&Recipe::small("sign in ctr"));
    let archive = place.path("layout.tar");
    layout.write_archive(&archive);
    run(&["import", "--no-unpack", "--base-name", &repository]).arg(&archive).succeeds();
    for credentials in [None, Some("ctr:a wrong password".to_owned())] {
        let user: Vec<&str> = credentials.iter().flat_map(|pair| ["--user", pair.as_str()]).collect();
        is_refused(run(&["push", "--plain-http"]).args(&user).arg(&reference).finish());
        is_refused(
            run(&["pull", "--plain-http", "--snapshotter=native"]).args(&user).arg(&reference).finish(),
        );
    }
    let right = ["--plain-http", "--user", &format!("{USER}:{}", Stack::guarded().password())];
    run(&["push"]).args(right).arg(&reference).succeeds();
    run(&["rm", "--sync", &reference]).succeeds();
    run(&["pull", "--snapshotter=native"]).args(right).arg(&reference).succeeds();
    let listed = run(&["ls", &format!("name=={reference}")]).succeeds();
    assert!(listed.contains(&layout.root().digest), "{listed}");
}

fn is_refused(run: Finished) {
    run.fails_saying(&[
        "unauthorized",
        "401",
        "authentication required",
        "invalid username/password",
        "denied",
    ]);
}

pub(crate) fn challenge(answer: &Response) -> String {
    assert_eq!(answer.status(), 401);
    header(answer, WWW_AUTHENTICATE.as_str())
}

#[test]
fn who_has_no_credentials_is_told_where_to_get_a_token_and_for_what() {
    let berth = &Stack::guarded().berth;
    let host = berth.host();
    let realm = format!(r#"Bearer realm="http://{host}/token",service="{host}""#);
    let digest = sha256_digest(b"any");
    for (method, path, scope) in [
        (Method::GET, "/v2/".to_owned(), ""),
        (Method::GET, "/v2/a/b/manifests/v1".to_owned(), r#",scope="repository:a/b:pull""#),
        (Method::HEAD, format!("/v2/a/b/blobs/{digest}"), r#",scope="repository:a/b:pull""#),
        (Method::POST, "/v2/a/b/blobs/uploads/".to_owned(), r#",scope="repository:a/b:pull,push""#),
        (Method::DELETE, "/v2/a/b/manifests/v1".to_owned(), r#",scope="repository:a/b:delete""#),
    ] {
        let answer = send(berth.client().request(method.clone(), berth.url(&path)));
        assert_eq!(challenge(&answer), format!("{realm}{scope}"), "{method} {path}");
        // A token that is none gets as far as the function, whose answer must come through with its challenge.
        let request = berth.client().request(method.clone(), berth.url(&path)).bearer_auth("forged");
        let told = challenge(&send(request));
        assert_eq!(told, format!(r#"{realm}{scope},error="invalid_token""#), "{method} {path}");
    }
    let wrong = send(berth.client().get(berth.url("/token")).basic_auth("nobody", Some("wrong")));
    refused(wrong, 401, "UNAUTHORIZED");
}

#[test]
fn a_head_tells_the_length_of_a_blob_and_of_a_manifest() {
    let berth = &Stack::guarded().berth;
    let blob = vec![7; 1_234_567];
    let token = Stack::guarded().bearer("sign-in/head");
    let repository = Repository { berth, name: "sign-in/head", credentials: Some(&token) };
    let digest = repository.push_blob(&blob);
    let manifest = repository.push_manifest("v1", &[&blob]);
    let head = |path: &str| {
        let answer = send(repository.request(Method::HEAD, path));
        assert_eq!(answer.status(), 200);
        assert!(
            answer
                .headers()
                .keys()
                .all(|name| !name.as_str().starts_with("x-berth-") || name == "x-berth-version")
        );
        (header(&answer, "content-length"), header(&answer, "docker-content-digest"))
    };
    assert_eq!(head(&format!("blobs/{digest}")), (blob.len().to_string(), digest));
    let body = send(repository.request(Method::GET, "manifests/v1")).bytes().expect("a body");
    assert_eq!(head("manifests/v1"), (body.len().to_string(), manifest));
}

/// Only the distribution may talk to the function, whose address is public.
#[test]
fn who_goes_round_the_distribution_is_refused() {
    for stack in [Stack::guarded(), Stack::open()] {
        only_the_distribution_reaches(stack, "RegistryFunctionUrl", "/v2/");
    }
}

/// `path` is one that the function, whose address the output names, answers to anybody.
pub(crate) fn only_the_distribution_reaches(stack: &Stack, output: &str, path: &str) {
    let url = stack.output(output);
    let host = url.strip_prefix("https://").expect("a Function URL is HTTPS").trim_end_matches('/');
    for secret in [None, Some("guessed"), Some("")] {
        let request = stack.berth.client().get(format!("{}{path}", stack.endpoint())).header(HOST, host);
        let request = request.header("x-berth-url", "http://evil.example");
        let request = match secret {
            Some(secret) => request.header("x-berth-origin", secret),
            None => request,
        };
        refused(send(request), 403, "DENIED");
    }
    // Nor does it help to send the header through the distribution, which replaces it.
    let answer = send(stack.berth.client().get(stack.berth.url(path)).header("x-berth-origin", "guessed"));
    assert_ne!(answer.status(), 403);
    let secret = stack.secret("OriginSecretArn")["current"].as_str().expect("a secret is text").to_owned();
    let request = stack.berth.client().get(format!("{}{path}", stack.endpoint())).header(HOST, host);
    assert_eq!(send(request.header("x-berth-origin", secret)).status(), 200, "the secret is what counts");
}
