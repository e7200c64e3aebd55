//! Bodies that are kept in memory.

use futures::TryStreamExt;
use reqwest::Response;

use super::{Failure, Registry, STALL_TIMEOUT};

impl Registry {
    /// The whole body of an answer; `None` if it is larger than `max_bytes`.
    pub(crate) async fn receive(
        &self,
        answer: Response,
        max_bytes: usize,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let mut body = Vec::new();
        let mut pieces = answer.bytes_stream();
        loop {
            let piece = tokio::time::timeout(STALL_TIMEOUT, pieces.try_next()).await;
            let piece = piece.map_err(|_| Failure::Stalled { host: self.origin.to_string() })?;
            match piece.map_err(|error| Failure::of_request(&self.origin, error))? {
                None => return Ok(Some(body)),
                Some(piece) if body.len() + piece.len() > max_bytes => return Ok(None),
                Some(piece) => body.extend_from_slice(&piece),
            }
        }
    }
}
