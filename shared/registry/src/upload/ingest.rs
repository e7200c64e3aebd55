//! Bytes on their way in: hashed, cut into parts, stored.

use berth_protocol::{Digest, Hasher};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;

use super::MIN_PART_BYTES;
use crate::ports::{Part, Tail, UploadState};
use crate::{BodyError, ByteStream, Registry, StoreError};

/// How many parts may be on their way to S3 while the next one fills.
const PARTS_IN_FLIGHT: usize = 2;
/// S3 takes no more parts in one upload.
const MAX_PARTS: usize = 10_000;

/// Why bytes were not taken in.
#[derive(Debug)]
pub(super) enum IngestError {
    /// More parts than S3 takes.
    TooLarge,
    /// The body broke off; what came before stands.
    Body(BodyError),
    /// Storage failed.
    Store(StoreError),
}

/// An upload that is receiving bytes.
///
/// Holds at most `PARTS_IN_FLIGHT + 1` parts in memory. Nothing of it is visible to another request before
/// [`suspend`](Self::suspend) and a save of the state that it returns.
pub(super) struct Ingest<'a> {
    registry: &'a Registry,
    state: UploadState,
    hasher: Hasher,
    /// Bytes behind the last part, already hashed.
    buffer: BytesMut,
    in_flight: FuturesOrdered<BoxFuture<'a, Result<Part, StoreError>>>,
}

/// An upload that has received everything.
pub(super) struct Sealed {
    /// The state with the last part in it.
    pub(super) state: UploadState,
    /// The digest of all bytes, in the algorithm that the session announced.
    pub(super) digest: Digest,
    /// The whole content, if it never needed a part.
    pub(super) small: Option<Bytes>,
}

impl<'a> Ingest<'a> {
    /// Continues where `state` stands.
    pub(super) async fn resume(registry: &'a Registry, state: UploadState) -> Result<Self, StoreError> {
        let hasher = Hasher::restore(&state.hasher)
            .ok_or_else(|| StoreError::corrupt("RestoreDigest", "the saved digest state is not readable"))?;
        let mut buffer = BytesMut::new();
        if let Some(tail) = &state.tail {
            let bytes = registry.ports.upload_data.tail(&state.id, tail).await?;
            let bytes = bytes.filter(|bytes| bytes.len() as u64 == tail.size_bytes);
            buffer.extend_from_slice(
                &bytes.ok_or_else(|| StoreError::corrupt("ReadTail", "the tail of the upload is gone"))?,
            );
        }
        Ok(Self { registry, state, hasher, buffer, in_flight: FuturesOrdered::new() })
    }

    /// How many bytes have come in all.
    pub(super) fn offset_bytes(&self) -> u64 {
        self.state.offset_bytes
    }

    /// Takes the whole body, storing each part as it fills.
    pub(super) async fn take(&mut self, mut body: ByteStream) -> Result<(), IngestError> {
        loop {
            tokio::select! {
                biased;
                Some(part) = self.in_flight.next() => self.state.parts.push(part?),
                chunk = body.next(), if self.in_flight.len() < PARTS_IN_FLIGHT => match chunk {
                    None => return Ok(()),
                    Some(Err(cause)) => return Err(IngestError::Body(cause)),
                    Some(Ok(chunk)) => self.push(chunk).await?,
                },
            }
        }
    }

    async fn push(&mut self, mut chunk: Bytes) -> Result<(), IngestError> {
        self.hasher.update(&chunk);
        self.state.offset_bytes += chunk.len() as u64;
        while !chunk.is_empty() {
            if self.buffer.is_empty() {
                // Room for exactly one part: growing would take up to twice as much, and for a moment three times.
                self.buffer = BytesMut::with_capacity(self.part_bytes());
            }
            let missing_bytes = self.part_bytes() - self.buffer.len();
            self.buffer.extend_from_slice(&chunk.split_to(missing_bytes.min(chunk.len())));
            if self.buffer.len() == self.part_bytes() {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    /// Sends the buffer on its way as the next part.
    async fn send_part(&mut self) -> Result<(), IngestError> {
        let number = self.parts_so_far() + 1;
        if number > MAX_PARTS {
            return Err(IngestError::TooLarge);
        }
        let data = &self.registry.ports.upload_data;
        let id = self.state.id.clone();
        let multipart = match &self.state.multipart {
            Some(multipart) => multipart.clone(),
            None => self.state.multipart.insert(data.begin(&id).await?).clone(),
        };
        let body = self.buffer.split().freeze();
        let number = u32::try_from(number).map_err(|_| IngestError::TooLarge)?;
        self.in_flight.push_back(Box::pin(async move { data.put_part(&id, &multipart, number, body).await }));
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), IngestError> {
        while let Some(part) = self.in_flight.next().await {
            self.state.parts.push(part?);
        }
        Ok(())
    }

    /// Stores what is left and returns the state from which another request can continue.
    pub(super) async fn suspend(mut self) -> Result<UploadState, IngestError> {
        self.state.tail = None;
        if self.buffer.len() as u64 >= MIN_PART_BYTES {
            self.send_part().await?;
        } else if !self.buffer.is_empty() {
            let tail = Tail { id: self.registry.ports.ids.next(), size_bytes: self.buffer.len() as u64 };
            let body = self.buffer.split().freeze();
            self.registry.ports.upload_data.put_tail(&self.state.id, &tail, body).await?;
            self.state.tail = Some(tail);
        }
        self.settle().await?;
        self.state.version += 1;
        self.state.hasher = self.hasher.save();
        Ok(self.state)
    }

    /// Ends the upload: everything is in parts, or all of it is in memory.
    pub(super) async fn seal(mut self) -> Result<Sealed, IngestError> {
        let small = if self.parts_so_far() == 0 {
            Some(self.buffer.split().freeze())
        } else {
            if !self.buffer.is_empty() {
                self.send_part().await?;
            }
            self.settle().await?;
            None
        };
        Ok(Sealed { state: self.state, digest: self.hasher.finish(), small })
    }

    fn parts_so_far(&self) -> usize {
        self.state.parts.len() + self.in_flight.len()
    }

    /// Parts grow with their number, so that small uploads need little memory and large ones fit into [`MAX_PARTS`].
    fn part_bytes(&self) -> usize {
        let mebibytes = match self.parts_so_far() {
            0..1024 => 8,
            1024..4096 => 16,
            _ => 64,
        };
        mebibytes * 1024 * 1024
    }
}

impl From<StoreError> for IngestError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
