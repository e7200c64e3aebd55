//! From the journal to the log.

use std::time::Duration;

use berth_audit::{AuditLog, Line};

use super::Journal;

/// How long to wait after storage has failed.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Makes entries of the journal's lines.
pub(crate) struct Keeper {
    pub(crate) journal: Journal,
    pub(crate) log: AuditLog,
}

impl Keeper {
    /// Keeps what is written, for ever. At least once, also across restarts.
    pub(crate) async fn run(&self) {
        loop {
            match self.catch_up().await {
                Ok(()) => self.journal.news().await,
                Err(error) => {
                    tracing::warn!(error = &*error, "audit lines wait in the journal; trying again");
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            }
        }
    }

    /// Keeps what is written so far.
    pub(crate) async fn catch_up(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        loop {
            let (texts, bytes) = self.journal.pending()?;
            if bytes == 0 {
                return Ok(());
            }
            self.log.keep_all(&readable(&texts)).await?;
            self.journal.done(bytes);
        }
    }
}

fn readable(texts: &[String]) -> Vec<Line> {
    let mut lines = Vec::new();
    for text in texts {
        match Line::parse(text) {
            Ok(Some(line)) => lines.push(line),
            Ok(None) => tracing::error!(text, "a line in the journal is not readable"),
            Err(error) => tracing::error!(text, %error, "a line in the journal is not readable"),
        }
    }
    lines
}
