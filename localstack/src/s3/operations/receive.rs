//! The body of an upload, on its way into the store.

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::HeaderMap;
use s3s::{S3ErrorCode, TrailingHeaders, dto::StreamingBlob, stream::ByteStream};

use crate::s3::{
    checksums::{Algorithm, Checksums, Computed, Declared, Hasher},
    data::{NewFile, Segment, Sink},
    error::Error,
    index::Body,
    limits::{MAX_INLINE_BYTES, MAX_PUT_BYTES, WRITE_STEP_BYTES},
    store::Store,
};

/// An upload whose body is not read yet.
pub(super) struct Incoming {
    body: Option<StreamingBlob>,
    expected_bytes: u64,
    received_bytes: u64,
    declared: Declared,
    trailers: Option<TrailingHeaders>,
}

/// Content that has arrived and been checked, and that no row names yet.
pub(super) struct Received {
    pub(super) body: Body,
    pub(super) files: Vec<NewFile>,
    pub(super) size_bytes: u64,
    pub(super) checksums: Checksums,
}

/// Where small content goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Small {
    /// Into the row of its object.
    Inline,
    /// Into a file, as all other. Parts are always files.
    File,
}

impl Incoming {
    /// Refuses what can be refused before the first byte: no length, too long, invalid checksums.
    pub(super) fn new(
        body: Option<StreamingBlob>,
        content_length: Option<i64>,
        headers: &HeaderMap,
        trailers: Option<TrailingHeaders>,
    ) -> Result<Self, Error> {
        let exact = || body.as_ref().map_or(Some(0), |body| body.remaining_length().exact());
        let expected_bytes = match content_length {
            Some(length) => u64::try_from(length).ok(),
            None => exact().map(|length| length as u64),
        };
        let expected_bytes = expected_bytes
            .ok_or(Error::refused(S3ErrorCode::MissingContentLength, "the request needs a Content-Length"))?;
        if expected_bytes > MAX_PUT_BYTES {
            return Err(Error::refused(S3ErrorCode::EntityTooLarge, "one request may bring at most 5 GiB"));
        }
        let declared = Declared::from_headers(headers)?;
        Ok(Self { body, expected_bytes, received_bytes: 0, declared, trailers })
    }

    /// Reads the whole body, in bounded memory, and compares it with everything that the request declared. On an
    /// error nothing is left behind.
    pub(super) async fn receive(
        mut self,
        store: &Store,
        small: Small,
        also: Option<Algorithm>,
    ) -> Result<Received, Error> {
        let mut hasher = self.declared.hasher(also);
        let first = self.next_step(MAX_INLINE_BYTES + 1).await?;
        if small == Small::Inline && self.received_bytes <= MAX_INLINE_BYTES as u64 {
            let bytes = concat(first);
            hasher.update(&bytes);
            return self.checked(Body::Inline(bytes), Vec::new(), hasher.finish());
        }
        let (file, computed) = self.receive_file(store, hasher, first).await?;
        let segment = Segment { file: file.id().clone(), offset: 0, length: self.received_bytes };
        self.checked(Body::Files(vec![segment]), vec![file], computed)
    }

    async fn receive_file(
        &mut self,
        store: &Store,
        hasher: Hasher,
        first: Vec<Bytes>,
    ) -> Result<(NewFile, Computed), Error> {
        let mut sink = Sink::start(store.inner.data.clone(), store.new_file_id(), hasher, first);
        loop {
            let chunks = self.next_step(WRITE_STEP_BYTES).await?;
            if chunks.is_empty() {
                return sink.finish().await;
            }
            sink = sink.write(chunks).await?;
        }
    }

    /// The next chunks, until they hold `least_bytes` together or the body ends.
    async fn next_step(&mut self, least_bytes: usize) -> Result<Vec<Bytes>, Error> {
        let (mut chunks, mut step_bytes) = (Vec::new(), 0);
        let Some(body) = &mut self.body else { return Ok(chunks) };
        while step_bytes < least_bytes {
            match body.next().await {
                Some(Ok(chunk)) => {
                    step_bytes += chunk.len();
                    self.received_bytes += chunk.len() as u64;
                    if self.received_bytes > self.expected_bytes {
                        return Err(incomplete());
                    }
                    if !chunk.is_empty() {
                        chunks.push(chunk);
                    }
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, "the body of an upload broke off");
                    return Err(incomplete());
                }
                None => {
                    self.body = None;
                    break;
                }
            }
        }
        Ok(chunks)
    }

    fn checked(self, body: Body, files: Vec<NewFile>, computed: Computed) -> Result<Received, Error> {
        if self.received_bytes != self.expected_bytes {
            return Err(incomplete());
        }
        let trailers = self.trailers.and_then(|trailers| trailers.take());
        self.declared.verify(trailers.as_ref(), &computed)?;
        Ok(Received { body, files, size_bytes: self.received_bytes, checksums: computed.checksums })
    }
}

fn concat(mut chunks: Vec<Bytes>) -> Bytes {
    match chunks.len() {
        0 | 1 => chunks.pop().unwrap_or_default(),
        _ => chunks
            .iter()
            .fold(BytesMut::new(), |mut all, chunk| {
                all.extend_from_slice(chunk);
                all
            })
            .freeze(),
    }
}

fn incomplete() -> Error {
    Error::refused(S3ErrorCode::IncompleteBody, "the body is not what the headers declared")
}
