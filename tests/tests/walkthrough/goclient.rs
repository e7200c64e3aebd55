//! Harbor's own Go client, which its command line is made of, does what an administrator does (tests/goclient).

use std::io::Write;
use std::process::{Command, Stdio};

use berth_tests::{Berth, Mode, Tool};

#[test]
fn walkthrough_with_the_go_client() {
    let Some(program) = Tool::find("goclient") else { return };
    // A registry of its own: it looks at whole listings.
    let berth = Berth::start_with_users(Mode::Gateway);
    let mut process = Command::new(program.path())
        .arg(berth.url(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it was built for this machine");
    let mut input = process.stdin.take().expect("its input");
    writeln!(input, "{}", berth.admin_password()).expect("it reads the password");
    drop(input);
    let output = process.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stderr), berth.log_tail());
    assert_eq!(text(&output.stdout).trim(), "walked");
}
