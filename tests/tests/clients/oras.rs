//! oras, for all that is built on oras-go: helm, notation.

use std::fs;

use berth_tests::{Berth, Finished, Layout, Mode, Recipe, SeededBytes, Tool};
use serde_json::Value;

use crate::client::{Client, Upload, client_tests};
use crate::place::Place;

client_tests!(Oras, pushes_and_pulls_files, attaches_and_discovers);

pub(crate) struct Oras(pub(crate) Tool);

impl Client for Oras {
    const NAME: &str = "oras";
    const UPLOAD: Upload = Upload::Put;

    fn find() -> Option<Self> {
        Tool::find("oras").map(Self)
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        let source = format!("{}:v1", layout.folder().display());
        let target = format!("{repository}:v1");
        place.run(&self.0).args(["cp", "--from-oci-layout", "--to-plain-http", &source, &target]).finish()
    }

    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        let folder = place.empty_folder();
        let target = format!("{}:v1", folder.display());
        place
            .run(&self.0)
            .args(["cp", "--from-plain-http", "--to-oci-layout", reference, &target])
            .succeeds();
        Layout::open(&folder).config().digest
    }
}

fn pushes_and_pulls_files(mode: Mode) {
    let Some(oras) = Oras::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let content = SeededBytes::take_vec(&format!("oras {mode} file"), 6_000_000);
    let sent = place.empty_folder().join("model.bin");
    fs::write(&sent, &content).expect("the folder is writable");
    let reference = format!("{}:v1", place.repository("oras/files"));
    let file = format!("{}:application/octet-stream", sent.display());
    let push =
        ["push", "--plain-http", "--disable-path-validation", "--artifact-type", "application/x-model"];
    place.run(&oras.0).args(push).args([&reference, &file]).succeeds();
    // A file pushed by its absolute path is pulled to it.
    fs::remove_file(&sent).expect("the file was just written");
    place.run(&oras.0).args(["pull", "--plain-http", "--allow-path-traversal", &reference]).succeeds();
    assert!(fs::read(&sent).is_ok_and(|received| received == content), "another file was pulled");
}

fn attaches_and_discovers(mode: Mode) {
    let Some(oras) = Oras::find() else { return };
    let place = Place::new(Berth::shared(mode));
    let repository = place.repository("oras/subject");
    let subject = format!("{repository}:v1");
    let layout = place.image(&Recipe::small(&format!("oras {mode} subject")));
    let _ = oras.push(&place, &layout, &repository).succeeds();
    let note = place.path("note.txt");
    fs::write(&note, mode.to_string()).expect("the folder is writable");
    for artifact_type in ["application/x-sbom", "application/x-signature"] {
        let attach =
            ["attach", "--plain-http", "--disable-path-validation", "--artifact-type", artifact_type];
        place.run(&oras.0).args(attach).arg(&subject).arg(&note).succeeds();
    }
    assert_eq!(discover(&oras, &place, &subject, &[]).len(), 2);
    let filter = ["--artifact-type", "application/x-sbom"];
    assert_eq!(discover(&oras, &place, &subject, &filter), ["application/x-sbom"]);

    let copy = format!("{}:v1", place.repository("oras/subject-copy"));
    let both = ["cp", "--recursive", "--from-plain-http", "--to-plain-http", &subject, &copy];
    place.run(&oras.0).args(both).succeeds();
    assert_eq!(discover(&oras, &place, &copy, &[]).len(), 2);
    // The referrers API answers, so no fallback tag may appear.
    assert_eq!(place.run(&oras.0).args(["repo", "tags", "--plain-http", &repository]).succeeds(), "v1");
}

/// The artifact types of the referrers of `subject`.
fn discover(oras: &Oras, place: &Place<'_>, subject: &str, filter: &[&str]) -> Vec<String> {
    let command = ["discover", "--plain-http", "--format", "json"];
    let found = place.run(&oras.0).args(command).args(filter).arg(subject).succeeds();
    let found: Value = serde_json::from_str(&found).expect("JSON was asked for");
    let list = found.get("referrers").or_else(|| found.get("manifests")).and_then(Value::as_array);
    let referrers = list.expect("the answer lists referrers");
    referrers.iter().filter_map(|referrer| referrer["artifactType"].as_str()).map(str::to_owned).collect()
}
