//! containerd through its own `ctr`, for all that pushes as containerd does: `BuildKit`, nerdctl, and Kubernetes nodes
//! when they pull. Debian's is 1.6 and pushes in the client; the current one pushes in the server.

mod debian {
    crate::client::client_tests!(super::Containerd<super::Debian>);
}

mod current {
    crate::client::client_tests!(super::Containerd<super::Current>);
}

use std::fs;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use berth_tests::{Finished, Layout, Run, Supervised, Tool};
use serde_json::Value;

use crate::client::{Client, Upload};
use crate::place::Place;

/// Which containerd.
pub(crate) trait Generation {
    const NAME: &str;
    const CTR: &str;
    const SERVER: &str;
    /// The one server of it that this test program starts.
    fn server() -> &'static OnceLock<Supervised>;
    /// See [`Client::SHOWS_REFUSALS`].
    const SHOWS_REFUSALS: bool;
}

pub(crate) struct Debian;
pub(crate) struct Current;

impl Generation for Debian {
    const NAME: &str = "containerd";
    const CTR: &str = "ctr";
    const SERVER: &str = "containerd";
    // It closes its own pipe when an answer comes before the layer is sent, and reports that, or waits for ever.
    const SHOWS_REFUSALS: bool = false;

    fn server() -> &'static OnceLock<Supervised> {
        static SERVER: OnceLock<Supervised> = OnceLock::new();
        &SERVER
    }
}

impl Generation for Current {
    const NAME: &str = "containerd-2";
    const CTR: &str = "ctr-2";
    const SERVER: &str = "containerd-2";
    const SHOWS_REFUSALS: bool = true;

    fn server() -> &'static OnceLock<Supervised> {
        static SERVER: OnceLock<Supervised> = OnceLock::new();
        &SERVER
    }
}

pub(crate) struct Containerd<G> {
    ctr: Tool,
    socket: PathBuf,
    generation: PhantomData<G>,
}

impl<G: Generation> Client for Containerd<G> {
    const NAME: &str = G::NAME;
    const UPLOAD: Upload = Upload::Put;
    const SHOWS_REFUSALS: bool = G::SHOWS_REFUSALS;

    fn find() -> Option<Self> {
        Some(Self { ctr: Tool::find(G::CTR)?, socket: shared_socket::<G>()?, generation: PhantomData })
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        let archive = place.path("layout.tar");
        layout.write_archive(&archive);
        let import = self.images(place).args(["import", "--no-unpack", "--base-name", repository]);
        import.arg(&archive).succeeds();
        let reference = format!("{repository}:v1");
        let pushed = self.images(place).args(["push", "--plain-http", &reference]).finish();
        self.forget(place, &reference);
        pushed
    }

    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        self.images(place).args(["pull", "--plain-http", "--snapshotter=native", reference]).succeeds();
        let listed = self.images(place).args(["ls", &format!("name=={reference}")]).succeeds();
        let digest = listed.split_whitespace().find(|word| word.starts_with("sha256:"));
        let content = ["content", "get", digest.expect("the image is listed with its digest")];
        let manifest = self.run(place).args(content).succeeds();
        self.forget(place, reference);
        let manifest: Value = serde_json::from_str(&manifest).expect("a manifest is JSON");
        manifest["config"]["digest"].as_str().expect("a manifest names its configuration").to_owned()
    }
}

impl<G> Containerd<G> {
    fn run<'a>(&self, place: &Place<'a>) -> Run<'a> {
        place.run(&self.ctr).arg("--address").arg(&self.socket).args(["--namespace", "tests"])
    }

    fn images<'a>(&self, place: &Place<'a>) -> Run<'a> {
        self.run(place).arg("images")
    }

    /// Removes the image and waits until its content is gone, so that the next pull has to download it.
    fn forget(&self, place: &Place<'_>, reference: &str) {
        self.images(place).args(["rm", "--sync", reference]).succeeds();
    }
}

/// The socket of the one server of this generation; `None` when a program is missing and that is allowed.
pub(crate) fn shared_socket<G: Generation>() -> Option<PathBuf> {
    let (ctr, server) = (Tool::find(G::CTR)?, Tool::find(G::SERVER)?);
    let server = G::server().get_or_init(|| {
        let mut process = Supervised::start(G::NAME, |folder| {
            let path = folder.join("config.toml");
            fs::write(&path, configuration(folder)).expect("a fresh folder is writable");
            vec![server.path().display().to_string(), "--config".into(), path.display().to_string()]
        });
        process.wait_for("its version", |process| {
            let mut version = Command::new(ctr.path());
            version.arg("--address").arg(process.folder().join("socket")).arg("version");
            version.output().is_ok_and(|output| output.status.success()).then_some(())
        });
        process
    });
    Some(server.folder().join("socket"))
}

/// The native snapshotter copies files and asks nothing of the kernel. The old server does not know the last section.
fn configuration(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r#"
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]

[grpc]
address = "{folder}/socket"

[[plugins."io.containerd.transfer.v1.local".unpack_config]]
platform = "linux/amd64"
snapshotter = "native"
"#
    )
}
