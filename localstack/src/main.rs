//! `berth`: the registry on one machine.

mod cli;

use std::io::Write;

use anyhow::Context;
use berth_local::{Stack, serve};
use clap::Parser;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

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

/// Resolves when the process is asked to stop.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
