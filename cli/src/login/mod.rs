//! `berth login`.

mod logout;
mod store;

use std::io::{self, Write};
use std::process::ExitCode;

use http::{Method, StatusCode};

use crate::connection::Line;
use crate::error::{EXIT_CODES, Error};
use crate::output::{self, note};
use crate::password;
use crate::place::Host;
use crate::registry::{Credentials, Failure};
use store::Store;

pub use logout::Logout;

/// Sign in to a registry, for `berth push` and for docker, podman and oras.
///
/// The registry is asked whether it takes the password. If it does, the password goes to the credential helper that docker's
/// config.json names, or into that file, which is then readable for you alone. The file is in `$DOCKER_CONFIG` or `~/.docker`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Login {
    /// The registry: host[:port].
    #[arg(value_name = "HOST")]
    host: Host,
    /// The user or robot to sign in as; asked for if it is missing.
    #[arg(long, short, value_name = "NAME")]
    username: Option<String>,
    /// Read the password or token from standard input instead of asking for it.
    #[arg(long, requires = "username")]
    password_stdin: bool,
    #[command(flatten)]
    line: Line,
}

impl Login {
    /// Runs the command to its end.
    pub async fn run(self) -> ExitCode {
        match self.login().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                note(&format!("berth login: {error}"));
                error.exit_code()
            }
        }
    }

    async fn login(self) -> Result<(), Error> {
        // Found out first: nobody likes to type a password for nothing.
        let store = Store::locate()?;
        store.check(&self.host)?;
        let credentials = self.credentials()?;
        if !self.is_taken(&credentials).await? {
            note(&format!("{} asks nobody for credentials, so these were not checked", self.host));
        }
        let place = store.put(&self.host, &credentials).await?;
        output::line(&format!("signed in to {} as {}; kept in {place}", self.host, credentials.username()))
            .map_err(Error::machine("cannot write to standard output"))
    }

    fn credentials(&self) -> Result<Credentials, Error> {
        if self.password_stdin {
            let username = self.username.clone().unwrap_or_default();
            check_username(&username)?;
            return Ok(Credentials::from_stdin(username)?);
        }
        if !password::can_ask() {
            let text = "there is no terminal to ask for the password: give --username and --password-stdin";
            return Err(Error::Usage(text.to_owned()));
        }
        let username = match &self.username {
            Some(username) => username.clone(),
            None => ask_username().map_err(Error::machine("cannot read the user's name"))?,
        };
        check_username(&username)?;
        Ok(Credentials::of(username, password::ask("Password: ")?))
    }

    /// Whether the registry has taken the credentials; false if it wanted none.
    async fn is_taken(&self, credentials: &Credentials) -> Result<bool, Error> {
        let registry = self.line.registry(&self.host, Some(credentials.clone()), note)?;
        let call = registry.call(Method::GET, "/v2/", None)?;
        let answer = registry.send(&call).await;
        let failure = match answer {
            Ok(answer) if answer.status().is_success() => return Ok(registry.has_asked().await),
            Ok(answer) => registry.refusal("GET /v2/", answer).await,
            Err(failure) => failure,
        };
        Err(match failure {
            Failure::Answer(answer) if answer.status == StatusCode::UNAUTHORIZED => {
                let reason = answer.message.unwrap_or_else(|| answer.status.to_string());
                Failure::Credentials(format!("{} has refused them: {reason}", answer.host))
            }
            failure => failure,
        }
        .into())
    }
}

/// A name that is empty or has a colon cannot be told from its password.
fn check_username(username: &str) -> Result<(), Error> {
    if username.is_empty() || username.contains(':') {
        return Err(Error::Usage("the user's name must not be empty and has no colon".to_owned()));
    }
    Ok(())
}

fn ask_username() -> io::Result<String> {
    write!(io::stderr(), "Username: ")?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        login: Login,
    }

    #[test]
    fn arguments() {
        let read = |line: &str| Program::try_parse_from(line.split_whitespace());
        for line in
            ["berth h.test", "berth --username ann h.test:1", "berth -u ann --password-stdin localhost"]
        {
            read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
        for line in [
            "berth",
            "berth https://h.test",
            "berth --password-stdin h.test",
            "berth --username ann --password secret1 h.test",
            "berth --username ann -p secret1 h.test",
            "berth --username ann h.test secret1",
            "berth --username ann --password=secret1 h.test",
        ] {
            let error = read(line).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn names_that_cannot_be_told_from_passwords_are_refused() {
        for (name, is_good) in [("ann", true), ("robot$team+ci", true), ("", false), ("a:b", false)] {
            assert_eq!(check_username(name).is_ok(), is_good, "{name}");
        }
    }
}
