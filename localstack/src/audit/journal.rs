//! The files that lines are written to.
//!
//! A line is in the kernel's hands when `write` returns: it survives the death of this process, and not always that of the machine. It is not
//! pressed onto the disk, because pulls would wait for it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use berth_audit::{Lines, MAX_LINE_BYTES};
use tokio::sync::Notify;

/// How much of the journal is read at a time. A line always fits.
const READ_BYTES: u64 = 256 * 1024;
const _: () = assert!(READ_BYTES > MAX_LINE_BYTES as u64, "a line must fit");

/// Lines that are not entries yet, and a copy for whoever wants one. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Journal {
    files: Arc<Mutex<Files>>,
    news: Arc<Notify>,
}

struct Files {
    /// `None` where there are no entries.
    pending: Option<Pending>,
    copy: Option<Appended>,
}

struct Pending {
    lines: Appended,
    /// As far as it has been worked off.
    done_bytes: u64,
}

/// A file that lines are added to.
struct Appended {
    file: File,
    /// Whether the last write broke off, so that the next one must begin a line of its own.
    is_torn: bool,
}

impl Journal {
    /// Opens the journal at `pending`, with the lines that are in it, and the file at `copy`, which only ever grows.
    pub(crate) fn open(pending: Option<&Path>, copy: Option<&Path>) -> io::Result<Self> {
        let pending = pending.map(Appended::open).transpose()?;
        let pending = pending.map(|lines| Pending { lines, done_bytes: 0 });
        let files = Files { pending, copy: copy.map(Appended::open).transpose()? };
        Ok(Self { files: Arc::new(Mutex::new(files)), news: Arc::default() })
    }

    /// Lines that are to be worked off, whole ones, from the oldest on; and how many bytes they are. When there are none, the
    /// journal is emptied.
    pub(crate) fn pending(&self) -> io::Result<(Vec<String>, u64)> {
        let mut files = self.files();
        let Some(Pending { lines, done_bytes }) = &mut files.pending else { return Ok((Vec::new(), 0)) };
        let file = &mut lines.file;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(*done_bytes))?;
        Read::by_ref(file).take(READ_BYTES).read_to_end(&mut bytes)?;
        // Without a line feed: a write that broke off. With that much of it, nothing that will ever be a line.
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let end = if end == 0 && bytes.len() as u64 == READ_BYTES { bytes.len() } else { end };
        if bytes.is_empty() && *done_bytes > 0 {
            file.set_len(0)?;
            *done_bytes = 0;
        }
        let text = String::from_utf8_lossy(&bytes[..end]);
        Ok((text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(), end as u64))
    }

    /// Notes that so many bytes more have been worked off.
    pub(crate) fn done(&self, bytes: u64) {
        if let Some(pending) = &mut self.files().pending {
            pending.done_bytes += bytes;
        }
    }

    /// Waits until there may be more.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines for Journal {
    fn write(&self, line: &str) {
        let Files { pending, copy } = &mut *self.files();
        let written = pending.as_mut().map_or(Ok(()), |pending| pending.lines.write(line));
        let copied = copy.as_mut().map_or(Ok(()), |copy| copy.write(line));
        for (outcome, name) in [(written, "journal"), (copied, "audit log")] {
            if let Err(error) = outcome {
                tracing::error!(%error, line, "the {name} does not take an audit line: it is here alone");
            }
        }
        self.news.notify_one();
    }
}

impl Appended {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
        let mut last = *b"\n";
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        Ok(Self { file, is_torn: last != *b"\n" })
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        if self.is_torn {
            self.file.write_all(b"\n")?;
        }
        self.is_torn = true;
        self.file.write_all(line.as_bytes())?;
        self.is_torn = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(journal: &Journal) -> Vec<String> {
        let (lines, bytes) = journal.pending().unwrap();
        journal.done(bytes);
        lines
    }

    #[test]
    fn lines_are_there_until_they_are_worked_off_also_for_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let journal = Journal::open(Some(&path), None).unwrap();
        journal.write("one\n");
        journal.write("two\n");
        assert_eq!(journal.pending().unwrap().0, ["one", "two"]);
        drop(journal);
        let journal = Journal::open(Some(&path), None).unwrap();
        assert_eq!(take(&journal), ["one", "two"]);
        journal.write("three\n");
        assert_eq!(take(&journal), ["three"]);
        assert!(take(&journal).is_empty());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0, "it is emptied");
        journal.write("four\n");
        assert_eq!(take(&journal), ["four"]);
    }

    #[test]
    fn a_line_that_broke_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "one\nhalf a li").unwrap();
        let journal = Journal::open(Some(&path), None).unwrap();
        assert_eq!(take(&journal), ["one"]);
        assert!(take(&journal).is_empty(), "the half is not at its end yet");
        journal.write("two\n");
        assert_eq!(take(&journal), ["half a li", "two"]);
    }

    #[test]
    fn the_copy_keeps_everything() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("journal"), folder.path().join("copy"));
        for lines in [["one\n", "two\n"], ["three\n", "four\n"]] {
            let journal = Journal::open(Some(&path), Some(&copy)).unwrap();
            for line in lines {
                journal.write(line);
            }
            while !take(&journal).is_empty() {}
        }
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), "one\ntwo\nthree\nfour\n");
        let alone = Journal::open(None, Some(&copy)).unwrap();
        alone.write("five\n");
        assert!(take(&alone).is_empty());
        assert!(std::fs::read_to_string(&copy).unwrap().ends_with("four\nfive\n"));
    }

    #[test]
    fn more_than_is_read_at_once_comes_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(Some(&folder.path().join("journal")), None).unwrap();
        let lines: Vec<String> =
            (0..20).map(|n| format!("{n} {}", "x".repeat(MAX_LINE_BYTES - 10))).collect();
        for line in &lines {
            journal.write(&format!("{line}\n"));
        }
        let mut found = Vec::new();
        loop {
            let some = take(&journal);
            if some.is_empty() {
                break;
            }
            found.extend(some);
        }
        assert_eq!(found, lines);
    }
}
