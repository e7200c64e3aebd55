//! Files by name, in a folder or in a tar archive that is read in place.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tar::EntryType;

use super::SourceError;
use crate::content::Content;

/// Documents beyond this are not read.
const MAX_DOCUMENT_BYTES: u64 = berth_protocol::limits::MAX_MANIFEST_BYTES as u64;
/// Links to links: more than this is a circle.
const MAX_LINKS: usize = 16;

/// Files by name.
#[derive(Debug)]
pub(super) enum Tree {
    Folder(PathBuf),
    Archive { file: Arc<File>, entries: HashMap<String, Entry> },
}

#[derive(Debug)]
pub(super) enum Entry {
    File {
        offset: u64,
        len: u64,
    },
    /// Old versions of docker link layers that are the same.
    Link {
        target: String,
    },
}

impl Tree {
    pub(super) fn folder(path: &Path) -> Self {
        Self::Folder(path.to_owned())
    }

    /// Lists an archive that is not compressed; `what` is its name in messages.
    pub(super) fn archive(file: File, what: &str) -> Result<Self, SourceError> {
        let size = file.metadata().map_err(SourceError::read(what))?.len();
        let no_archive = |reason: String| SourceError::NoArchive { what: what.to_owned(), reason };
        let file = Arc::new(file);
        let mut entries = HashMap::new();
        let mut archive = tar::Archive::new(BufReader::with_capacity(4096, file.as_ref()));
        let listed = archive.entries_with_seek().map_err(|error| no_archive(error.to_string()))?;
        for entry in listed {
            let entry = entry.map_err(|error| no_archive(error.to_string()))?;
            let Some(name) = normal(&String::from_utf8_lossy(&entry.path_bytes()), "") else { continue };
            let entry_type = entry.header().entry_type();
            let (offset, len) = (entry.raw_file_position(), entry.size());
            if entry_type.is_file() || entry_type == EntryType::Continuous {
                if offset.checked_add(len).is_none_or(|end| end > size) {
                    return Err(no_archive(format!("it is cut off in {name}")));
                }
                entries.insert(name, Entry::File { offset, len });
            } else if let Some(target) = link_target(&entry, &name) {
                entries.insert(name, Entry::Link { target });
            }
        }
        if entries.is_empty() {
            return Err(no_archive("it holds no files".to_owned()));
        }
        Ok(Self::Archive { file, entries })
    }

    /// The file of that name; `None` if there is none.
    pub(super) fn get(&self, name: &str) -> Result<Option<Content>, SourceError> {
        let Some(mut name) = normal(name, "") else { return Ok(None) };
        match self {
            Self::Folder(folder) => {
                let path = folder.join(&name);
                match std::fs::metadata(&path) {
                    Ok(found) if found.is_file() => Ok(Some(Content::of_path(path, found.len()))),
                    Ok(_) => Ok(None),
                    Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                        Ok(None)
                    }
                    Err(error) => Err(SourceError::read(path.display())(error)),
                }
            }
            Self::Archive { file, entries } => {
                for _ in 0..MAX_LINKS {
                    match entries.get(&name) {
                        Some(Entry::File { offset, len }) => {
                            return Ok(Some(Content::of_file(Arc::clone(file), *offset, *len)));
                        }
                        Some(Entry::Link { target }) => name.clone_from(target),
                        None => return Ok(None),
                    }
                }
                Ok(None)
            }
        }
    }

    /// The file of that name, which must be there.
    pub(super) fn need(&self, name: &str) -> Result<Content, SourceError> {
        self.get(name)?.ok_or_else(|| SourceError::Missing { file: name.to_owned() })
    }

    /// The bytes of a document.
    pub(super) fn document(&self, name: &str) -> Result<Vec<u8>, SourceError> {
        read_document(&self.need(name)?, name)
    }
}

/// The bytes of content that is small; `name` is its name in messages.
pub(super) fn read_document(content: &Content, name: &str) -> Result<Vec<u8>, SourceError> {
    if content.len() > MAX_DOCUMENT_BYTES {
        let reason = format!("it has {} bytes, which is no document", content.len());
        return Err(SourceError::Invalid { file: name.to_owned(), reason });
    }
    let mut bytes = Vec::new();
    let read = content.open().and_then(|mut reader| reader.read_to_end(&mut bytes));
    read.map_err(SourceError::read(name))?;
    Ok(bytes)
}

fn link_target<R: Read>(entry: &tar::Entry<'_, R>, name: &str) -> Option<String> {
    let target = entry.link_name_bytes()?;
    let target = String::from_utf8_lossy(&target);
    match entry.header().entry_type() {
        EntryType::Symlink => normal(&target, name.rsplit_once('/').map_or("", |(folder, _)| folder)),
        EntryType::Link => normal(&target, ""),
        _ => None,
    }
}

/// The name without `.` and `..`, seen from `folder`; `None` if it leads out of the tree or nowhere.
fn normal(name: &str, folder: &str) -> Option<String> {
    if name.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(build: impl FnOnce(&mut tar::Builder<File>)) -> File {
        let mut builder = tar::Builder::new(tempfile::tempfile().unwrap());
        build(&mut builder);
        let mut file = builder.into_inner().unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        file
    }

    fn add(builder: &mut tar::Builder<File>, name: &str, content: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, content).unwrap();
    }

    fn link(builder: &mut tar::Builder<File>, name: &str, target: &str) {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, name, target).unwrap();
    }

    #[test]
    fn files_are_found_by_name_and_by_link() {
        let long = format!("{}/x", "n".repeat(150));
        let tree = Tree::archive(
            archive(|builder| {
                add(builder, "./a/b.json", b"text");
                add(builder, &long, b"long");
                link(builder, "c/layer.tar", "../a/b.json");
                link(builder, "circle", "circle");
                link(builder, "out", "../../etc/passwd");
            }),
            "test",
        )
        .unwrap();
        for name in ["a/b.json", "./a//b.json", "c/layer.tar", "c/../a/b.json"] {
            assert_eq!(tree.document(name).unwrap(), b"text", "{name}");
        }
        assert_eq!(tree.document(&long).unwrap(), b"long");
        for name in ["a", "b.json", "circle", "out", "/a/b.json", ""] {
            assert!(tree.get(name).unwrap().is_none(), "{name}");
        }
    }

    #[test]
    fn what_is_no_archive_or_half_of_one_is_refused() {
        let file = archive(|builder| add(builder, "a", &[7; 5000]));
        file.set_len(3000).unwrap();
        assert!(Tree::archive(file, "test").is_err());
        let text = tempfile::tempfile().unwrap();
        std::os::unix::fs::FileExt::write_all_at(&text, &[b'x'; 2000], 0).unwrap();
        assert!(Tree::archive(text, "test").is_err());
        assert!(Tree::archive(tempfile::tempfile().unwrap(), "test").is_err());
    }
}
