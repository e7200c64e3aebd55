//! buildah, from containers/image and containers/storage.

use berth_tests::{Berth, Finished, Layout, Mode, SeededBytes, Tool};

use crate::client::{Client, REMEDIES, Upload, client_tests};
use crate::place::Place;
use crate::podman::with_store;

client_tests!(Buildah, builds_and_pushes);

pub(crate) struct Buildah(Tool);

impl Client for Buildah {
    const NAME: &str = "buildah";
    /// The store keeps layers unpacked, so a push compresses them on the way.
    const UPLOAD: Upload = Upload::UnboundedPatch;

    fn find() -> Option<Self> {
        Tool::find("buildah").map(Self)
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        let store = place.empty_folder();
        let source = format!("oci:{}:v1", layout.folder().display());
        let image = with_store(place.run(&self.0), &store).args(["pull", "--quiet", &source]).succeeds();
        let target = format!("docker://{repository}:v1");
        with_store(place.run(&self.0), &store).args(["push", "--tls-verify=false", &image, &target]).finish()
    }

    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        let pull = with_store(place.run(&self.0), &place.empty_folder());
        format!("sha256:{}", pull.args(["pull", "--quiet", "--tls-verify=false", reference]).succeeds())
    }
}

fn builds_and_pushes(mode: Mode) {
    let Some(buildah) = Buildah::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let store = place.empty_folder();
    let run = |words: &[&str]| with_store(place.run(&buildah.0), &store).args(words);
    let file = place.path("file");
    let content = SeededBytes::take_vec(&format!("buildah {mode}"), 50_000);
    std::fs::write(&file, content).expect("the folder is writable");

    let container = run(&["from", "scratch"]).succeeds();
    run(&["copy", "--quiet", &container, &file.display().to_string(), "/file"]).succeeds();
    let image = run(&["commit", "--quiet", &container]).succeeds();
    let reference = format!("{}:v1", place.repository("buildah/built"));
    let pushed = run(&["push", "--tls-verify=false", &image, &format!("docker://{reference}")]).finish();
    if mode.is_functions_alone() {
        return pushed.fails_saying(&REMEDIES);
    }
    let _ = pushed.succeeds();
    assert_eq!(buildah.pull(&place, &reference), format!("sha256:{image}"));
}
