//! `berth relay`.

mod answer;
mod forward;
mod server;
mod service;
mod spool;
mod uploads;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use http::Method;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::connection::Connection;
use crate::error::{EXIT_CODES, Error};
use crate::output::{self, note};
use crate::place::Host;
use crate::registry::{Failure, Registry};
use service::Service;
use uploads::Uploads;

/// Be a registry on this machine that sends every layer on as one PUT, for clients that can only stream.
///
/// Start it next to a build and use its address as registry: `docker push localhost:5001/team/app:1`. A layer goes to a
/// temporary file while it arrives, is compared with its digest, and is sent to the registry as one PUT; only then does the
/// client hear that it is there. Everything else is forwarded. The relay uses its own credentials for all who can reach it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Relay {
    /// The registry to send to: host[:port].
    #[arg(long, value_name = "REGISTRY")]
    to: Host,
    /// The address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 5001)]
    port: u16,
    /// Let other machines in, who then push and delete with the relay's credentials.
    #[arg(long)]
    allow_remote: bool,
    /// Where layers lie while they are on their way [default: the temporary folder of the system].
    #[arg(long, value_name = "FOLDER")]
    spool: Option<PathBuf>,
    /// Print the line that tells the address as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Listening {
    event: &'static str,
    url: String,
    to: String,
}

impl Relay {
    /// Runs until it is told to stop by SIGINT or SIGTERM.
    pub async fn run(self) -> ExitCode {
        match self.relay().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                note(&format!("berth relay: {error}"));
                error.exit_code()
            }
        }
    }

    async fn relay(self) -> Result<(), Error> {
        if !self.bind.is_loopback() && !self.allow_remote {
            return Err(Error::Usage(format!(
                "{} can be reached from other machines, who would push with the relay's credentials: bind to 127.0.0.1, or add \
                 --allow-remote if that is what you want",
                self.bind
            )));
        }
        let spool = self.spool.unwrap_or_else(std::env::temp_dir);
        tempfile::tempfile_in(&spool)
            .map_err(Error::machine(format!("cannot write to {}", spool.display())))?;
        let registry = self.connection.registry(&self.to, note).await?;
        check(&registry).await?;
        let address = SocketAddr::new(self.bind, self.port);
        let cannot_listen = format!("cannot listen on {address}; choose another --port");
        let listener = TcpListener::bind(address).await.map_err(Error::machine(cannot_listen))?;
        let address = listener.local_addr().map_err(Error::machine("cannot listen"))?;
        let (url, to) = (format!("http://{address}"), registry.origin().to_string());
        let written = if self.json {
            output::json(&Listening { event: "listening", url, to })
        } else {
            output::line(&format!("berth relay is listening on {url} for {to}"))
        };
        written.map_err(Error::machine("cannot write to standard output"))?;
        let service = Arc::new(Service::new(registry, Uploads::new(spool), self.allow_remote));
        let stop = stop_signal()?;
        tokio::select! {
            () = server::serve(listener, Arc::clone(&service), stop) => {}
            () = service.expire() => {}
        }
        Ok(())
    }
}

/// Fails now rather than in the middle of a build.
async fn check(registry: &Registry) -> Result<(), Failure> {
    let call = registry.call(Method::GET, "/v2/", None)?;
    let answer = registry.send(&call).await?;
    if answer.status().is_success() { Ok(()) } else { Err(registry.refusal("GET /v2/", answer).await) }
}

/// Resolves when the process is asked to stop.
fn stop_signal() -> Result<impl Future<Output = ()>, Error> {
    let of = |kind| signal(kind).map_err(Error::machine("cannot listen for signals"));
    let (mut terminate, mut interrupt) = (of(SignalKind::terminate())?, of(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
