//! Programs around clients of the REST API: each does what an administrator does, says `walked`, and ends.

use std::io::Write;
use std::process::{Command, Stdio};

use berth_tests::Berth;

/// Has `command` administer a registry of its own, since it looks at whole listings. It is given the URL as its last argument, and the
/// password on its first line of input.
pub(crate) fn walks(command: &mut Command, berth: &Berth) {
    let mut process = command
        .arg(berth.url(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it was installed for this machine");
    let mut input = process.stdin.take().expect("its input");
    writeln!(input, "{}", berth.admin_password()).expect("it reads the password");
    drop(input);
    let output = process.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stderr), berth.log_tail());
    assert_eq!(text(&output.stdout).trim(), "walked");
}
