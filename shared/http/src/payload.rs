//! Reading the bodies of requests.

use std::pin::Pin;

use berth_protocol::ContentRange;
use berth_registry::{BodyError, ByteStream};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE};
use http_body_util::BodyExt;

use crate::answer::Body;
use crate::failure::Failure;

/// The body of a request, not yet read.
pub(crate) struct Payload {
    content: ByteStream,
    declared_bytes: Option<u64>,
}

impl Payload {
    pub(crate) fn new(headers: &HeaderMap, body: Body) -> Self {
        let declared_bytes = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        Self { content: exactly(Box::pin(body.into_data_stream()), declared_bytes), declared_bytes }
    }

    /// The body as it comes. It ends in an error if it is shorter than its Content-Length.
    pub(crate) fn stream(self) -> ByteStream {
        self.content
    }

    /// The whole body; `Ok(None)` if it has more than `max_bytes`, of which no more than that are ever held.
    pub(crate) async fn collect(mut self, max_bytes: usize) -> Result<Option<Bytes>, Failure> {
        if self.declared_bytes.is_some_and(|declared| declared > max_bytes as u64) {
            return Ok(None);
        }
        let mut collected = BytesMut::new();
        while let Some(chunk) = self.content.next().await {
            let chunk = chunk.map_err(Failure::broken_body)?;
            if collected.len() + chunk.len() > max_bytes {
                return Ok(None);
            }
            collected.extend_from_slice(&chunk);
        }
        Ok(Some(collected.freeze()))
    }
}

/// The Content-Range of a chunk; absent is `Ok(None)`, unreadable is the spec's 416.
pub(crate) fn content_range(headers: &HeaderMap) -> Result<Option<ContentRange>, Failure> {
    let Some(value) = headers.get(CONTENT_RANGE) else { return Ok(None) };
    let range = value.to_str().ok().and_then(ContentRange::parse);
    range.map(Some).ok_or_else(Failure::malformed_range)
}

/// Ends in an error when fewer bytes came than were declared: a connection that is lost must not look like the end.
fn exactly(
    content: Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>,
    declared_bytes: Option<u64>,
) -> ByteStream {
    let Some(declared_bytes) = declared_bytes else { return content };
    let state = (content, declared_bytes, false);
    Box::pin(stream::unfold(state, |(mut content, missing_bytes, done)| async move {
        if done {
            return None;
        }
        match content.next().await {
            Some(Ok(chunk)) => {
                let missing_bytes = missing_bytes.saturating_sub(chunk.len() as u64);
                Some((Ok(chunk), (content, missing_bytes, false)))
            }
            Some(Err(cause)) => Some((Err(cause), (content, missing_bytes, true))),
            None if missing_bytes > 0 => {
                let cause = format!("the body ended {missing_bytes} bytes early").into();
                Some((Err(cause), (content, missing_bytes, true)))
            }
            None => None,
        }
    }))
}
