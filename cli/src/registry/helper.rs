//! Credential helpers: `docker-credential-NAME get`, `store` and `erase`, which keep credentials for all of docker's kind.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::{Credentials, Failure};
use crate::place::Host;

/// A helper may ask somebody to unlock something.
const TIMEOUT: Duration = Duration::from_mins(1);
/// What a helper says that knows nothing. It has no other way to say so.
const NOT_FOUND: &str = "credentials not found";

/// A program that keeps credentials.
#[derive(Debug)]
pub(crate) struct Helper(PathBuf);

/// What is kept, as helpers read and write it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kept {
    #[serde(rename = "ServerURL", default)]
    server_url: String,
    username: String,
    secret: String,
}

impl Helper {
    /// The helper of this name, in the `PATH`.
    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        let program = format!("docker-credential-{name}");
        if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            Ok(Self(program.into()))
        } else {
            Err(Failure::Credentials(format!("{program}: this is no name of a credential helper")))
        }
    }

    /// The same helper in this folder.
    pub(crate) fn in_folder(self, folder: &Path) -> Self {
        Self(folder.join(self.0))
    }

    /// The credentials for `host`, if it knows any.
    pub(super) async fn get(&self, host: &Host) -> Result<Option<Credentials>, Failure> {
        let Some(output) = self.run("get", host.as_str().as_bytes()).await? else { return Ok(None) };
        let kept: Kept = serde_json::from_slice(&output)
            .map_err(|_| self.failed("its answer is no JSON with Username and Secret"))?;
        Ok((!kept.secret.is_empty()).then(|| Credentials::of(kept.username, kept.secret)))
    }

    /// Keeps credentials for `host` in place of older ones.
    pub(crate) async fn store(&self, host: &Host, credentials: &Credentials) -> Result<(), Failure> {
        let kept = Kept {
            server_url: host.as_str().to_owned(),
            username: credentials.username().to_owned(),
            secret: credentials.password().to_owned(),
        };
        let kept = serde_json::to_vec(&kept).map_err(|_| self.failed("the credentials are no JSON"))?;
        match self.run("store", &kept).await? {
            Some(_) => Ok(()),
            None => Err(self.failed(NOT_FOUND)),
        }
    }

    /// Forgets those for `host`. Whether it knew any, as far as it tells.
    pub(crate) async fn erase(&self, host: &Host) -> Result<bool, Failure> {
        Ok(self.run("erase", host.as_str().as_bytes()).await?.is_some())
    }

    /// The program, as a message names it.
    pub(crate) fn name(&self) -> String {
        self.0.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// What it writes to standard output; `None` if it says that there are no such credentials.
    async fn run(&self, action: &str, input: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let failed = |error: std::io::Error| self.failed(&error.to_string());
        let mut command = Command::new(&self.0);
        command.arg(action).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().map_err(failed)?;
        if let Some(mut pipe) = child.stdin.take() {
            // A helper that does not read its input says below what is wrong.
            let _ = pipe.write_all(input).await;
        }
        let output = tokio::time::timeout(TIMEOUT, child.wait_with_output()).await;
        let output = output.map_err(|_| self.failed("no answer within a minute"))?.map_err(failed)?;
        if output.status.success() {
            return Ok(Some(output.stdout));
        }
        // A helper explains itself on standard output; that it knows nothing is no failure.
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if said.contains(NOT_FOUND) { Ok(None) } else { Err(self.failed(&said)) }
    }

    fn failed(&self, reason: &str) -> Failure {
        Failure::Credentials(format!("{}: {reason}", self.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_is_a_program_in_the_path_and_nothing_else() {
        for name in ["../x", "a b", "a/b", "a\0b"] {
            assert!(Helper::named(name).is_err(), "{name}");
        }
        assert_eq!(Helper::named("osx.key-chain_2").unwrap().name(), "docker-credential-osx.key-chain_2");
    }
}
