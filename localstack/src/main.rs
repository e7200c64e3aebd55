//! `berth`: the registry on one machine.

mod cli;

use std::io::Write;

use anyhow::Context;
use berth_local::Stack;
use berth_server::{serve, stop_signal};
use clap::Parser;
use tokio::net::TcpListener;

fn main() -> anyhow::Result<()> {
    let arguments = cli::Arguments::parse();
    arguments.start_logging()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(&arguments))
}

async fn run(arguments: &cli::Arguments) -> anyhow::Result<()> {
    let address = (arguments.bind, arguments.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {}:{}", arguments.bind, arguments.port))?;
    let address = listener.local_addr()?;
    let options = arguments.options();
    let stack = Stack::open(&options, address).await?;
    writeln!(
        std::io::stdout(),
        "berth is listening on http://{address}, data in {}",
        options.data.display()
    )?;
    if !arguments.bind.is_loopback() {
        tracing::warn!("everybody who can reach this address can read, write and delete: access is open");
    }
    let stop = stop_signal()?;
    tokio::select! {
        () = serve(listener, stack.front(), options.access_log, stop) => {}
        () = stack.work() => {}
    }
    tracing::info!("stopped");
    Ok(())
}
