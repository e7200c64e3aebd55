//! No byte of a blob passes through a function: what Lambda was handed and what it gave back, during a push and a pull.

use std::fs;

use berth_tests::{Berth, Mode, Recipe, SeededBytes, Tool};
use serde::Deserialize;

use crate::client::Client;
use crate::containerd::{Containerd, Current, Debian};
use crate::docker::ContainerdStore;
use crate::oras::Oras;
use crate::place::Place;
use crate::regctl::Regctl;
use crate::stack::{Stack, wait_for};

const LARGE_LAYER_BYTES: u64 = 300_000_000;
const HUGE_LAYER_BYTES: u64 = 1_000_000_000;
/// Lambda's limit of an event and of a result.
const MAX_PAYLOAD_BYTES: u64 = 6 * 1024 * 1024;
/// What one push and one pull may cost, manifests and headers, as a part of the layer.
const MAX_SHARE: u64 = 20;

/// One invocation, as `up` writes it down.
#[derive(Deserialize)]
pub(crate) struct Invocation {
    function: String,
    event_bytes: u64,
    pub(crate) result_bytes: u64,
}

fn events(berth: &Berth) -> Vec<Invocation> {
    let text = fs::read_to_string(berth.data().join("events.jsonl")).expect("`up` writes events down");
    // The last line may not be written to its end.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(|line| serde_json::from_str(line).expect("an event is JSON")).collect()
}

/// The invocations of the promote function.
pub(crate) fn promotions(berth: &Berth) -> Vec<Invocation> {
    events(berth).into_iter().filter(|event| event.function.contains("PromoteFunction")).collect()
}

#[test]
fn a_large_layer_passes_by_the_functions() {
    passes_by::<Oras>(LARGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn a_huge_layer_of_oras_passes_by_the_functions() {
    passes_by::<Oras>(HUGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn a_huge_layer_of_regctl_passes_by_the_functions() {
    passes_by::<Regctl>(HUGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn a_huge_layer_of_an_old_containerd_passes_by_the_functions() {
    passes_by::<Containerd<Debian>>(HUGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn a_huge_layer_of_containerd_passes_by_the_functions() {
    passes_by::<Containerd<Current>>(HUGE_LAYER_BYTES);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn a_huge_layer_of_docker_passes_by_the_functions() {
    passes_by::<ContainerdStore>(HUGE_LAYER_BYTES);
}

fn passes_by<C: Client>(layer_bytes: u64) {
    let Some(client) = C::find() else { return };
    let stack = &Stack::deploy(Mode::Deployed, &[]);
    let place = Place::new(&stack.berth);
    let layout = place.image(&Recipe::with_layer_of(&format!("events {}", C::NAME), layer_bytes));
    let repository = place.repository(&format!("events/{}", C::NAME));
    pass_by(stack, layer_bytes, || {
        let _ = client.push(&place, &layout, &repository).succeeds();
        assert_eq!(client.pull(&place, &format!("{repository}:v1")), layout.config().digest);
    });
}

/// Helm takes no file above 5 MiB and no chart above 100 MiB, so this is as large as a chart gets.
#[test]
#[ignore = "heavy: run by just test-full"]
fn a_large_chart_of_helm_passes_by_the_functions() {
    let Some(helm) = Tool::find("helm") else { return };
    let stack = Stack::deploy(Mode::Deployed, &[]);
    let place = Place::new(&stack.berth);
    let source = place.empty_folder();
    fs::write(source.join("Chart.yaml"), "apiVersion: v2\nname: large\nversion: 1.2.3\n").expect("writable");
    for number in 0..20 {
        let content = SeededBytes::take_vec(&format!("events helm {number}"), 4_000_000);
        fs::write(source.join(format!("{number}.bin")), content).expect("writable");
    }
    let packages = place.empty_folder();
    place.run(&helm).arg("package").arg(&source).arg("--destination").arg(&packages).succeeds();
    let package = packages.join("large-1.2.3.tgz");
    let charts = format!("oci://{}", place.repository("events/charts"));
    pass_by(&stack, 80_000_000, || {
        place.run(&helm).args(["push", "--plain-http"]).arg(&package).arg(&charts).succeeds();
        let pull = ["pull", "--plain-http", "--version", "1.2.3", "--destination"];
        let folder = place.empty_folder();
        place.run(&helm).args(pull).arg(&folder).arg(format!("{charts}/large")).succeeds();
        let pulled = fs::read(folder.join("large-1.2.3.tgz")).expect("helm has pulled the chart");
        assert!(pulled == fs::read(&package).expect("helm has packed it"), "another chart was pulled");
    });
}

/// Runs `work`, which moves a layer of this size up and down, and looks at what functions saw of it.
fn pass_by(stack: &Stack, layer_bytes: u64, work: impl FnOnce()) {
    let before = events(&stack.berth).len();
    let since = || events(&stack.berth).into_iter().skip(before);
    work();
    for function in ["RegistryFunction", "PromoteFunction"] {
        wait_for(function, || since().any(|event| event.function.contains(function)).then_some(()));
    }
    let mut sum = 0;
    for event in since() {
        let largest = event.event_bytes.max(event.result_bytes);
        assert!(largest <= MAX_PAYLOAD_BYTES, "{} had {largest} bytes", event.function);
        sum += event.event_bytes + event.result_bytes;
    }
    assert!(sum < layer_bytes / MAX_SHARE, "functions saw {sum} bytes of a layer of {layer_bytes}");
}
