//! What `CopyObject` and `UploadPartCopy` share: a source, and the hashing of content that is already here.

use std::sync::Arc;

use s3s::dto::CopySource;

use super::not_implemented;
use crate::s3::{
    checksums::{Algorithm, Checksums, Hasher},
    data::{self, DataFolder, Segment},
    error::Error,
    index::Body,
    limits::READ_PIECE_BYTES,
};

/// The bucket and the key that a copy reads.
pub(super) fn source(source: &CopySource) -> Result<(String, String), Error> {
    match source {
        CopySource::Bucket { bucket, key, version_id: None } => Ok((bucket.to_string(), key.to_string())),
        CopySource::Bucket { .. } => Err(not_implemented("versions are not implemented")),
        CopySource::AccessPoint { .. } | CopySource::Outpost { .. } => {
            Err(not_implemented("only a bucket can be the source of a copy"))
        }
    }
}

/// Reads content through a hasher for `algorithm` and CRC64NVME, on a blocking thread. The caller holds a lease.
pub(super) async fn hash(
    data: Arc<DataFolder>,
    body: Body,
    algorithm: Option<Algorithm>,
) -> Result<Checksums, Error> {
    let hash = move || {
        let mut hasher = Hasher::new(algorithm.into_iter().chain([Algorithm::Crc64Nvme]));
        match body {
            Body::Inline(bytes) => hasher.update(&bytes),
            Body::Files(segments) => hash_segments(&data, &segments, &mut hasher)?,
        }
        Ok(hasher.finish().checksums)
    };
    tokio::task::spawn_blocking(hash).await?
}

fn hash_segments(data: &DataFolder, segments: &[Segment], hasher: &mut Hasher) -> Result<(), Error> {
    for segment in segments {
        let mut at = 0;
        while at < segment.length {
            let end = segment.length.min(at + READ_PIECE_BYTES);
            let piece = data::slice(std::slice::from_ref(segment), at..end);
            hasher.update(&data::read_all(data, &piece)?);
            at = end;
        }
    }
    Ok(())
}
