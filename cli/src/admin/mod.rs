//! `berth admin`: daily administration, through the REST API that Harbor has too.

mod allow;
mod api;
mod audit;
mod date;
mod member;
mod name;
mod new_password;
mod project;
mod robot;
mod role;
mod show;
mod token;
mod user;

#[cfg(test)]
mod fake;

use std::process::ExitCode;

use crate::connection::Access;
use crate::error::Error;
use crate::output::{self, note};
use crate::place::Host;
use api::Api;
use show::Show;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the registry refused, as the message says in its own words; or this machine failed
  2  the command line is wrong
  4  no credentials could be found out
  5  the registry could not be reached, or not be trusted";

/// Administer projects, members, users, robots and CLI tokens.
///
/// Works with every registry that has Harbor's API. Sign in with `berth login` first, or give `--username` and
/// `--password-stdin`. Lists are tables, or with `--json` what the API says.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Admin {
    #[command(subcommand)]
    noun: Noun,
    #[command(flatten)]
    target: Target,
}

/// What is administered.
#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// Projects: what the names of repositories begin with.
    #[command(subcommand)]
    Project(project::Project),
    /// The members of a project, and their roles.
    #[command(subcommand)]
    Member(member::Member),
    /// Users, who sign in with a password.
    #[command(subcommand)]
    User(user::User),
    /// Robots: machines with rights of their own, and a secret that is shown once.
    #[command(subcommand)]
    Robot(robot::Robot),
    /// CLI tokens: what stands for a user where there is no browser, and is shown once.
    #[command(subcommand)]
    Token(token::Token),
    /// The audit log: who did what.
    #[command(subcommand)]
    Audit(audit::Audit),
}

/// Where, as whom, and how it is shown.
#[derive(Debug, clap::Args)]
struct Target {
    /// The registry: host[:port].
    #[arg(
        long,
        global = true,
        env = "BERTH_REGISTRY",
        value_name = "HOST",
        default_value = "127.0.0.1:5000"
    )]
    registry: Host,
    /// Print the API's own JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    access: Access,
}

impl Admin {
    /// Runs the command to its end.
    pub async fn run(self) -> ExitCode {
        match self.admin().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                note(&format!("berth admin: {error}"));
                error.exit_code()
            }
        }
    }

    async fn admin(self) -> Result<(), Error> {
        let Target { registry, json, access } = self.target;
        if let Noun::User(user) = &self.noun
            && access.password_stdin
            && user.reads_stdin()
        {
            let text = "standard input cannot be both your password and the user's: add --generate, or sign in first";
            return Err(Error::Usage(text.to_owned()));
        }
        let credentials = access.credentials(&registry).await?;
        let api = Api::new(access.line.registry(&registry, credentials.clone(), note)?, credentials);
        self.noun.run(&api, Show::new(json, output::line)).await
    }
}

impl Noun {
    async fn run(self, api: &Api, show: Show) -> Result<(), Error> {
        match self {
            Self::Project(project) => project.run(api, show).await,
            Self::Member(member) => member.run(api, show).await,
            Self::User(user) => user.run(api, show).await,
            Self::Robot(robot) => robot.run(api, show).await,
            Self::Token(token) => token.run(api, show).await,
            Self::Audit(audit) => audit.run(api, show).await,
        }
    }
}

#[cfg(test)]
mod tests;
