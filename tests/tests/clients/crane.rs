//! crane, for all that is built on go-containerregistry: ko, cosign, kaniko.

use berth_tests::{Berth, Finished, Layout, Mode, Recipe, Tool};

use crate::client::{Client, Upload, client_tests};
use crate::place::Place;

client_tests!(Crane, lists_and_deletes, copies_between_repositories);

pub(crate) struct Crane(pub(crate) Tool);

impl Client for Crane {
    const NAME: &str = "crane";
    const UPLOAD: Upload = Upload::Patch;

    fn find() -> Option<Self> {
        Tool::find("crane").map(Self)
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        place.run(&self.0).arg("push").arg(layout.folder()).arg(format!("{repository}:v1")).finish()
    }

    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        let folder = place.empty_folder();
        place.run(&self.0).args(["pull", "--format=oci", reference]).arg(&folder).succeeds();
        Layout::open(&folder).config().digest
    }
}

fn lists_and_deletes(mode: Mode) {
    let Some(crane) = Crane::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let repository = place.repository("crane/list");
    let layout = place.image(&Recipe::small("crane list"));
    let _ = crane.push(&place, &layout, &repository).succeeds();
    let crane = &crane.0;

    place.run(crane).args(["tag", &format!("{repository}:v1"), "v2"]).succeeds();
    assert_eq!(place.run(crane).args(["ls", &repository]).succeeds(), "v1\nv2");
    let catalog = place.run(crane).args(["catalog", place.berth.host()]).succeeds();
    assert!(catalog.lines().any(|name| name == "crane/list"), "{catalog}");
    let digest = place.run(crane).args(["digest", &format!("{repository}:v2")]).succeeds();
    assert_eq!(digest, layout.root().digest);

    place.run(crane).args(["delete", &format!("{repository}:v2")]).succeeds();
    assert_eq!(place.run(crane).args(["ls", &repository]).succeeds(), "v1");
    place.run(crane).args(["delete", &format!("{repository}@{digest}")]).succeeds();
    place
        .run(crane)
        .args(["manifest", &format!("{repository}:v1")])
        .finish()
        .fails_saying(&["manifest_unknown"]);
}

fn copies_between_repositories(mode: Mode) {
    let Some(crane) = Crane::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let from = place.repository("crane/copied/from");
    let to = place.repository("crane/copied/to");
    let layout = place.image(&Recipe::small("crane copy"));
    let _ = crane.push(&place, &layout, &from).succeeds();
    place.run(&crane.0).args(["copy", &format!("{from}:v1"), &format!("{to}:v1")]).succeeds();
    place.run(&crane.0).args(["validate", "--remote", &format!("{to}:v1")]).succeeds();
    assert_eq!(place.berth.manifest_digest("crane/copied/to", "v1"), layout.root().digest);
}
