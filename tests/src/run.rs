//! Running a client program against a registry.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Berth, Tool};

const TIMEOUT_SECS: u32 = 900;

/// A command line in the making.
#[derive(Debug)]
pub struct Run<'a> {
    command: Command,
    berth: &'a Berth,
}

impl<'a> Run<'a> {
    /// Begins a command line of `tool`; `berth` is only there to show its log when the run disappoints.
    ///
    /// The program gets no input, and `timeout` ends it after a quarter of an hour.
    pub fn new(tool: &Tool, berth: &'a Berth) -> Self {
        let mut command = Command::new("timeout");
        command.arg("--kill-after=10").arg(TIMEOUT_SECS.to_string()).arg(tool.path()).stdin(Stdio::null());
        Self { command, berth }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the current folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it to its end, whatever that is.
    pub fn finish(mut self) -> Finished {
        let output = self.command.output().expect("timeout can be started");
        Finished {
            what: format!("{:?}", self.command),
            ending: output.status.to_string(),
            is_success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            log_tail: self.berth.log_tail(),
        }
    }

    /// Runs it and gives its standard output; panics unless it succeeds.
    pub fn succeeds(self) -> String {
        self.finish().succeeds().stdout
    }
}

/// A run that is over.
#[derive(Debug)]
pub struct Finished {
    what: String,
    ending: String,
    is_success: bool,
    /// Standard output, without white space around it.
    pub stdout: String,
    /// Standard error, without white space around it.
    pub stderr: String,
    log_tail: String,
}

impl Finished {
    /// The outcome of a client that is a library, as if it were a program.
    pub fn of_library(what: &str, berth: &Berth, result: Result<(), String>) -> Self {
        let is_success = result.is_ok();
        let stderr = result.err().unwrap_or_default();
        let ending = if is_success { "success" } else { "failure" }.to_owned();
        Self {
            what: what.to_owned(),
            ending,
            is_success,
            stdout: String::new(),
            stderr,
            log_tail: berth.log_tail(),
        }
    }

    /// Panics with the whole story unless the run was a success.
    #[must_use]
    pub fn succeeds(self) -> Self {
        assert!(self.is_success, "should have succeeded:\n{self}");
        self
    }

    /// Panics if the run was a success.
    pub fn fails(self) {
        assert!(!self.is_success, "should have failed:\n{self}");
    }

    /// Panics unless the run failed and its output contains one of `words`, in any letter case.
    pub fn fails_saying(self, words: &[&str]) {
        assert!(!self.is_success, "should have failed:\n{self}");
        let said = format!("{}\n{}", self.stdout, self.stderr).to_lowercase();
        assert!(words.iter().any(|word| said.contains(word)), "should have said one of {words:?}:\n{self}");
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, ending, stdout, stderr, log_tail, .. } = self;
        write!(
            formatter,
            "{what}\n{ending}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n--- berth\n{log_tail}"
        )
    }
}
