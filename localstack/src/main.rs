//! `berth`: the registry on one machine, and the commands that push to any.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use berth_local::Stack;
use berth_server::{serve, stop_signal};
use clap::Parser;
use tokio::net::TcpListener;

fn main() -> anyhow::Result<ExitCode> {
    let command = cli::Program::parse().command();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match command {
        cli::Command::Serve(arguments) => {
            arguments.start_logging()?;
            runtime.block_on(run(&arguments)).map(|()| ExitCode::SUCCESS)
        }
        cli::Command::Push(push) => Ok(runtime.block_on(push.run())),
        cli::Command::Relay(relay) => Ok(runtime.block_on(relay.run())),
    }
}

async fn run(arguments: &cli::Serve) -> anyhow::Result<()> {
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
