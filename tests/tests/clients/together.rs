//! Two clients push the same layer at the same time.

use std::thread;

use berth_tests::{Berth, Layout, Mode, Recipe, in_all_modes};

use crate::client::Client;
use crate::crane::Crane;
use crate::oras::Oras;
use crate::place::Place;
use crate::regctl::Regctl;
use crate::skopeo::Skopeo;

in_all_modes!(one_put_each, put_beside_chunks);

/// [upload-race] Large enough that the uploads overlap.
const LAYER_BYTES: u64 = 60_000_000;
const ROUNDS: u32 = 3;

fn one_put_each(mode: Mode) {
    let (Some(first), Some(second)) = (Oras::find(), Regctl::find()) else { return };
    for (round, repositories) in rounds("one-put-each") {
        push_together(mode, &round, (&first, &second), &repositories);
    }
}

/// Where a PATCH of this size is refused, the crate that sends chunks takes the part.
fn put_beside_chunks(mode: Mode) {
    let Some(oras) = Oras::find() else { return };
    for (round, repositories) in rounds("put-beside-chunks") {
        if mode.is_functions_alone() {
            let chunks = crate::rust_oci_client::Chunked;
            push_together(mode, &round, (&oras, &chunks), &repositories);
        } else {
            let (Some(crane), Some(skopeo)) = (Crane::find(), Skopeo::find()) else { return };
            push_together(mode, &round, (&oras, &crane), &repositories);
            push_together(mode, &format!("{round} again"), (&crane, &skopeo), &repositories);
        }
    }
}

/// Rounds with one repository for both, and with one for each.
fn rounds(name: &str) -> impl Iterator<Item = (String, [String; 2])> {
    (0..ROUNDS).flat_map(move |round| {
        let [left, right] = ["left", "right"].map(|side| format!("together/{name}/{side}"));
        [
            (format!("{name} {round} shared"), [left.clone(), left.clone()]),
            (format!("{name} {round} separate"), [left, right]),
        ]
    })
}

fn push_together<A, B>(mode: Mode, round: &str, clients: (&A, &B), repositories: &[String; 2])
where
    A: Client + Sync,
    B: Client + Sync,
{
    let berth = Berth::shared(mode);
    let places = [Place::new(berth), Place::new(berth)];
    let layout = places[0].image(&Recipe::with_layer_of(&format!("together {mode} {round}"), LAYER_BYTES));
    let targets = repositories.each_ref().map(|repository| places[0].repository(repository));
    thread::scope(|scope| {
        let [left, right] = &targets;
        scope.spawn(|| push(clients.0, berth, &layout, left));
        scope.spawn(|| push(clients.1, berth, &layout, right));
    });
    for (place, target) in places.iter().zip(&targets) {
        assert_eq!(
            clients.0.pull(place, &format!("{target}:v1")),
            layout.config().digest,
            "{round}, {target}"
        );
    }
}

fn push<C: Client>(client: &C, berth: &Berth, layout: &Layout, target: &str) {
    let _ = client.push(&Place::new(berth), layout, target).succeeds();
}
