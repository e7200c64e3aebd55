//! In place of the ports that take content: for a process that takes none and has no leave to.
//!
//! Everything that such a process does not link is code that it neither loads nor can be made to run.

use async_trait::async_trait;
use berth_protocol::{Digest, RepositoryName};
use berth_registry::ports::{Assembly, BlobWrite, Part, Promotion, Staging, Tail, UploadData, UploadState};
use berth_registry::{ByteStream, Effect, StoreError, StoreErrorKind};
use bytes::Bytes;

/// Finds nothing staged, and refuses to store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoUploads;

fn refused<T>(operation: &'static str) -> Result<T, StoreError> {
    let source = Some("this process takes no content".into());
    Err(StoreError { kind: StoreErrorKind::Denied, effect: Effect::DidNotHappen, operation, source })
}

#[async_trait]
impl Staging for NoUploads {
    /// What is staged is for those to promote who may.
    async fn promote(&self, _: &RepositoryName, _: &Digest) -> Result<Promotion, StoreError> {
        Ok(Promotion::Absent)
    }

    async fn remove(&self, _: &RepositoryName, _: &Digest) -> Result<(), StoreError> {
        refused("RemoveStaged")
    }
}

#[async_trait]
impl BlobWrite for NoUploads {
    async fn put(&self, _: &Digest, _: Bytes) -> Result<(), StoreError> {
        refused("PutBlob")
    }
}

#[async_trait]
impl UploadData for NoUploads {
    async fn begin(&self, _: &str) -> Result<String, StoreError> {
        refused("BeginUpload")
    }

    async fn put_part(&self, _: &str, _: &str, _: u32, _: Bytes) -> Result<Part, StoreError> {
        refused("PutPart")
    }

    async fn put_tail(&self, _: &str, _: &Tail, _: Bytes) -> Result<(), StoreError> {
        refused("PutTail")
    }

    async fn tail(&self, _: &str, _: &Tail) -> Result<Option<Bytes>, StoreError> {
        refused("ReadTail")
    }

    async fn assemble(&self, _: &str, _: &str, _: &[Part]) -> Result<Assembly, StoreError> {
        refused("AssembleUpload")
    }

    async fn open(&self, _: &str) -> Result<Option<ByteStream>, StoreError> {
        refused("OpenUpload")
    }

    async fn place(&self, _: &str, _: &Digest, _: u64) -> Result<(), StoreError> {
        refused("PlaceUpload")
    }

    async fn discard(&self, _: &UploadState) -> Result<(), StoreError> {
        refused("DiscardUpload")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_staged_and_nothing_is_taken() {
        let (repository, digest) = (RepositoryName::parse("team/app").unwrap(), Digest::sha256(b"known"));
        assert_eq!(NoUploads.promote(&repository, &digest).await.unwrap(), Promotion::Absent);
        let error = NoUploads.put(&digest, Bytes::from_static(b"known")).await.unwrap_err();
        assert_eq!((error.kind, error.effect), (StoreErrorKind::Denied, Effect::DidNotHappen));
        assert!(NoUploads.begin("id").await.is_err());
    }
}
