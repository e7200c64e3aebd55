//! skopeo, from containers/image.

use std::path::Path;

use berth_tests::{Berth, Finished, Layout, Mode, Recipe, Run, Tool};

use crate::client::{Client, Upload, client_tests};
use crate::place::Place;

client_tests!(Skopeo, copies_an_index, lists_inspects_and_deletes);

pub(crate) struct Skopeo(pub(crate) Tool);

impl Client for Skopeo {
    const NAME: &str = "skopeo";
    /// The layers are compressed in the layout already, so nothing is compressed on the way.
    const UPLOAD: Upload = Upload::Patch;

    fn find() -> Option<Self> {
        Tool::find("skopeo").map(Self)
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        self.copy(place).args([oci(layout.folder()), docker(&format!("{repository}:v1"))]).finish()
    }

    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        let folder = place.empty_folder();
        self.copy(place).args([docker(reference), oci(&folder)]).succeeds();
        Layout::open(&folder).config().digest
    }
}

impl Skopeo {
    fn copy<'a>(&self, place: &Place<'a>) -> Run<'a> {
        place.run(&self.0).args(["copy", "--src-tls-verify=false", "--dest-tls-verify=false"])
    }
}

fn oci(folder: &Path) -> String {
    format!("oci:{}:v1", folder.display())
}

fn docker(reference: &str) -> String {
    format!("docker://{reference}")
}

fn copies_an_index(mode: Mode) {
    let Some(skopeo) = Skopeo::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let layout = place.index(&Recipe::small(&format!("skopeo {mode} index")));
    let first = format!("{}:v1", place.repository("skopeo/index"));
    let second = format!("{}:v1", place.repository("skopeo/index-copy"));
    skopeo.copy(&place).args(["--all".into(), oci(layout.folder()), docker(&first)]).succeeds();
    skopeo.copy(&place).args(["--all".into(), docker(&first), docker(&second)]).succeeds();
    let folder = place.empty_folder();
    skopeo.copy(&place).args(["--all".into(), docker(&second), oci(&folder)]).succeeds();
    assert_eq!(Layout::open(&folder).root().digest, layout.root().digest);
}

fn lists_inspects_and_deletes(mode: Mode) {
    let Some(skopeo) = Skopeo::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let repository = place.repository("skopeo/list");
    let reference = docker(&format!("{repository}:v1"));
    let layout = place.image(&Recipe::small("skopeo list"));
    let _ = skopeo.push(&place, &layout, &repository).succeeds();
    let run = |words: [&str; 2]| place.run(&skopeo.0).arg(words[0]).arg("--tls-verify=false").arg(words[1]);

    let tags = run(["list-tags", &docker(&repository)]).succeeds();
    assert!(tags.contains(r#""v1""#), "{tags}");
    let inspected = run(["inspect", &reference]).succeeds();
    assert!(inspected.contains(&layout.root().digest), "{inspected}");
    run(["delete", &reference]).succeeds();
    run(["inspect", &reference]).finish().fails_saying(&["unknown"]);
}
