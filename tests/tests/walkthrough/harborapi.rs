//! The client `harborapi` does what an administrator does (tests/harborapi/walk.py).

use std::io::Write;
use std::process::{Command, Stdio};

use berth_tests::{Berth, Mode, Tool, repository_root};

#[test]
fn walkthrough_with_harborapi() {
    let Some(python) = Tool::find("harborapi-python") else { return };
    // A registry of its own: it looks at whole listings.
    let berth = Berth::start_with_users(Mode::Gateway);
    let mut process = Command::new(python.path())
        .arg(repository_root().join("tests/harborapi/walk.py"))
        .arg(berth.url(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the environment has a Python");
    let mut input = process.stdin.take().expect("its input");
    writeln!(input, "{}", berth.admin_password()).expect("it reads the password");
    drop(input);
    let output = process.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stderr), berth.log_tail());
    assert_eq!(text(&output.stdout).trim(), "walked");
}
