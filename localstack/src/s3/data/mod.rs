//! The content of objects: immutable files, written once under a name of their own, removed when no row names them.
//!
//! A file is complete (and flushed, with [`SyncMode::Full`]) before a row of the index names it, so a crash leaves at
//! most files without a row, which [`DataFolder::sweep`] removes at the next start.

mod leases;
mod reader;
mod writer;

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

pub(crate) use self::{
    leases::{Lease, Leases},
    reader::stream,
    writer::Sink,
};
use super::options::SyncMode;

/// The name of a data file: a fresh identifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FileId(pub(crate) String);

/// A stretch of a data file. The content of an object is a list of these. The field names are part of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Segment {
    pub(crate) file: FileId,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// The folder `data/`, with a file at `data/<first two characters of its name>/<name>`.
#[derive(Debug)]
pub(crate) struct DataFolder {
    root: PathBuf,
    sync: SyncMode,
}

impl DataFolder {
    pub(crate) fn open(root: PathBuf, sync: SyncMode) -> io::Result<Self> {
        fs::create_dir_all(&root)?;
        Ok(Self { root, sync })
    }

    fn path(&self, id: &FileId) -> PathBuf {
        let shard = id.0.get(..2).unwrap_or(&id.0);
        self.root.join(shard).join(&id.0)
    }

    /// Creates the file and the guard that removes it again unless a row comes to name it.
    fn create(self: &Arc<Self>, id: FileId) -> io::Result<(File, NewFile)> {
        let path = self.path(&id);
        let file = match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create_shard(&path)?;
                File::create_new(&path)?
            }
            created => created?,
        };
        Ok((file, NewFile { folder: self.clone(), id, kept: false }))
    }

    /// Creates the folder that `path` lies in. Another upload may do so at the same time.
    fn create_shard(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
        self.flush_folder(&self.root)
    }

    /// Reads exactly one segment. Blocking.
    pub(crate) fn read(&self, segment: &Segment) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.path(&segment.file))?;
        file.seek(SeekFrom::Start(segment.offset))?;
        let expected = usize::try_from(segment.length).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(expected);
        file.take(segment.length).read_to_end(&mut bytes)?;
        if bytes.len() == expected { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Makes the creation of a file in `folder` durable.
    fn flush_folder(&self, folder: &Path) -> io::Result<()> {
        match self.sync {
            SyncMode::Full => File::open(folder)?.sync_all(),
            SyncMode::Off => Ok(()),
        }
    }

    /// A file that is gone already is as good as removed.
    fn remove(&self, id: &FileId) {
        if let Err(error) = fs::remove_file(self.path(id))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, file = id.0, "could not remove a data file, it goes at the next start");
        }
    }

    /// Removes every file that `is_named` does not know, and returns how many. Only while nothing is written.
    pub(crate) fn sweep<E: From<io::Error>>(
        &self,
        mut is_named: impl FnMut(&str) -> Result<bool, E>,
    ) -> Result<usize, E> {
        let mut swept = 0;
        for shard in fs::read_dir(&self.root)? {
            for entry in fs::read_dir(shard?.path())? {
                let entry = entry?;
                let known = entry.file_name().to_str().map_or(Ok(false), &mut is_named)?;
                if !known {
                    fs::remove_file(entry.path())?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

/// A finished file that no row names yet. Dropped, it removes the file.
#[derive(Debug)]
pub(crate) struct NewFile {
    folder: Arc<DataFolder>,
    id: FileId,
    kept: bool,
}

impl NewFile {
    pub(crate) fn id(&self) -> &FileId {
        &self.id
    }

    /// Leaves the file in place: a row names it, or may.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.kept {
            self.folder.remove(&self.id);
        }
    }
}

/// The part of `segments` that lies in a byte range of the whole content.
pub(crate) fn slice(segments: &[Segment], range: std::ops::Range<u64>) -> Vec<Segment> {
    let mut at = 0;
    let mut slices = Vec::new();
    for segment in segments {
        let from = range.start.clamp(at, at + segment.length);
        let to = range.end.clamp(at, at + segment.length);
        if from < to {
            let offset = segment.offset + (from - at);
            slices.push(Segment { file: segment.file.clone(), offset, length: to - from });
        }
        at += segment.length;
    }
    slices
}

/// Reads all of `segments`. Blocking; for short lists only.
pub(crate) fn read_all(folder: &DataFolder, segments: &[Segment]) -> io::Result<Bytes> {
    match segments {
        [] => Ok(Bytes::new()),
        [one] => folder.read(one).map(Bytes::from),
        many => {
            let pieces = many.iter().map(|segment| folder.read(segment)).collect::<io::Result<Vec<_>>>()?;
            Ok(Bytes::from(pieces.concat()))
        }
    }
}

#[cfg(test)]
mod tests;
