use berth_registry::{BodyError, ByteStream, StoreError};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};

/// Content as a stream, in chunks of at most `chunk_bytes`.
pub fn stream_of(mut content: Bytes, chunk_bytes: usize) -> ByteStream {
    let mut chunks = Vec::new();
    while !content.is_empty() {
        chunks.push(Ok(content.split_to(chunk_bytes.min(content.len()))));
    }
    stream::iter(chunks).boxed()
}

/// A body whose sender goes away after `content`.
pub fn broken_stream(content: Bytes) -> ByteStream {
    let broken: BodyError = "the sender went away".into();
    stream::iter([Ok(content), Err(broken)]).boxed()
}

/// All bytes of a stream.
pub async fn collect(stream: ByteStream) -> Result<Bytes, StoreError> {
    let join = |mut content: BytesMut, chunk: Bytes| async move {
        content.extend_from_slice(&chunk);
        Ok(content)
    };
    let content = stream.try_fold(BytesMut::new(), join).await;
    content.map(BytesMut::freeze).map_err(|cause| StoreError::corrupt("ReadStream", cause))
}
