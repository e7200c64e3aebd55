//! The data folder: one process at a time, and the keys that must outlive it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A data folder that this process holds. Dropping it lets another process have it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    keys: Keys,
    _lock: File,
}

/// Secrets that are made once for each data folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Keys {
    /// Signs upload sessions and blob addresses.
    pub(crate) upload_signing: String,
    /// The credentials of the embedded S3.
    pub(crate) s3_access: String,
    /// The credentials of the embedded S3.
    pub(crate) s3_secret: String,
    /// Signs tokens. Folders from before there were tokens get theirs when they are opened.
    #[serde(default)]
    pub(crate) token_signing: String,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process holds it.
    #[error("{} is in use by another process; stop that one or choose another folder with --data", .0.display())]
    InUse(PathBuf),
    /// It cannot be read or written.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The keys are not readable; without them no session and no address would be valid.
    #[error("{} is damaged; restore it from a backup, or delete it to have new keys made", path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Folder {
    /// Makes the folder if it is missing, locks it, and reads or makes its keys, for which `random` yields secrets.
    pub fn open(path: &Path, random: impl Fn() -> String) -> Result<Self, FolderError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError::Io { path, source }
        };
        fs::create_dir_all(path).map_err(at(path))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(at(&lock_path)(source)),
        }
        let keys = read_or_make_keys(&path.join("keys.json"), random)?;
        Ok(Self { path: path.to_owned(), keys, _lock: lock })
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// A file or folder within.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

fn read_or_make_keys(path: &Path, random: impl Fn() -> String) -> Result<Keys, FolderError> {
    let io = |source| FolderError::Io { path: path.to_owned(), source };
    let secret = || random() + &random();
    match fs::read(path) {
        Ok(text) => {
            let mut keys: Keys = serde_json::from_slice(&text)
                .map_err(|source| FolderError::Keys { path: path.to_owned(), source })?;
            if keys.token_signing.is_empty() {
                keys.token_signing = secret();
                write_keys(path, &keys).map_err(io)?;
            }
            Ok(keys)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let keys = Keys {
                upload_signing: secret(),
                s3_access: random(),
                s3_secret: secret(),
                token_signing: secret(),
            };
            write_keys(path, &keys).map_err(io)?;
            Ok(keys)
        }
        Err(error) => Err(io(error)),
    }
}

fn write_keys(path: &Path, keys: &Keys) -> io::Result<()> {
    write_private(path, &serde_json::to_vec_pretty(keys)?)
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_second_holder_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path(), || "a".repeat(32)).unwrap();
        assert!(matches!(Folder::open(folder.path(), || "b".repeat(32)), Err(FolderError::InUse(_))));
        drop(first);
        assert!(Folder::open(folder.path(), || "b".repeat(32)).is_ok());
    }

    #[test]
    fn keys_are_made_once_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path(), || "a".repeat(32)).unwrap().keys().upload_signing.clone();
        let second = Folder::open(folder.path(), || "b".repeat(32)).unwrap().keys().upload_signing.clone();
        assert_eq!((first.as_str(), first.len()), (second.as_str(), 64));
        let mode = fs::metadata(folder.path().join("keys.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_folder_from_before_there_were_tokens_gets_a_key_for_them_once() {
        let folder = tempfile::tempdir().unwrap();
        let old = r#"{"upload_signing": "u", "s3_access": "a", "s3_secret": "s"}"#;
        fs::write(folder.path().join("keys.json"), old).unwrap();
        let first = Folder::open(folder.path(), || "a".repeat(32)).unwrap().keys().clone();
        let second = Folder::open(folder.path(), || "b".repeat(32)).unwrap().keys().clone();
        assert_eq!((first.upload_signing.as_str(), first.token_signing.len()), ("u", 64));
        assert_eq!(first.token_signing, second.token_signing);
    }

    #[test]
    fn damaged_keys_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("keys.json"), b"{").unwrap();
        assert!(matches!(Folder::open(folder.path(), || "a".repeat(32)), Err(FolderError::Keys { .. })));
    }
}
