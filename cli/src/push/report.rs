//! What a push tells: bars on a terminal, lines elsewhere, JSON for programs.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};

use berth_protocol::{Digest, Reference};
use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::error::Error;
use crate::output;
use crate::place::ImageReference;
use crate::registry::{Blob, Outcome, Progress};
use crate::source::ImageManifest;

const STYLE: &str = "{prefix} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec}";
/// As many digits of a digest as people compare.
const SHORT_DIGITS: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
    Quiet,
}

/// One line of `--json`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    Blob { digest: &'a Digest, size: u64, status: &'a str },
    Manifest { digest: &'a Digest, size: usize, media_type: &'a str, reference: String },
    Finished { reference: String, digest: &'a Digest, pushed_bytes: u64, skipped_bytes: u64 },
    Retry { message: &'a str },
    Failed { message: String, exit_code: u8 },
}

/// Where events go.
pub(super) struct Report {
    format: Format,
    /// Only when somebody looks.
    bars: Option<MultiProgress>,
    pushed_bytes: AtomicU64,
    skipped_bytes: AtomicU64,
}

impl Report {
    pub(super) fn new(format: Format) -> Self {
        let is_watched = format == Format::Text && io::stderr().is_terminal();
        let bars = is_watched.then(MultiProgress::new);
        Self { format, bars, pushed_bytes: AtomicU64::default(), skipped_bytes: AtomicU64::default() }
    }

    /// A blob is looked at; its bar shows how much of it is sent.
    pub(super) fn begin(&self, blob: &Blob) -> (Option<ProgressBar>, Progress) {
        let Some(bars) = &self.bars else { return (None, Progress::default()) };
        let bar = bars.add(ProgressBar::new(blob.content.len()));
        if let Ok(style) = ProgressStyle::with_template(STYLE) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(short(&blob.digest));
        (Some(bar.clone()), Progress::shown_by(bar))
    }

    /// What became of a blob; nothing if it failed, for the command ends with the reason.
    pub(super) fn blob(
        &self,
        bar: Option<&ProgressBar>,
        blob: &Blob,
        outcome: Option<Outcome>,
    ) -> Result<(), Error> {
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let size = blob.content.len();
        let (status, total) = match outcome {
            Some(Outcome::Pushed) => ("pushed", &self.pushed_bytes),
            Some(Outcome::Skipped) => ("skipped", &self.skipped_bytes),
            None => return Ok(()),
        };
        total.fetch_add(size, Ordering::Relaxed);
        let text = || match outcome {
            Some(Outcome::Pushed) => format!("{} pushed, {}", short(&blob.digest), HumanBytes(size)),
            _ => format!("{} is there", short(&blob.digest)),
        };
        self.tell(&Event::Blob { digest: &blob.digest, size, status }, text)
    }

    pub(super) fn manifest(&self, manifest: &ImageManifest, by: &Reference) -> Result<(), Error> {
        let event = Event::Manifest {
            digest: &manifest.digest,
            size: manifest.body.len(),
            media_type: manifest.media_type.as_str(),
            reference: by.to_string(),
        };
        self.tell(&event, || format!("{} pushed, manifest {by}", short(&manifest.digest)))
    }

    /// The end: the full reference on standard output, for scripts.
    pub(super) fn finished(&self, reference: &ImageReference, root: &ImageManifest) -> Result<(), Error> {
        let written = if self.format == Format::Json {
            output::json(&Event::Finished {
                reference: reference.to_string(),
                digest: &root.digest,
                pushed_bytes: self.pushed_bytes.load(Ordering::Relaxed),
                skipped_bytes: self.skipped_bytes.load(Ordering::Relaxed),
            })
        } else {
            output::line(&format!("{}/{}@{}", reference.host, reference.name, root.digest))
        };
        written.map_err(Error::machine("cannot write to standard output"))
    }

    pub(super) fn failed(&self, error: &Error) {
        self.bars.iter().for_each(|bars| drop(bars.clear()));
        if self.format == Format::Json {
            // If nobody reads this, the exit code and standard error still say it.
            let _ = output::json(&Event::Failed { message: error.to_string(), exit_code: error.code() });
        }
    }

    /// Something that delays the push.
    pub(super) fn note(&self, text: &str) {
        let told = self.tell(&Event::Retry { message: text }, || text.to_owned());
        // A push is not ended because a note found no reader.
        drop(told);
    }

    fn tell(&self, event: &Event<'_>, text: impl FnOnce() -> String) -> Result<(), Error> {
        match (self.format, &self.bars) {
            (Format::Json, _) => {
                output::json(event).map_err(Error::machine("cannot write to standard output"))?;
            }
            (Format::Text, Some(bars)) => drop(bars.println(text())),
            (Format::Text, None) => output::note(&text()),
            (Format::Quiet, _) => {}
        }
        Ok(())
    }
}

fn short(digest: &Digest) -> String {
    digest.hex().chars().take(SHORT_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_a_fixed_shape() {
        let digest = Digest::sha256(b"");
        let event = Event::Blob { digest: &digest, size: 1, status: "skipped" };
        let expected = format!(r#"{{"event":"blob","digest":"{digest}","size":1,"status":"skipped"}}"#);
        assert_eq!(serde_json::to_string(&event).unwrap(), expected);
    }
}
