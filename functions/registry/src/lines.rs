//! Lines of the audit log on standard output, where Lambda takes them.

use std::io::{self, Write};
use std::sync::Arc;

use berth_audit::{DEFAULT_RETENTION_DAYS, Lines};

/// What becomes of the audit log.
#[derive(Clone)]
pub struct Audit {
    /// Where lines go. Without it pulls, pushes, deletes and sign-ins are not written down.
    pub lines: Option<Arc<dyn Lines>>,
    /// How long entries are kept.
    pub retention_days: u64,
}

impl Default for Audit {
    /// No lines; entries for as long as is usual.
    fn default() -> Self {
        Self { lines: None, retention_days: DEFAULT_RETENTION_DAYS }
    }
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Audit").field("retention_days", &self.retention_days).finish_non_exhaustive()
    }
}

/// Standard output. What was written to it is in the log group also if the function is killed right afterwards.
#[derive(Debug, Clone, Copy)]
pub struct StandardOutput;

impl Lines for StandardOutput {
    fn write(&self, line: &str) {
        let mut output = io::stdout().lock();
        if let Err(error) = output.write_all(line.as_bytes()).and_then(|()| output.flush()) {
            tracing::error!(%error, line, "an audit line could not be written");
        }
    }
}
