//! A running relay.

use crate::{Supervised, program};

/// A `berth relay` process on a free loopback port, stopped when dropped. It knows no credentials but those of the
/// environment.
#[derive(Debug)]
pub struct Relay {
    host: String,
    process: Supervised,
}

impl Relay {
    /// Starts a relay to the registry at `to`, with further arguments.
    pub fn start(to: &str, more: &[&str]) -> Self {
        Self::start_by(&[], to, more)
    }

    /// Starts it by another program, such as a shell that sets limits.
    pub fn start_by(starter: &[&str], to: &str, more: &[&str]) -> Self {
        let mut process = Supervised::start("relay", |folder| {
            let mut command: Vec<String> = starter.iter().map(ToString::to_string).collect();
            command.extend(["env".to_owned(), format!("DOCKER_CONFIG={}", folder.display()), program()]);
            command.extend(["relay", "--to", to, "--port=0", "--retries=1"].map(String::from));
            command.push(format!("--spool={}", folder.display()));
            command.extend(more.iter().map(ToString::to_string));
            command
        });
        let host = process.wait_for("its address", |process| {
            let log = process.log();
            let (host, _) = log.split_once("listening on http://")?.1.split_once(" for ")?;
            Some(host.to_owned())
        });
        Self { host, process }
    }

    /// Host and port, as image references begin.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The process; its folder is also where the relay keeps layers.
    pub fn process(&self) -> &Supervised {
        &self.process
    }

    /// The URL of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }
}
