//! A server that lives no longer than the test process, even when that is killed.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

const SUPERVISOR: &str = include_str!("supervise.sh");
const READINESS_POLL: Duration = Duration::from_millis(50);
/// Five minutes: a stack takes ten seconds, on a machine that has nothing else to do.
const READINESS_POLLS: u32 = 6000;
const LOG_TAIL_LINES: usize = 40;

/// A running server, its folder and its log.
///
/// A shell stands between us and the server and holds a pipe from this process: statics are never dropped and a test
/// run may be killed, yet the pipe closes in every case, and then the shell stops the server and removes the folder.
#[derive(Debug)]
pub struct Supervised {
    shell: Child,
    folder: PathBuf,
}

impl Supervised {
    /// Starts the command that `build` makes for a fresh folder; both outputs go to the log in that folder.
    pub fn start(name: &str, build: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix(&format!("berth-test-{name}-"))
            .tempdir()
            .expect("the temporary folder is writable")
            .keep();
        let log = File::create(folder.join("log")).expect("a fresh folder is writable");
        let shell = Command::new("sh")
            .args(["-c", SUPERVISOR, "supervise"])
            .arg(&folder)
            .args(build(&folder))
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a file handle can be copied"))
            .stderr(log)
            // A signal from the terminal must not reach the server first: the pipe alone decides.
            .process_group(0)
            .spawn()
            .expect("sh can be started");
        Self { shell, folder }
    }

    /// The server's own folder, removed when it is stopped.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server's process id: the shell's child that is not the watcher.
    pub fn pid(&self) -> u32 {
        let children = format!("/proc/{0}/task/{0}/children", self.shell.id());
        let children = fs::read_to_string(children).expect("Linux lists the children of a process");
        let is_server = |pid: &&str| {
            fs::read_link(format!("/proc/{pid}/exe"))
                .is_ok_and(|exe| !exe.ends_with("sh") && !exe.ends_with("dash"))
        };
        let server = children.split_whitespace().find(is_server).expect("the server runs");
        server.parse().expect("a process id")
    }

    /// A line of the server's `/proc/<pid>/status` that counts kibibytes, such as `VmRSS:`, in bytes.
    pub fn memory_bytes(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the server runs");
        let line = status.lines().find(|line| line.starts_with(field)).expect("Linux tells");
        let kibibytes = line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok());
        kibibytes.expect("a number") * 1024
    }

    /// All that the server has written so far.
    pub fn log(&self) -> String {
        fs::read(self.folder.join("log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// The last lines of the log.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
    }

    /// Polls until `ready` gives a value; panics with the log when the server ends or five minutes pass before that.
    pub fn wait_for<T>(&mut self, what: &str, mut ready: impl FnMut(&Self) -> Option<T>) -> T {
        for _ in 0..READINESS_POLLS {
            if let Some(value) = ready(self) {
                return value;
            }
            if let Ok(Some(status)) = self.shell.try_wait() {
                panic!("the server ended ({status}) before {what}; its log:\n{}", self.log_tail());
            }
            thread::sleep(READINESS_POLL);
        }
        panic!("no sign of {what} in time; the log so far:\n{}", self.log_tail());
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // The exit status says only how the server took the signal.
        let _ = self.shell.wait();
    }
}
