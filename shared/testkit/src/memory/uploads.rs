use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use async_trait::async_trait;
use berth_protocol::Digest;
use berth_registry::ports::{Assembly, Part, Saved, Tail, UploadData, UploadState, UploadStates};
use berth_registry::upload::MIN_PART_BYTES;
use berth_registry::{ByteStream, Effect, StoreError, StoreErrorKind};
use bytes::{Bytes, BytesMut};

use super::Memory;
use super::data::Multipart;
use crate::stream_of;

const CHUNK_BYTES: usize = 1024 * 1024;

#[async_trait]
impl UploadStates for Memory {
    async fn get(&self, id: &str) -> Result<Option<UploadState>, StoreError> {
        let now_secs = self.now_secs();
        let stored = self.data().await.upload_states.get(id).cloned();
        Ok(stored.filter(|state| now_secs < state.expires_at_secs))
    }

    async fn save(&self, state: &UploadState) -> Result<Saved, StoreError> {
        let mut data = self.data().await;
        let stored_version = data.upload_states.get(&state.id).map_or(0, |stored| stored.version);
        if state.version != stored_version + 1 {
            return Ok(Saved::Conflict);
        }
        data.upload_states.insert(state.id.clone(), state.clone());
        Ok(Saved::Saved)
    }
}

#[async_trait]
impl UploadData for Memory {
    async fn begin(&self, id: &str) -> Result<String, StoreError> {
        let mut data = self.data().await;
        data.multiparts_begun += 1;
        let name = format!("multipart-{}", data.multiparts_begun);
        data.multiparts.insert(name.clone(), Multipart { upload: id.to_owned(), parts: BTreeMap::new() });
        Ok(name)
    }

    async fn put_part(
        &self,
        id: &str,
        multipart: &str,
        number: u32,
        body: Bytes,
    ) -> Result<Part, StoreError> {
        let mut data = self.data().await;
        let found = data.multiparts.get_mut(multipart).filter(|multipart| multipart.upload == id);
        let multipart = found.ok_or_else(|| refused("UploadPart", "the multipart upload is over"))?;
        let etag = etag(&body);
        multipart.parts.insert(number, (etag.clone(), body));
        Ok(Part { number, etag })
    }

    async fn put_tail(&self, id: &str, tail: &Tail, body: Bytes) -> Result<(), StoreError> {
        self.data().await.tails.insert((id.to_owned(), tail.id.clone()), body);
        Ok(())
    }

    async fn tail(&self, id: &str, tail: &Tail) -> Result<Option<Bytes>, StoreError> {
        Ok(self.data().await.tails.get(&(id.to_owned(), tail.id.clone())).cloned())
    }

    async fn assemble(&self, id: &str, multipart: &str, parts: &[Part]) -> Result<Assembly, StoreError> {
        let mut data = self.data().await;
        let Some(stored) = data.multiparts.get(multipart).filter(|multipart| multipart.upload == id) else {
            return Ok(if data.joined.contains_key(id) { Assembly::Found } else { Assembly::Lost });
        };
        let Some(bodies) = stored.named(parts) else { return Ok(Assembly::Lost) };
        let (_, all_but_last) =
            bodies.split_last().ok_or_else(|| refused("CompleteUpload", "there are no parts"))?;
        if all_but_last.iter().any(|body| (body.len() as u64) < MIN_PART_BYTES) {
            return Err(refused("CompleteUpload", "a part is too small"));
        }
        let joined: BytesMut = bodies.into_iter().flatten().copied().collect();
        data.joined.insert(id.to_owned(), joined.freeze());
        data.multiparts.remove(multipart);
        Ok(Assembly::Joined)
    }

    async fn open(&self, id: &str) -> Result<Option<ByteStream>, StoreError> {
        let joined = self.data().await.joined.get(id).cloned();
        Ok(joined.map(|content| stream_of(content, CHUNK_BYTES)))
    }

    async fn place(&self, id: &str, digest: &Digest, size_bytes: u64) -> Result<(), StoreError> {
        let mut data = self.data().await;
        let joined = data.joined.get(id).cloned().filter(|content| content.len() as u64 == size_bytes);
        let content = joined.ok_or_else(|| refused("CopyObject", "no content of this length was joined"))?;
        data.blobs.entry(digest.clone()).or_insert(content);
        Ok(())
    }

    async fn discard(&self, state: &UploadState) -> Result<(), StoreError> {
        let mut data = self.data().await;
        if let Some(multipart) = &state.multipart {
            data.multiparts.remove(multipart);
        }
        if let Some(tail) = &state.tail {
            data.tails.remove(&(state.id.clone(), tail.id.clone()));
        }
        data.joined.remove(&state.id);
        Ok(())
    }
}

impl Multipart {
    /// The bodies of exactly these parts, in this order; `None` if one of them is gone or was replaced.
    fn named(&self, parts: &[Part]) -> Option<Vec<&Bytes>> {
        let stored = |part: &Part| self.parts.get(&part.number).filter(|(etag, _)| *etag == part.etag);
        parts.iter().map(|part| stored(part).map(|(_, body)| body)).collect()
    }
}

/// Like S3's: the same content has the same one.
fn etag(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    format!("\"{:032x}\"", hasher.finish())
}

/// What S3 does not do.
fn refused(operation: &'static str, cause: &'static str) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unavailable,
        effect: Effect::DidNotHappen,
        operation,
        source: Some(cause.into()),
    }
}
