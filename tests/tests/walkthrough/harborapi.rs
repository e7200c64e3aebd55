//! The client `harborapi`, and the command line over it, `harbor` of harbor-cli (`PyPI`), do what an administrator does
//! (tests/harborapi).

use std::process::Command;

use berth_tests::{Berth, Mode, Tool, repository_root};

use crate::program::walks;

#[test]
fn walkthrough_with_harborapi() {
    walks_by("walk.py");
}

#[test]
fn walkthrough_with_harbor_cli() {
    walks_by("cli.py");
}

fn walks_by(program: &str) {
    let Some(python) = Tool::find("harborapi-python") else { return };
    let mut command = Command::new(python.path());
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    walks(
        command.arg(repository_root().join("tests/harborapi").join(program)),
        &Berth::start_with_users(Mode::Gateway),
    );
}
