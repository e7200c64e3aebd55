//! `berth logout`.

use std::process::ExitCode;

use super::store::Store;
use crate::error::{EXIT_CODES, Error};
use crate::output::{self, note};
use crate::place::Host;

/// Forget the credentials of a registry, those that docker has stored too.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Logout {
    /// The registry: host[:port].
    #[arg(value_name = "HOST")]
    host: Host,
}

impl Logout {
    /// Runs the command to its end.
    pub async fn run(self) -> ExitCode {
        match self.logout().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                note(&format!("berth logout: {error}"));
                error.exit_code()
            }
        }
    }

    async fn logout(self) -> Result<(), Error> {
        let text = if Store::locate()?.remove(&self.host).await? {
            format!("signed out of {}", self.host)
        } else {
            format!("there were no credentials for {}", self.host)
        };
        output::line(&text).map_err(Error::machine("cannot write to standard output"))
    }
}
