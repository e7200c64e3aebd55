//! The Docker engine with both of its image stores: the graph drivers, which is every engine before 29 that was not
//! told otherwise, and the containerd image store.

mod graph_driver {
    crate::client::client_tests!(super::GraphDriver);
}

mod containerd_store {
    crate::client::client_tests!(super::ContainerdStore);
}

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use berth_tests::{Finished, Layout, Run, Supervised, Tool};

use crate::client::{Client, Upload};
use crate::containerd::{self, Current};
use crate::place::Place;

/// Debian's engine.
pub(crate) struct GraphDriver(pub(crate) Engine);

/// The current engine, with the current containerd.
pub(crate) struct ContainerdStore(pub(crate) Engine);

impl Client for GraphDriver {
    const NAME: &str = "docker";
    const UPLOAD: Upload = Upload::UnboundedPatch;

    fn find() -> Option<Self> {
        static SERVER: OnceLock<Supervised> = OnceLock::new();
        let (docker, engine) = (Tool::find("docker")?, Tool::find("dockerd")?);
        // Said where it is the default already, for engines that choose otherwise.
        let store = r#"{ "storage-driver": "vfs", "features": { "containerd-snapshotter": false } }"#;
        Some(Self(Engine::shared(&SERVER, docker, &engine, store, &[])))
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        let archive = place.path("image.tar");
        layout.write_docker_archive(&archive);
        self.0.push(place, &archive, &layout.config().digest, repository)
    }

    /// The store names an image by its configuration.
    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        self.0.pull(place, reference);
        let image = self.0.run(place).args(["image", "inspect", "--format={{.Id}}", reference]).succeeds();
        self.0.forget(place, &image);
        image
    }
}

impl Client for ContainerdStore {
    const NAME: &str = "docker-29";
    const UPLOAD: Upload = Upload::Put;

    fn find() -> Option<Self> {
        static SERVER: OnceLock<Supervised> = OnceLock::new();
        let (docker, engine) = (Tool::find("docker")?, Tool::find("dockerd-29")?);
        let containerd = format!("--containerd={}", containerd::shared_socket::<Current>()?.display());
        let store = r#"{ "storage-driver": "native", "features": { "containerd-snapshotter": true } }"#;
        Some(Self(Engine::shared(&SERVER, docker, &engine, store, &[containerd])))
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        let archive = place.path("image.tar");
        layout.write_archive(&archive);
        self.0.push(place, &archive, &layout.root().digest, repository)
    }

    /// The store names an image by its manifest, so the configuration is looked up in what it saves.
    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        self.0.pull(place, reference);
        let archive = place.path("saved.tar");
        self.0.run(place).args(["image", "save", reference, "--output"]).arg(&archive).succeeds();
        self.0.forget(place, reference);
        let folder = place.empty_folder();
        let saved = File::open(&archive).and_then(|file| tar::Archive::new(file).unpack(&folder));
        saved.expect("docker has saved an archive");
        Layout::open(&folder).config().digest
    }
}

pub(crate) struct Engine {
    docker: Tool,
    host: String,
}

impl Engine {
    /// The one engine in `server`, started if it is the first use. It has no network for containers: it runs none.
    fn shared(
        server: &'static OnceLock<Supervised>,
        docker: Tool,
        engine: &Tool,
        configuration: &str,
        arguments: &[String],
    ) -> Self {
        let server = server.get_or_init(|| {
            let mut process = Supervised::start("docker", |folder| {
                fs::write(folder.join("daemon.json"), configuration).expect("a fresh folder is writable");
                [&command_line(engine, folder), arguments].concat()
            });
            process.wait_for("its version", |process| {
                let version =
                    Command::new(docker.path()).args(["--host", &host(process), "version"]).output();
                version.is_ok_and(|output| output.status.success()).then_some(())
            });
            process
        });
        Self { docker, host: host(server) }
    }

    pub(crate) fn run<'a>(&self, place: &Place<'a>) -> Run<'a> {
        place.run(&self.docker).args(["--host", &self.host])
    }

    /// Loads the archive, pushes the image that is `id` in the store, and removes it from there.
    fn push(&self, place: &Place<'_>, archive: &Path, id: &str, repository: &str) -> Finished {
        self.run(place).args(["load", "--input"]).arg(archive).succeeds();
        fs::remove_file(archive).expect("the archive was just read");
        let reference = format!("{repository}:v1");
        self.run(place).args(["tag", id, &reference]).succeeds();
        let pushed = self.run(place).args(["push", &reference]).finish();
        self.forget(place, id);
        pushed
    }

    fn pull(&self, place: &Place<'_>, reference: &str) {
        self.run(place).args(["pull", reference]).succeeds();
    }

    /// Removes the image under all its names, so that the next pull has to download it.
    fn forget(&self, place: &Place<'_>, image: &str) {
        self.run(place).args(["image", "rm", "--force", image]).succeeds();
    }
}

fn host(server: &Supervised) -> String {
    format!("unix://{}", server.folder().join("socket").display())
}

fn command_line(engine: &Tool, folder: &Path) -> Vec<String> {
    let at = |name: &str| folder.join(name).display().to_string();
    vec![
        engine.path().display().to_string(),
        format!("--config-file={}", at("daemon.json")),
        format!("--host=unix://{}", at("socket")),
        format!("--data-root={}", at("data")),
        format!("--exec-root={}", at("exec")),
        format!("--pidfile={}", at("pid")),
        "--bridge=none".into(),
        "--iptables=false".into(),
        "--ip6tables=false".into(),
    ]
}
