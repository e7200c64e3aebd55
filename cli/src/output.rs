//! Lines for people and for programs.

use std::io::{self, Write};

use serde::Serialize;

/// Writes one line to standard output.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

/// Writes one JSON object as a line to standard output.
pub(crate) fn json(event: &impl Serialize) -> io::Result<()> {
    line(&serde_json::to_string(event)?)
}

/// Writes one line to standard error. Nobody is left to tell when that is closed.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
