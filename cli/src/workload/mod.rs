//! `docker-credential-berth`: docker's helper protocol, for workloads that have no password and can prove who they are.
//!
//! ```text
//! protocol.rs   docker ── get, store, erase, list ──► which registry; and back what docker wants to read
//! source/       GitHub Actions, a token in the environment or in a file, AWS ──► a proof for that registry
//! exchange.rs   the proof ──► the registry's token service ──► an identity token, which is the secret that docker gets
//! ```
//!
//! Nothing is kept: each `get` proves anew. A proof goes to the registry that it is made for and to no other.

mod exchange;
mod failure;
mod line;
mod protocol;
mod source;

use std::io::{self, Read, Write};
use std::process::ExitCode;

use protocol::Action;

use failure::Failure;
use source::Environment;

/// More than any question of docker's.
const MAX_INPUT_BYTES: u64 = 64 * 1024;

/// Does what docker asks for: `get`, `store`, `erase` or `list`, with its input on standard input. The answer is on standard output, also
/// when it is a failure.
pub async fn credential_helper(action: Option<String>) -> ExitCode {
    let said = answer(action.as_deref(), |name| std::env::var(name).ok()).await;
    let (text, code) = match said {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(failure) => (failure.to_string(), ExitCode::FAILURE),
    };
    let is_written = writeln!(io::stdout(), "{text}").is_ok();
    if is_written { code } else { ExitCode::FAILURE }
}

async fn answer(
    action: Option<&str>,
    variable: impl Fn(&str) -> Option<String> + Send + Sync,
) -> Result<String, Failure> {
    match Action::parse(action)? {
        Action::Get => {
            let environment = Environment::read(variable);
            let host = protocol::host(&input()?)?;
            let proof = source::find(&environment, &host).await?;
            let credentials = exchange::exchange(&environment, &host, &proof).await?;
            Ok(protocol::credentials(&host, &credentials))
        }
        // There is nothing to forget, and docker logout should not fail for it.
        Action::Erase => Ok(String::new()),
        Action::List => Ok("{}".to_owned()),
        Action::Version => Ok(format!("docker-credential-berth {}", env!("CARGO_PKG_VERSION"))),
        Action::Store => Err(Failure::KeepsNothing),
    }
}

fn input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = io::stdin().take(MAX_INPUT_BYTES).read_to_string(&mut text);
    read.map_err(|_| Failure::Input)?;
    Ok(text)
}
