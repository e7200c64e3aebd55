//! Content on disk that is sent in pieces.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use berth_protocol::{Algorithm, Digest, Hasher};
use bytes::Bytes;
use futures::{Stream, stream};

/// What is in memory of one content while it is sent.
const PIECE_BYTES: usize = 512 * 1024;

/// A stretch of a file. Cheap to clone; readers of one file do not get into each other's way.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    place: Place,
    offset: u64,
    len: u64,
}

#[derive(Debug, Clone)]
enum Place {
    /// Opened when it is read, so that an image of many layers does not keep many files open.
    Path(PathBuf),
    File(Arc<File>),
}

/// Why content could not be sent. The source is to blame, not the network.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContentError {
    #[error("cannot read {what}: {source}")]
    Read { what: String, source: io::Error },
    #[error("the source is damaged: what should be {expected} is {found}")]
    Damaged { expected: Digest, found: Digest },
}

impl Content {
    pub(crate) fn of_path(path: PathBuf, len: u64) -> Self {
        Self { place: Place::Path(path), offset: 0, len }
    }

    pub(crate) fn of_file(file: Arc<File>, offset: u64, len: u64) -> Self {
        Self { place: Place::File(file), offset, len }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The bytes from `first` up to `end`, which must lie in the content.
    pub(crate) fn part(&self, first: u64, end: u64) -> Self {
        Self { offset: self.offset + first, len: end - first, ..self.clone() }
    }

    /// A reader of the whole; blocks.
    pub(crate) fn open(&self) -> io::Result<Reader> {
        let file = match &self.place {
            Place::Path(path) => Arc::new(File::open(path)?),
            Place::File(file) => Arc::clone(file),
        };
        Ok(Reader { file, at: self.offset, end: self.offset + self.len })
    }

    /// The digest of the whole; blocks.
    pub(crate) fn digest(&self, algorithm: Algorithm) -> io::Result<Digest> {
        let (mut reader, mut hasher) = (self.open()?, Hasher::new(algorithm));
        let mut buffer = vec![0; PIECE_BYTES];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(hasher.finish()),
                count => hasher.update(&buffer[..count]),
            }
        }
    }

    /// The content in pieces, read off the runtime's threads.
    ///
    /// With `expected`, the last piece comes only if the whole has that digest, and an error comes instead if it has not:
    /// a body that must have a given length then breaks off, so nobody takes damaged content for whole.
    pub(crate) fn pieces(
        self,
        expected: Option<Digest>,
    ) -> impl Stream<Item = Result<Bytes, ContentError>> + Send + 'static {
        let what = self.describe();
        let hasher = expected.as_ref().map(|digest| Hasher::new(digest.algorithm()));
        let start = Some(Sending { content: self, reader: None, hasher, expected, what });
        stream::try_unfold(start, |sending| async move {
            let Some(sending) = sending else { return Ok(None) };
            let what = sending.what.clone();
            match tokio::task::spawn_blocking(move || sending.next()).await {
                Ok(piece) => piece,
                Err(error) => Err(ContentError::Read { what, source: io::Error::other(error) }),
            }
        })
    }

    fn describe(&self) -> String {
        match &self.place {
            Place::Path(path) => path.display().to_string(),
            Place::File(_) => "the source".to_owned(),
        }
    }
}

struct Sending {
    content: Content,
    reader: Option<Reader>,
    hasher: Option<Hasher>,
    expected: Option<Digest>,
    what: String,
}

/// A piece, and what is needed for the next one; nothing after the last.
type Step = Option<(Bytes, Option<Sending>)>;

impl Sending {
    fn next(mut self) -> Result<Step, ContentError> {
        let unreadable = |source| ContentError::Read { what: self.what.clone(), source };
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.content.open().map_err(unreadable)?,
        };
        let mut piece = vec![0; PIECE_BYTES.min(usize::try_from(reader.left()).unwrap_or(PIECE_BYTES))];
        reader.read_exact(&mut piece).map_err(unreadable)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&piece);
        }
        if reader.left() > 0 {
            self.reader = Some(reader);
            return Ok(Some((piece.into(), Some(self))));
        }
        if let (Some(hasher), Some(expected)) = (self.hasher, self.expected) {
            let found = hasher.finish();
            if found != expected {
                return Err(ContentError::Damaged { expected, found });
            }
        }
        Ok(if piece.is_empty() { None } else { Some((piece.into(), None)) })
    }
}

/// Reads a stretch of a file by position.
#[derive(Debug)]
pub(crate) struct Reader {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Reader {
    fn left(&self) -> u64 {
        self.end - self.at
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left()).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        let count = self.file.read_at(&mut buffer[..wanted], self.at)?;
        if count == 0 {
            let message = "it is shorter than it was; do not change a source while it is pushed";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;

    fn content(bytes: &[u8]) -> Content {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(bytes, 0).unwrap();
        Content::of_file(Arc::new(file), 0, bytes.len() as u64)
    }

    async fn collect(content: Content, expected: Option<Digest>) -> (usize, Result<(), ContentError>) {
        let mut pieces = Box::pin(content.pieces(expected));
        let mut seen = 0;
        loop {
            match pieces.try_next().await {
                Ok(Some(piece)) => seen += piece.len(),
                Ok(None) => return (seen, Ok(())),
                Err(error) => return (seen, Err(error)),
            }
        }
    }

    #[tokio::test]
    async fn content_of_the_right_digest_comes_whole() {
        for size in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
            let bytes = vec![7; size];
            let digest = Digest::sha256(&bytes);
            let (seen, outcome) = collect(content(&bytes), Some(digest)).await;
            assert!(outcome.is_ok(), "{outcome:?}");
            assert_eq!(seen, size);
        }
    }

    #[tokio::test]
    async fn the_end_of_damaged_content_never_comes() {
        let bytes = vec![7; 2 * PIECE_BYTES];
        let (seen, outcome) = collect(content(&bytes), Some(Digest::sha256(b"other"))).await;
        assert_eq!(seen, PIECE_BYTES);
        assert!(matches!(outcome, Err(ContentError::Damaged { .. })));
    }

    #[tokio::test]
    async fn a_file_that_became_shorter_is_an_error() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(10).unwrap();
        let (_, outcome) = collect(Content::of_file(Arc::new(file), 0, 11), None).await;
        assert!(matches!(outcome, Err(ContentError::Read { .. })));
    }

    #[test]
    fn a_part_is_a_stretch_of_its_whole() {
        let content = content(b"0123456789").part(2, 9).part(1, 4);
        let mut text = String::new();
        content.open().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "345");
    }
}
