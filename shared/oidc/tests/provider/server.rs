//! The provider as a process of its own, gone when the test is.

use std::env;
use std::io::{BufRead, BufReader, Write, stderr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, SystemTime};

use berth_registry::Clock;

const PROGRAM: &str = ".tools/bin/oidc-provider";
const SAYS: &str = "the provider is at ";

pub(crate) struct Server {
    pub(crate) address: String,
    process: Child,
    /// Kept open: the provider ends when nobody hears it.
    _output: BufReader<ChildStdout>,
}

impl Server {
    /// `None` without the program, where that is allowed.
    pub(crate) fn start() -> Option<Self> {
        let mut process = Command::new(find()?)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the provider starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        let address = loop {
            let mut line = String::new();
            let count = output.read_line(&mut line).expect("it speaks");
            assert!(count > 0, "the provider ended before it said where it is");
            if let Some(address) = line.trim_end().strip_prefix(SAYS) {
                break address.to_owned();
            }
        };
        Some(Self { address, process, _output: output })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The machine's clock, which the provider goes by.
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "the provider's clock is the machine's")]
    fn now(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970")
    }
}

/// A missing program fails the test. Only with `BERTH_ALLOW_MISSING_TOOLS=1` is it `None`, after saying that the test is not run.
fn find() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PROGRAM);
    if program.is_file() {
        return Some(program);
    }
    let is_allowed = env::var("BERTH_ALLOW_MISSING_TOOLS").is_ok_and(|value| value == "1");
    assert!(
        is_allowed,
        "{PROGRAM} is missing: run tests/tools/install.sh, or set BERTH_ALLOW_MISSING_TOOLS=1 to go without"
    );
    // Past the test runner's capture; a closed standard error leaves nobody to tell.
    let _ = stderr()
        .write_all(format!("\nNOT RUN: a test with a real provider ({PROGRAM} is missing)\n").as_bytes());
    None
}
