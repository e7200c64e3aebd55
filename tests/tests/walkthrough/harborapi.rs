//! The client `harborapi` does what an administrator does (tests/harborapi/walk.py).

use std::process::Command;

use berth_tests::{Berth, Mode, Tool, repository_root};

use crate::program::walks;

#[test]
fn walkthrough_with_harborapi() {
    let Some(python) = Tool::find("harborapi-python") else { return };
    let mut command = Command::new(python.path());
    walks(
        command.arg(repository_root().join("tests/harborapi/walk.py")),
        &Berth::start_with_users(Mode::Gateway),
    );
}
