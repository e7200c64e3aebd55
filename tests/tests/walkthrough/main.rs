//! Harbor's walkthrough, with real clients: a developer pushes, a guest pulls and is kept from pushing, a robot pulls as a cluster
//! would, and nobody in particular pulls what is public.

mod api;
#[path = "../deploy/client.rs"]
#[expect(unused_imports, reason = "as in the deploy tests, which need more of it")]
mod client;
#[path = "../clients/containerd.rs"]
mod containerd;
#[path = "../clients/docker.rs"]
mod docker;
mod goclient;
mod harborapi;
mod oidc;
#[path = "../clients/place.rs"]
#[expect(dead_code, reason = "as in the tests of clients, which need more of it")]
mod place;
#[path = "../clients/podman.rs"]
mod podman;
mod program;
mod provider;

use berth_tests::{Finished, Recipe, Run, Tool};

use crate::api::{Api, PASSWORD, registry};
use crate::client::Client;
use crate::containerd::{Current, Debian, Generation, shared_socket};
use crate::docker::{ContainerdStore, GraphDriver};
use crate::place::Place;
use crate::podman::{Podman, with_store};

/// How a program is told to sign in, and to pull; credentials or an image follow.
struct Words<C> {
    login: for<'a> fn(&C, &Place<'a>) -> Run<'a>,
    pull: for<'a> fn(&C, &Place<'a>) -> Run<'a>,
}

#[test]
fn walkthrough_with_docker() {
    walk::<GraphDriver>(&Words {
        login: |docker, place| docker.0.run(place).arg("login"),
        pull: |docker, place| docker.0.run(place).arg("pull"),
    });
}

#[test]
fn walkthrough_with_docker_and_the_containerd_store() {
    walk::<ContainerdStore>(&Words {
        login: |docker, place| docker.0.run(place).arg("login"),
        pull: |docker, place| docker.0.run(place).arg("pull"),
    });
}

#[test]
fn walkthrough_with_podman() {
    walk::<Podman>(&Words {
        login: |podman, place| place.run(&podman.0).args(["login", "--tls-verify=false"]),
        pull: |podman, place| {
            let run = with_store(place.run(&podman.0), &place.path("store"));
            run.args(["pull", "--quiet", "--tls-verify=false"])
        },
    });
}

fn walk<C: Client>(words: &Words<C>) {
    let Some(client) = C::find() else { return };
    let api = Api::of(registry());
    let people = api.people(C::NAME);
    let [developer, guest, robot, nobody] = [(); 4].map(|()| Place::new(registry()));
    let sign_in = |place: &Place<'_>, name: &str, password: &str| {
        let credentials = ["--username", name, "--password", password, place.berth.host()];
        (words.login)(&client, place).args(credentials).succeeds();
    };
    sign_in(&developer, &people.developer, PASSWORD);
    sign_in(&guest, &people.guest, PASSWORD);
    sign_in(&robot, &people.robot, &people.robot_secret);

    let layout = developer.image(&Recipe::small(C::NAME));
    let image = layout.config().digest;
    for (project, is_public) in [(&people.closed, false), (&people.open, true)] {
        let repository = developer.repository(&format!("{project}/app"));
        let reference = format!("{repository}:v1");
        let _ = client.push(&developer, &layout, &repository).succeeds();
        assert_eq!(client.pull(&guest, &reference), image);
        assert_eq!(client.pull(&robot, &reference), image);
        // Elsewhere in the project: containerd pushes nothing where it finds the same already.
        let elsewhere = developer.repository(&format!("{project}/other"));
        is_refused_as_a_guest(client.push(&guest, &layout, &elsewhere));
        is_refused(client.push(&robot, &layout, &elsewhere));
        is_refused(client.push(&nobody, &layout, &elsewhere));
        if is_public {
            assert_eq!(client.pull(&nobody, &reference), image);
        }
    }
    // What nobody in particular may not see looks like what is not there.
    for project in [people.closed.as_str(), "no-such-project"] {
        let tag = nobody.repository(&format!("{project}/app:v1"));
        is_refused((words.pull)(&client, &nobody).arg(&tag).finish());
    }
    // What was deleted on purpose a developer does not bring back, and is told who can.
    api.deletes(&format!("/projects/{}/repositories/app", people.closed));
    let deleted = developer.repository(&format!("{}/app", people.closed));
    client
        .push(&developer, &layout, &deleted)
        .fails_saying(&["the repository was deleted, and its name is kept"]);
}

#[test]
fn walkthrough_with_containerd() {
    walk_with_ctr::<Current>();
}

#[test]
fn walkthrough_with_the_containerd_of_debian() {
    walk_with_ctr::<Debian>();
}

/// `ctr` keeps no credentials: they stand in every command.
fn walk_with_ctr<G: Generation>() {
    let (Some(ctr), Some(socket)) = (Tool::find(G::CTR), shared_socket::<G>()) else { return };
    let api = Api::of(registry());
    let people = api.people(G::CTR);
    let place = Place::new(registry());
    let run = |words: &[&str]| {
        place
            .run(&ctr)
            .arg("--address")
            .arg(&socket)
            .args(["--namespace", "walkthrough", "images"])
            .args(words)
    };
    let layout = place.image(&Recipe::small("walkthrough ctr"));
    let archive = place.path("layout.tar");
    layout.write_archive(&archive);
    let [developer, guest] = [&people.developer, &people.guest].map(|name| format!("{name}:{PASSWORD}"));
    let robot = format!("{}:{}", people.robot, people.robot_secret);
    for (project, is_public) in [(&people.closed, false), (&people.open, true)] {
        let repository = place.repository(&format!("{project}/app"));
        let reference = format!("{repository}:v1");
        // Elsewhere in the project: containerd pushes nothing where it finds the same already.
        let elsewhere = place.repository(&format!("{project}/other"));
        for name in [&repository, &elsewhere] {
            run(&["import", "--no-unpack", "--base-name", name]).arg(&archive).succeeds();
        }
        let push = |who: &[&str], name: &str| {
            run(&["push", "--plain-http"]).args(who).arg(format!("{name}:v1")).finish()
        };
        let pull = |who: &[&str]| {
            run(&["pull", "--plain-http", "--snapshotter=native"]).args(who).arg(&reference).finish()
        };
        let _ = push(&["--user", &developer], &repository).succeeds();
        let refused = push(&["--user", &guest], &elsewhere);
        if G::SHOWS_REFUSALS {
            is_refused_as_a_guest(refused);
        } else {
            is_refused(refused);
        }
        is_refused(push(&["--user", &robot], &elsewhere));
        is_refused(push(&[], &elsewhere));
        run(&["rm", "--sync", &reference, &format!("{elsewhere}:v1")]).succeeds();
        let _ = pull(&["--user", &guest]).succeeds();
        let _ = pull(&["--user", &robot]).succeeds();
        let anonymous = pull(&[]);
        if is_public {
            let _ = anonymous.succeeds();
        } else {
            is_refused(anonymous);
        }
    }
}

fn is_refused(run: Finished) {
    run.fails_saying(&[
        "unauthorized",
        "401",
        "403",
        "authentication required",
        "denied",
        "forbidden",
        "may not",
        "authorization failed",
    ]);
}

/// The guest is told what he is, and what he would have to be.
fn is_refused_as_a_guest(run: Finished) {
    run.fails_saying(&["is a guest and may not push"]);
}
