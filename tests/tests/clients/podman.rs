//! podman, from containers/image and containers/storage. It only moves images here and runs no container.

use std::path::Path;

use berth_tests::{Finished, Layout, Run, Tool};

use crate::client::{Client, Upload, client_tests};
use crate::place::Place;

client_tests!(Podman);

pub(crate) struct Podman(pub(crate) Tool);

impl Client for Podman {
    const NAME: &str = "podman";
    /// The store keeps layers unpacked, so a push compresses them on the way.
    const UPLOAD: Upload = Upload::UnboundedPatch;

    fn find() -> Option<Self> {
        Tool::find("podman").map(Self)
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

/// Keeps the store in `folder` and asks nothing of the kernel: no overlay, no control groups.
pub(crate) fn with_store<'a>(run: Run<'a>, folder: &Path) -> Run<'a> {
    run.arg("--root")
        .arg(folder.join("root"))
        .arg("--runroot")
        .arg(folder.join("run"))
        .arg("--storage-driver=vfs")
}
