//! The gateway process.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};

use anyhow::Context;
use berth_function_gateway::Gateway;
use berth_function_registry::{Config, Storage, gateway_settings, server_aws, start};
use berth_server::{serve, stop_signal};
use clap::Parser;
use tokio::net::TcpListener;

/// The registry's gateway for uploads of any size. Its other settings are the registry function's, in the environment.
#[derive(Debug, Parser)]
#[command(name = "berth-gateway", version)]
struct Arguments {
    /// The address to listen on.
    #[arg(long, env = "BERTH_BIND", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "BERTH_PORT", default_value_t = 8080)]
    port: u16,
    /// How many uploads are read at a time. Each holds about 24 MiB, twice that above 8 GiB.
    #[arg(long, env = "BERTH_MAX_UPLOADS", default_value_t = 24)]
    max_uploads: usize,
    /// Log each request.
    #[arg(long, env = "BERTH_ACCESS_LOG")]
    access_log: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().json().with_target(false).with_writer(std::io::stderr).init();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let (service, origin) = start(&server_aws().await, config, gateway_settings(), Storage::of).await;
    let gateway = Gateway::new(service.oci, origin, arguments.max_uploads);

    let address = (arguments.bind, arguments.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {}:{}", arguments.bind, arguments.port))?;
    writeln!(std::io::stdout(), "gateway is listening on http://{}", listener.local_addr()?)?;
    serve(listener, gateway, arguments.access_log, stop_signal()?).await;
    tracing::info!("stopped");
    Ok(())
}
