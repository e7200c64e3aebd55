//! The command line.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use anyhow::Context;
use berth_cli::{Admin, Login, Logout, Push, Relay};
use berth_configuration::Locks;
use berth_function_registry::Outside;
use berth_local::s3::SyncMode;
use berth_local::{Mode, Options, Users};
use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

/// A private OCI registry: runs on this machine, keeps everything in one folder.
///
/// Without a command it is `serve`.
#[derive(Debug, Parser)]
#[command(name = "berth", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Program {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the registry on this machine.
    Serve(Serve),
    Login(Login),
    Logout(Logout),
    Push(Push),
    Relay(Relay),
    Admin(Admin),
}

impl Program {
    pub(crate) fn command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

/// How the registry runs.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Serve {
    /// The folder that holds all data; made if it is missing.
    #[arg(long, env = "BERTH_DATA", default_value = "./berth-data")]
    data: PathBuf,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "BERTH_PORT", default_value_t = 5000)]
    pub(crate) port: u16,
    /// The address to listen on. What goes over it is not encrypted: leave it at loopback unless the network is trusted.
    #[arg(long, env = "BERTH_BIND", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) bind: IpAddr,
    /// Let everybody who can reach it do everything: no users, no projects.
    #[arg(long, env = "BERTH_OPEN")]
    open: bool,
    /// Do not make projects by themselves when an administrator pushes to one that is missing.
    #[arg(long, env = "BERTH_STRICT_PROJECTS", conflicts_with = "open")]
    strict_projects: bool,
    /// A file with the settings of an LDAP directory, whose people can sign in too: Harbor's names and values, in JSON. They are locked.
    #[arg(long, env = "BERTH_LDAP_FILE", value_name = "FILE", conflicts_with = "open")]
    ldap: Option<PathBuf>,
    /// A file with the settings of an OpenID Connect provider, where people can sign in with a browser: Harbor's names and values, in
    /// JSON. They are locked.
    #[arg(long, env = "BERTH_OIDC_FILE", value_name = "FILE", conflicts_with_all = ["open", "ldap"])]
    oidc: Option<PathBuf>,
    /// Refuse what a deployment of functions alone would refuse: bodies over 4.5 MB outside the direct upload path.
    #[arg(long, env = "BERTH_LAMBDA_LIMITS")]
    lambda_limits: bool,
    /// What an acknowledged write survives: `full` also the loss of power, `off` the death of this process alone.
    #[arg(long, env = "BERTH_SYNC", value_enum, default_value_t = Sync::Full)]
    sync: Sync,
    /// Log each request.
    #[arg(long, env = "BERTH_ACCESS_LOG")]
    access_log: bool,
    /// For development: also believe issuers of tokens on loopback, by plain HTTP. Refused unless --bind is loopback.
    #[arg(long, env = "BERTH_ALLOW_LOCAL_ISSUERS", conflicts_with = "open")]
    allow_local_issuers: bool,
    /// For development: ask this STS on loopback in place of AWS's, as in `http://127.0.0.1:4566`.
    #[arg(long, env = "BERTH_STS_ENDPOINT", value_name = "URL", requires = "allow_local_issuers")]
    sts_endpoint: Option<String>,
    /// A file that gets a line of JSON for every sign-in, pull, push, delete and change, before its answer. It only grows; to
    /// rotate it, copy it and truncate it.
    #[arg(long, env = "BERTH_AUDIT_LOG", value_name = "FILE")]
    audit_log: Option<PathBuf>,
    /// How many days the registry's own audit log goes back.
    #[arg(long, env = "BERTH_AUDIT_RETENTION_DAYS", value_name = "DAYS", default_value_t = 365,
          value_parser = clap::value_parser!(u64).range(1..=3653))]
    audit_retention_days: u64,
    /// How log lines are written.
    #[arg(long, env = "BERTH_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// What to log, as in `info` or `berth_registry=debug`.
    #[arg(long, env = "BERTH_LOG", default_value = "info")]
    log: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sync {
    Full,
    Off,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl Serve {
    /// What the stack is started with.
    pub(crate) fn options(&self) -> anyhow::Result<Options> {
        Ok(Options {
            data: self.data.clone(),
            mode: if self.lambda_limits { Mode::LambdaLimits } else { Mode::Gateway },
            users: if self.open {
                Users::Open
            } else {
                Users::Projects { create_on_push: !self.strict_projects, locks: self.locks()? }
            },
            sync: match self.sync {
                Sync::Full => SyncMode::Full,
                Sync::Off => SyncMode::Off,
            },
            access_log: self.access_log,
            outside: self.outside()?,
            audit_log: self.audit_log.clone(),
            audit_retention_days: self.audit_retention_days,
        })
    }

    /// Who reaches a registry that believes issuers on loopback, reaches through it whatever listens there.
    fn outside(&self) -> anyhow::Result<Outside> {
        anyhow::ensure!(
            !self.allow_local_issuers || self.bind.is_loopback(),
            "--allow-local-issuers needs --bind to be loopback, as it is without --bind: others could reach this machine's own services \
             through it"
        );
        Ok(Outside { allow_loopback: self.allow_local_issuers, sts_endpoint: self.sts_endpoint.clone() })
    }

    /// What the environment decides, and what the files of `--ldap` and `--oidc` do.
    fn locks(&self) -> anyhow::Result<Locks> {
        let days = [("audit_retention_days".to_owned(), self.audit_retention_days.into())];
        let locks = Locks::read(|name| std::env::var(name).ok())?.and("--audit-retention-days", days)?;
        if let Some(settings) = settings::<berth_ldap::Settings>("--ldap", self.ldap.as_deref())? {
            settings.check().context("--ldap")?;
            return locks.and("--ldap", settings.items()).context("--ldap");
        }
        if let Some(settings) = settings::<berth_oidc::Settings>("--oidc", self.oidc.as_deref())? {
            settings.check().context("--oidc")?;
            return locks.and("--oidc", settings.items()).context("--oidc");
        }
        Ok(locks)
    }

    /// Sends the log to standard error.
    pub(crate) fn start_logging(&self) -> anyhow::Result<()> {
        // s3s logs every 404 as an error; what really fails is logged by the store.
        let filter = EnvFilter::try_new(format!("s3s=off,{}", self.log)).with_context(|| {
            format!("--log {}: not a filter such as `info` or `berth_registry=debug`", self.log)
        })?;
        let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        match self.log_format {
            LogFormat::Text => lines.with_target(false).init(),
            LogFormat::Json => lines.json().flatten_event(true).init(),
        }
        Ok(())
    }
}

/// The settings in a file.
fn settings<T: serde::de::DeserializeOwned>(
    option: &str,
    path: Option<&std::path::Path>,
) -> anyhow::Result<Option<Box<T>>> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path).with_context(|| format!("{option} {}", path.display()))?;
    let settings = serde_json::from_str(&text).with_context(|| format!("{option} {}", path.display()))?;
    Ok(Some(Box::new(settings)))
}
