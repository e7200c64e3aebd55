//! Finding the client programs.

use std::env;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

static NOT_RUN: AtomicUsize = AtomicUsize::new(0);

/// A client program on this machine.
#[derive(Clone, Debug)]
pub struct Tool {
    path: PathBuf,
}

impl Tool {
    /// Looks in `.tools/bin` of the repository, then in `PATH`.
    ///
    /// A missing tool fails the test. Only with `BERTH_ALLOW_MISSING_TOOLS=1` is it `None`, after saying on standard
    /// error, past the test runner's capture, that the test is not run, and how many are not by now.
    pub fn find(name: &str) -> Option<Self> {
        let pinned = repository_root().join(".tools/bin");
        let searched = env::var_os("PATH").unwrap_or_default();
        let found = std::iter::once(pinned)
            .chain(env::split_paths(&searched))
            .map(|folder| folder.join(name))
            .find(|path| path.is_file());
        match found {
            Some(path) => Some(Self { path }),
            None if env::var("BERTH_ALLOW_MISSING_TOOLS").is_ok_and(|value| value == "1") => {
                report_not_run(name);
                None
            }
            None => panic!(
                "{name} is missing: run tests/tools/install.sh, or set BERTH_ALLOW_MISSING_TOOLS=1 to go without"
            ),
        }
    }

    /// Where the program is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The root folder of the repository that these tests belong to.
pub fn repository_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests have a folder of their own in the repository")
}

fn report_not_run(tool: &str) {
    let count = NOT_RUN.fetch_add(1, Ordering::Relaxed) + 1;
    let current = thread::current();
    let test = current.name().unwrap_or("a test");
    // One write, so that lines of other threads do not get in between; a closed standard error leaves nobody to tell.
    let line = format!("\nNOT RUN: {test} ({tool} is missing), {count} so far\n");
    let _ = stderr().write_all(line.as_bytes());
}
