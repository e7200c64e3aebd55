//! One upload on disk.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use berth_protocol::{Algorithm, Digest, Hasher};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::content::Content;

/// What is gathered in memory before it is written.
const WRITE_BYTES: usize = 512 * 1024;

/// Bytes that arrive in order, in a file without a name, hashed on the way. Clones are the same spool.
#[derive(Clone)]
pub(super) struct Spool {
    file: Arc<File>,
    /// A write that began is finished even if the request that it came with is dropped; length and hash change together.
    state: Arc<Mutex<State>>,
}

struct State {
    len: u64,
    hasher: Hasher,
}

/// Why the rest of a body did not arrive.
#[derive(Debug)]
pub(super) enum Broken {
    /// The client broke off. What came before is kept.
    Body,
    /// This machine could not keep it.
    Disk(io::Error),
}

impl Spool {
    pub(super) fn new(folder: &Path, algorithm: Algorithm) -> io::Result<Self> {
        let state = State { len: 0, hasher: Hasher::new(algorithm) };
        Ok(Self { file: Arc::new(tempfile::tempfile_in(folder)?), state: Arc::new(Mutex::new(state)) })
    }

    pub(super) fn len(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).len
    }

    /// Appends a body to its end.
    pub(super) async fn append(&self, body: &mut Incoming) -> Result<(), Broken> {
        let mut gathered = BytesMut::with_capacity(WRITE_BYTES);
        let outcome = loop {
            match body.frame().await {
                None => break Ok(()),
                Some(Err(_)) => break Err(Broken::Body),
                Some(Ok(frame)) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    gathered.extend_from_slice(&bytes);
                    if gathered.len() >= WRITE_BYTES {
                        self.write(gathered.split().freeze()).await?;
                    }
                }
            }
        };
        self.write(gathered.freeze()).await?;
        outcome
    }

    async fn write(&self, bytes: Bytes) -> Result<(), Broken> {
        let spool = self.clone();
        let written = tokio::task::spawn_blocking(move || spool.write_now(&bytes)).await;
        written.map_err(io::Error::other).flatten().map_err(Broken::Disk)
    }

    fn write_now(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.file.write_all_at(bytes, state.len)?;
        state.len += bytes.len() as u64;
        state.hasher.update(bytes);
        Ok(())
    }

    /// The digest of what has arrived, in this algorithm. Blocks if it is not the one that was hashed with.
    pub(super) fn digest(&self, algorithm: Algorithm) -> io::Result<Digest> {
        let (len, hasher) = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.len, state.hasher.clone())
        };
        if hasher.algorithm() == algorithm {
            return Ok(hasher.finish());
        }
        Content::of_file(Arc::clone(&self.file), 0, len).digest(algorithm)
    }

    /// What has arrived, to be sent on.
    pub(super) fn content(&self) -> Content {
        Content::of_file(Arc::clone(&self.file), 0, self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_hashed_in_order() {
        let spool = Spool::new(&std::env::temp_dir(), Algorithm::Sha256).unwrap();
        spool.write_now(b"one ").unwrap();
        spool.write_now(b"two").unwrap();
        assert_eq!(spool.len(), 7);
        assert_eq!(spool.digest(Algorithm::Sha256).unwrap(), Digest::sha256(b"one two"));
        assert_eq!(spool.digest(Algorithm::Sha512).unwrap(), Digest::of(Algorithm::Sha512, b"one two"));
        assert_eq!(spool.content().digest(Algorithm::Sha256).unwrap(), Digest::sha256(b"one two"));
    }
}
