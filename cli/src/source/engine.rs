//! Images of the docker engine, by `docker save`.

use std::process::{Command, Stdio};

use super::SourceError;
use super::spool;
use super::tree::Tree;

/// Saves the image straight into a temporary file. The engine is the one that the `docker` command talks to.
pub(super) fn save(image: &str) -> Result<Tree, SourceError> {
    let file = spool::unnamed()?;
    let output = file.try_clone().map_err(SourceError::read("the temporary file"))?;
    let mut command = Command::new("docker");
    command.args(["save", "--", image]).stdin(Stdio::null()).stdout(output).stderr(Stdio::piped());
    let finished = command.spawn().and_then(std::process::Child::wait_with_output);
    let finished = finished.map_err(|error| SourceError::Engine {
        reason: format!(
            "the docker command cannot be started ({error}); save the image elsewhere and push the archive"
        ),
    })?;
    if !finished.status.success() {
        let said = String::from_utf8_lossy(&finished.stderr).trim().to_owned();
        return Err(SourceError::Engine { reason: format!("{said} ({})", finished.status) });
    }
    let mut file = file;
    std::io::Seek::rewind(&mut file).map_err(SourceError::read("the temporary file"))?;
    spool::archive(file, &format!("docker:{image}"))
}
