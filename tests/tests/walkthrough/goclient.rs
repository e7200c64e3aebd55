//! Harbor's own Go client, which its command line is made of, does what an administrator does (tests/goclient).

use std::process::Command;

use berth_tests::{Berth, Mode, Tool};

use crate::program::walks;

#[test]
fn walkthrough_with_the_go_client() {
    let Some(program) = Tool::find("goclient") else { return };
    walks(&mut Command::new(program.path()), &Berth::start_with_users(Mode::Gateway));
}
