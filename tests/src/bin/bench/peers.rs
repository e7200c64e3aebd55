//! The registries that are compared.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use berth_tests::{Supervised, program, repository_root};

/// A registry that can be started.
pub struct Peer {
    /// How it stands in the table.
    pub name: &'static str,
    program: fn() -> Option<String>,
    arguments: fn(&Path, u16) -> Vec<String>,
    port: u16,
}

/// A registry that runs.
pub struct Running {
    /// Where it listens.
    pub url: String,
    /// From the start of the process to its first answer, in seconds.
    pub start_secs: f64,
    process: Supervised,
}

/// Every registry, ours first.
pub fn all() -> Vec<Peer> {
    let ours = || Some(program());
    vec![
        Peer { name: "berth", program: ours, arguments: |folder, port| berth(folder, port, &[]), port: 5101 },
        Peer {
            name: "berth --sync off",
            program: ours,
            arguments: |folder, port| berth(folder, port, &["--sync", "off"]),
            port: 5102,
        },
        Peer {
            name: "docker-registry 2.8 (Debian)",
            program: || installed("docker-registry"),
            arguments: distribution,
            port: 5103,
        },
        Peer {
            name: "distribution 3.1",
            program: || installed("registry"),
            arguments: distribution,
            port: 5104,
        },
        Peer { name: "zot", program: || installed("zot"), arguments: zot, port: 5105 },
    ]
}

fn installed(name: &str) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(repository_root().join(".tools/bin")).chain(std::env::split_paths(&path));
    let found = folders.map(|folder| folder.join(name)).find(|candidate| candidate.is_file());
    found.map(|program| program.display().to_string())
}

fn berth(folder: &Path, port: u16, more: &[&str]) -> Vec<String> {
    let data = folder.join("data").display().to_string();
    // As the others are configured here: open to everybody.
    let mut arguments =
        vec!["--open".to_owned(), "--data".to_owned(), data, "--port".to_owned(), port.to_string()];
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    arguments
}

fn distribution(folder: &Path, port: u16) -> Vec<String> {
    let data = folder.join("data");
    let config = folder.join("config.yml");
    let text = format!(
        "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\n  \
         delete:\n    enabled: true\nhttp:\n  addr: 127.0.0.1:{port}\n",
        data.display()
    );
    fs::write(&config, text).expect("a fresh folder is writable");
    vec!["serve".to_owned(), config.display().to_string()]
}

fn zot(folder: &Path, port: u16) -> Vec<String> {
    let config = folder.join("config.json");
    let text = format!(
        r#"{{"storage":{{"rootDirectory":"{}"}},"http":{{"address":"127.0.0.1","port":"{port}"}},"log":{{"level":"error"}}}}"#,
        folder.join("data").display()
    );
    fs::write(&config, text).expect("a fresh folder is writable");
    vec!["serve".to_owned(), config.display().to_string()]
}

impl Peer {
    /// Starts it on a fresh folder; `None` if it is not installed.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    pub fn start(&self) -> Option<Running> {
        let program = (self.program)()?;
        let begin = Instant::now();
        let process = Supervised::start("bench", |folder| {
            let mut command = vec![program];
            command.extend((self.arguments)(folder, self.port));
            command
        });
        let url = format!("http://127.0.0.1:{}", self.port);
        for _ in 0..15_000 {
            if reqwest::blocking::get(format!("{url}/v2/")).is_ok_and(|answer| answer.status().is_success()) {
                let start_secs = begin.elapsed().as_secs_f64();
                return Some(Running { url, start_secs, process });
            }
            thread::sleep(Duration::from_millis(2));
        }
        panic!("{} does not answer: {}", self.name, process.log_tail());
    }
}

impl Running {
    /// CPU time of the process so far, in seconds.
    pub fn cpu_secs(&self) -> f64 {
        let stat =
            fs::read_to_string(format!("/proc/{}/stat", self.process.pid())).expect("the process is there");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields[index].parse::<f64>().expect("a number");
        // Fields 14 and 15 of proc(5), counted after the name; 100 ticks a second on every Linux we run on.
        (ticks(11) + ticks(12)) / 100.0
    }

    /// The most memory that it has held so far.
    pub fn peak_bytes(&self) -> u64 {
        self.process.memory_bytes("VmHWM:")
    }
}
