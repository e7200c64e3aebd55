//! `docker-credential-berth`: signs docker, podman and containerd's tools in as the robot that a workload is.

use std::process::ExitCode;

use berth_cli::credential_helper;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(credential_helper(std::env::args().nth(1))),
        Err(_) => ExitCode::FAILURE,
    }
}
