//! `berth`: the registry on one machine, and the commands that work with any.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use berth_local::{Stack, Users};
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
        cli::Command::Login(login) => Ok(runtime.block_on(login.run())),
        cli::Command::Logout(logout) => Ok(runtime.block_on(logout.run())),
        cli::Command::Push(push) => Ok(runtime.block_on(push.run())),
        cli::Command::Relay(relay) => Ok(runtime.block_on(relay.run())),
        cli::Command::Admin(admin) => Ok(runtime.block_on(admin.run())),
    }
}

async fn run(arguments: &cli::Serve) -> anyhow::Result<()> {
    let address = (arguments.bind, arguments.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {}:{}", arguments.bind, arguments.port))?;
    let address = listener.local_addr()?;
    let options = arguments.options()?;
    let stack = Stack::open(&options, address).await?;
    writeln!(
        std::io::stdout(),
        "berth is listening on http://{address}, data in {}",
        options.data.display()
    )?;
    if let Some(password) = stack.first_password() {
        writeln!(std::io::stdout(), "sign in as admin with the password {password} (shown this once)")?;
    }
    if !arguments.bind.is_loopback() && options.users == Users::Open {
        tracing::warn!("everybody who can reach this address can read, write and delete: access is open");
    }
    let stop = stop_signal()?;
    tokio::select! {
        () = serve(listener, stack.front(), options.access_log, stop) => {}
        () = stack.work() => {}
    }
    stack.finish().await;
    tracing::info!("stopped");
    Ok(())
}
