//! Where a test works: a registry and a folder.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use berth_tests::{Berth, Layout, Recipe, Run, Tool};
use tempfile::TempDir;

static PLACES: AtomicU32 = AtomicU32::new(0);

/// A registry to talk to and a folder for everything that clients keep.
pub(crate) struct Place<'a> {
    pub(crate) berth: &'a Berth,
    folder: TempDir,
    folders: Cell<u32>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(berth: &'a Berth) -> Self {
        // Podman names an image after its folder and takes no capitals, which random names have.
        let number = PLACES.fetch_add(1, Ordering::Relaxed);
        let name = format!("berth-test-client-{}-{number}", process::id());
        let folder = tempfile::Builder::new().prefix(&name).rand_bytes(0).tempdir();
        let folder = folder.expect("the temporary folder is writable");
        // Some clients insist on the file once they are told where it would be.
        fs::write(folder.path().join("config.json"), "{}").expect("a fresh folder is writable");
        Self { berth, folder, folders: Cell::new(0) }
    }

    /// A folder that is still empty.
    pub(crate) fn empty_folder(&self) -> PathBuf {
        let path = self.path(&self.folders.replace(self.folders.get() + 1).to_string());
        fs::create_dir(&path).expect("the folder is writable");
        path
    }

    /// The path of `name` in the folder, whether there is such a file or not.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn image(&self, recipe: &Recipe) -> Layout {
        Layout::image(&self.empty_folder(), recipe)
    }

    pub(crate) fn index(&self, recipe: &Recipe) -> Layout {
        Layout::index(&self.empty_folder(), recipe)
    }

    /// A command line that finds neither credentials nor settings of whoever runs the tests.
    pub(crate) fn run(&self, tool: &Tool) -> Run<'a> {
        let home: &Path = self.folder.path();
        Run::new(tool, self.berth).env("HOME", home).env("DOCKER_CONFIG", home).env("XDG_RUNTIME_DIR", home)
    }

    /// `<host>/<repository>`, as image references begin.
    pub(crate) fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.berth.host())
    }
}
