//! Clients that stream layers, through `berth relay` to a registry that would refuse them.

use std::fs;

use berth_tests::{Berth, Mode, Recipe, Relay};

use crate::buildah::Buildah;
use crate::client::Client;
use crate::crane::Crane;
use crate::docker::GraphDriver;
use crate::place::Place;
use crate::podman::Podman;
use crate::skopeo::Skopeo;

const LARGE_LAYER_BYTES: u64 = 300_000_000;
const HUGE_LAYER_BYTES: u64 = 1_000_000_000;
const MAX_PEAK_BYTES: u64 = 100 * 1024 * 1024;

fn push_and_pull<C: Client>(layer_bytes: u64) {
    let Some(client) = C::find() else { return };
    let berth = Berth::start(Mode::LambdaLimits);
    let (relay, place) = (Relay::start(berth.host(), &[]), Place::new(&berth));
    let layout = place.image(&Recipe::with_layer_of(&format!("{} relay", C::NAME), layer_bytes));
    let repository = format!("{}/relay/{}", relay.host(), C::NAME);
    let _ = client.push(&place, &layout, &repository).succeeds();
    assert_eq!(client.pull(&place, &format!("{repository}:v1")), layout.config().digest);
    let left: Vec<_> = fs::read_dir(relay.process().folder()).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 1, "nothing but the log is left: {left:?}");
    let peak = relay.process().memory_bytes("VmHWM:");
    assert!(peak < MAX_PEAK_BYTES, "the relay took {} MiB of memory", peak >> 20);
}

#[test]
fn serves_docker_with_a_graph_driver() {
    push_and_pull::<GraphDriver>(LARGE_LAYER_BYTES);
}

#[test]
fn serves_podman() {
    push_and_pull::<Podman>(LARGE_LAYER_BYTES);
}

#[test]
fn serves_buildah() {
    push_and_pull::<Buildah>(LARGE_LAYER_BYTES);
}

#[test]
fn serves_skopeo() {
    push_and_pull::<Skopeo>(LARGE_LAYER_BYTES);
}

#[test]
fn serves_crane() {
    push_and_pull::<Crane>(LARGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn serves_a_layer_of_1_gb() {
    push_and_pull::<Crane>(HUGE_LAYER_BYTES);
}
