//! regctl, for all that is built on regclient.

use std::fs;

use berth_tests::{Berth, Finished, Layout, Mode, Recipe, Run, Tool};

use crate::client::{Client, Upload, client_tests};
use crate::place::Place;

client_tests!(Regctl, copies_referrers, lists_and_deletes_tags);

pub(crate) struct Regctl(Tool);

impl Client for Regctl {
    const NAME: &str = "regctl";
    const UPLOAD: Upload = Upload::PutThenChunks;

    fn find() -> Option<Self> {
        Tool::find("regctl").map(Self)
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        let source = format!("ocidir://{}:v1", layout.folder().display());
        self.run(place).args(["image", "copy", &source, &format!("{repository}:v1")]).finish()
    }

    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        let folder = place.empty_folder();
        let target = format!("ocidir://{}:v1", folder.display());
        self.run(place).args(["image", "copy", reference, &target]).succeeds();
        Layout::open(&folder).config().digest
    }
}

impl Regctl {
    fn run<'a>(&self, place: &Place<'a>) -> Run<'a> {
        place.run(&self.0).args(["--host", &format!("reg={},tls=disabled", place.berth.host())])
    }
}

fn copies_referrers(mode: Mode) {
    let Some(regctl) = Regctl::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let repository = place.repository("regctl/subject");
    let subject = format!("{repository}:v1");
    let layout = place.image(&Recipe::small(&format!("regctl {mode} subject")));
    let _ = regctl.push(&place, &layout, &repository).succeeds();
    let note = place.path("note.txt");
    fs::write(&note, mode.to_string()).expect("the folder is writable");
    let put = ["artifact", "put", "--artifact-type", "application/x-note", "--subject", &subject, "--file"];
    regctl.run(&place).args(put).arg(&note).succeeds();

    let copy = format!("{}:v1", place.repository("regctl/subject-copy"));
    regctl.run(&place).args(["image", "copy", "--referrers", &subject, &copy]).succeeds();
    for reference in [&subject, &copy] {
        let format = "{{range .Descriptors}}{{println .ArtifactType}}{{end}}";
        let listed = regctl.run(&place).args(["artifact", "list", "--format", format, reference]).succeeds();
        assert_eq!(listed, "application/x-note", "referrers of {reference}");
    }
}

fn lists_and_deletes_tags(mode: Mode) {
    let Some(regctl) = Regctl::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let repository = place.repository("regctl/tags");
    let layout = place.image(&Recipe::small("regctl tags"));
    let _ = regctl.push(&place, &layout, &repository).succeeds();
    let second = format!("{repository}:v2");
    regctl.run(&place).args(["image", "copy", &format!("{repository}:v1"), &second]).succeeds();
    assert_eq!(regctl.run(&place).args(["tag", "ls", &repository]).succeeds(), "v1\nv2");
    regctl.run(&place).args(["tag", "delete", &second]).succeeds();
    assert_eq!(regctl.run(&place).args(["tag", "ls", &repository]).succeeds(), "v1");
}
