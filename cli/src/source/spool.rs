//! Archives in files. What cannot be read in place, a pipe or a compressed archive, first goes to a temporary file, which has
//! no name and is gone with the process.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::SourceError;
use super::tree::Tree;

const BUFFER_BYTES: usize = 512 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

pub(super) fn open(path: &Path) -> Result<Tree, SourceError> {
    let what = path.display().to_string();
    let file = File::open(path).map_err(SourceError::read(&what))?;
    let is_file = file.metadata().map_err(SourceError::read(&what))?.is_file();
    let file = if is_file { file } else { copied(file, &what)? };
    archive(file, &what)
}

pub(super) fn stdin() -> Result<Tree, SourceError> {
    let what = "standard input";
    archive(copied(io::stdin().lock(), what)?, what)
}

/// An archive that may be compressed as a whole.
pub(super) fn archive(mut file: File, what: &str) -> Result<Tree, SourceError> {
    let mut start = [0; 2];
    let is_gzip = file.read_exact(&mut start).is_ok() && start == GZIP;
    file.rewind().map_err(SourceError::read(what))?;
    let file = if is_gzip { copied(MultiGzDecoder::new(file), what)? } else { file };
    Tree::archive(file, what)
}

/// A new file without a name.
pub(super) fn unnamed() -> Result<File, SourceError> {
    tempfile::tempfile().map_err(SourceError::read("the temporary folder (TMPDIR)"))
}

fn copied(from: impl Read, what: &str) -> Result<File, SourceError> {
    let mut file = unnamed()?;
    let mut from = io::BufReader::with_capacity(BUFFER_BYTES, from);
    io::copy(&mut from, &mut file).and_then(|_| file.rewind()).map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull => SourceError::Read {
            what: format!("{what} into a temporary file; set TMPDIR to a folder with more room"),
            source: error,
        },
        _ => SourceError::Read { what: what.to_owned(), source: error },
    })?;
    Ok(file)
}
