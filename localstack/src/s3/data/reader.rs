//! Content on its way to a reader.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use s3s::{
    StdError,
    dto::StreamingBlob,
    stream::{ByteStream, RemainingLength},
};

use super::{DataFolder, Lease, Segment};
use crate::s3::limits::{READ_AHEAD_PIECES, READ_PIECE_BYTES};

/// Streams `segments` with bounded read-ahead. No thread waits for a slow reader. `lease` keeps the files until the
/// stream is dropped. A file that cannot be read ends the stream with an error.
pub(crate) fn stream(folder: Arc<DataFolder>, segments: Vec<Segment>, lease: Lease) -> StreamingBlob {
    let remaining_bytes = segments.iter().map(|segment| segment.length).sum::<u64>();
    let pieces = stream::iter(segments.into_iter().flat_map(pieces))
        .map(move |piece| {
            let folder = folder.clone();
            tokio::task::spawn_blocking(move || folder.read(&piece).map(Bytes::from))
        })
        .buffered(READ_AHEAD_PIECES)
        .map(|piece| piece.map_err(io::Error::other).flatten())
        .fuse();
    StreamingBlob::new(Content { pieces: Box::pin(pieces), remaining_bytes, _lease: lease })
}

fn pieces(segment: Segment) -> impl Iterator<Item = Segment> {
    let count = segment.length.div_ceil(READ_PIECE_BYTES);
    (0..count).map(move |number| {
        let skipped = number * READ_PIECE_BYTES;
        let length = READ_PIECE_BYTES.min(segment.length - skipped);
        Segment { file: segment.file.clone(), offset: segment.offset + skipped, length }
    })
}

struct Content {
    pieces: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send + Sync>>,
    remaining_bytes: u64,
    _lease: Lease,
}

impl Stream for Content {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = std::task::ready!(self.pieces.as_mut().poll_next(context));
        Poll::Ready(piece.map(|piece| match piece {
            Ok(bytes) => {
                self.remaining_bytes -= bytes.len() as u64;
                Ok(bytes)
            }
            Err(error) => {
                tracing::error!(%error, "a data file could not be read");
                Err(error.into())
            }
        }))
    }
}

impl ByteStream for Content {
    fn remaining_length(&self) -> RemainingLength {
        usize::try_from(self.remaining_bytes)
            .map_or_else(|_| RemainingLength::unknown(), RemainingLength::new_exact)
    }
}
