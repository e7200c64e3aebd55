//! Where a test works: a folder, and the program.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use berth_tests::{Layout, Recipe, program};
use serde_json::Value;
use tempfile::TempDir;

static PLACES: AtomicU32 = AtomicU32::new(0);

/// A folder in which no credentials are, except those that a test puts there.
pub(crate) struct Place(TempDir);

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        // Podman names an image after its folder and takes no capitals, which random names have.
        let name = format!("berth-test-cli-{}-{}", process::id(), PLACES.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::Builder::new().prefix(&name).rand_bytes(0).tempdir();
        let folder = folder.expect("the temporary folder is writable");
        // Some clients insist on the file once they are told where it would be.
        fs::write(folder.path().join("config.json"), "{}").expect("a fresh folder is writable");
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn image(&self, recipe: &Recipe) -> Layout {
        let folder = self.path(&format!("image of {}", recipe.seed));
        fs::create_dir(&folder).expect("the folder is writable");
        Layout::image(&folder, recipe)
    }

    /// The program with arguments, in this folder.
    pub(crate) fn berth(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.0.path());
        command.env("HOME", self.0.path()).env("DOCKER_CONFIG", self.0.path());
        for name in ["BERTH_USERNAME", "BERTH_PASSWORD", "BERTH_REGISTRY"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn push(&self, source: &Path, reference: &str, more: &[&str]) -> Finished {
        let retries = (!more.iter().any(|option| option.starts_with("--retries"))).then_some("--retries=1");
        finish(self.berth(["push"]).args(retries).args(more).arg(source).arg(reference))
    }

    /// Writes an executable script that is found first.
    pub(crate) fn script(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(name), format!("#!/bin/sh\n{text}\n")).expect("the folder is writable");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).expect("the file is ours");
        format!("{}:{}", self.0.path().display(), std::env::var("PATH").unwrap_or_default())
    }
}

pub(crate) fn finish(command: &mut Command) -> Finished {
    Finished::of(&command.output().expect("the program can be started"))
}

/// The same with something on standard input.
pub(crate) fn finish_with(command: &mut Command, input: &str) -> Finished {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    // A program that ends before it reads says why below.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    Finished::of(&child.wait_with_output().expect("it ends"))
}

impl Finished {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "should have succeeded: {self:#?}");
        self
    }

    /// Ended with `code`, saying `words` on standard error.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(self.stderr.contains(words), "should have said {words:?}: {self:#?}");
        self
    }

    /// The JSON that a command of `berth admin` printed.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The lines of `--json`.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// How many blobs ended with this status.
    pub(crate) fn blobs(&self, status: &str) -> usize {
        let events = self.events();
        events.iter().filter(|event| event["event"] == "blob" && event["status"] == status).count()
    }
}
