//! `CreateMultipartUpload`, `ListMultipartUploads` and `AbortMultipartUpload`.

use s3s::{
    S3ErrorCode, S3Request,
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType,
        CreateMultipartUploadInput, CreateMultipartUploadOutput, ListMultipartUploadsInput,
        ListMultipartUploadsOutput, MultipartUpload,
    },
};

use super::{not_implemented, page_size, timestamp};
use crate::s3::{
    attributes::attributes,
    checksums::Algorithm,
    error::Error,
    index::{Upload, find_upload, list_uploads, require_bucket},
    store::Store,
};

/// Sorts behind every name of an upload.
const AFTER_ALL: &str = "\u{10FFFF}";

pub(super) async fn create_multipart_upload(
    store: &Store,
    mut request: S3Request<CreateMultipartUploadInput>,
) -> Result<CreateMultipartUploadOutput, Error> {
    let input = &mut request.input;
    let attributes = attributes!(input)?;
    let algorithm =
        input.checksum_algorithm.as_ref().map(|name| Algorithm::parse(name.as_str())).transpose()?;
    let upload = Upload {
        id: store.new_id(),
        bucket: input.bucket.clone(),
        key: input.key.clone(),
        created_ms: store.now_ms(),
        algorithm,
        composite: is_composite(algorithm, input.checksum_type.as_ref())?,
        attributes,
    };
    let id = upload.id.clone();
    store.inner.index.change(move |change| change.create_upload(&upload)).await?;
    let CreateMultipartUploadInput { bucket, key, checksum_algorithm, checksum_type, .. } = request.input;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(bucket),
        key: Some(key),
        upload_id: Some(id),
        checksum_algorithm,
        checksum_type,
        ..Default::default()
    })
}

/// Follows the table in S3's documentation: hashes are composite, CRC64NVME is not, the other codes may be either.
fn is_composite(algorithm: Option<Algorithm>, wanted: Option<&ChecksumType>) -> Result<bool, Error> {
    let wanted = wanted.map(|wanted| wanted.as_str() == ChecksumType::COMPOSITE);
    let possible = match algorithm {
        None | Some(Algorithm::Crc64Nvme) => wanted != Some(true),
        Some(Algorithm::Sha1 | Algorithm::Sha256) => wanted != Some(false),
        Some(Algorithm::Crc32 | Algorithm::Crc32c) => true,
    };
    if !possible {
        let message = "the checksum type does not go with the checksum algorithm";
        return Err(Error::refused(S3ErrorCode::InvalidRequest, message));
    }
    Ok(wanted.unwrap_or(!matches!(algorithm, None | Some(Algorithm::Crc64Nvme))))
}

pub(super) async fn list_multipart_uploads(
    store: &Store,
    request: S3Request<ListMultipartUploadsInput>,
) -> Result<ListMultipartUploadsOutput, Error> {
    let input = request.input;
    if input.delimiter.is_some() {
        return Err(not_implemented("a delimiter for uploads is not implemented"));
    }
    let (max_uploads, limit) = page_size(input.max_uploads);
    let (bucket, prefix) = (input.bucket.clone(), input.prefix.clone().unwrap_or_default());
    let (after_key, after_id) = marker(&input);
    let read = move |connection: &_| {
        require_bucket(connection, &bucket)?;
        list_uploads(connection, &bucket, &prefix, (&after_key, &after_id), limit + 1)
    };
    let mut uploads = store.inner.index.read(read).await?;
    let is_truncated = limit > 0 && uploads.len() > limit;
    uploads.truncate(limit);
    let last = uploads.last().filter(|_| is_truncated);
    Ok(ListMultipartUploadsOutput {
        next_key_marker: last.map(|upload| upload.key.clone()),
        next_upload_id_marker: last.map(|upload| upload.id.clone()),
        is_truncated: Some(is_truncated),
        max_uploads: Some(max_uploads),
        uploads: Some(uploads.into_iter().map(describe).collect()),
        bucket: Some(input.bucket),
        prefix: input.prefix,
        key_marker: input.key_marker,
        upload_id_marker: input.upload_id_marker,
        ..Default::default()
    })
}

/// The key and the upload after which the page begins: without an upload, after all uploads of the key.
fn marker(input: &ListMultipartUploadsInput) -> (String, String) {
    match (&input.key_marker, &input.upload_id_marker) {
        (Some(key), Some(id)) => (key.clone(), id.clone()),
        (Some(key), None) => (key.clone(), AFTER_ALL.to_owned()),
        (None, _) => (String::new(), String::new()),
    }
}

fn describe(upload: Upload) -> MultipartUpload {
    MultipartUpload {
        key: Some(upload.key),
        upload_id: Some(upload.id),
        initiated: Some(timestamp(upload.created_ms)),
        checksum_algorithm: upload
            .algorithm
            .map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
        ..Default::default()
    }
}

pub(super) async fn abort_multipart_upload(
    store: &Store,
    request: S3Request<AbortMultipartUploadInput>,
) -> Result<AbortMultipartUploadOutput, Error> {
    let AbortMultipartUploadInput { bucket, key, upload_id, .. } = request.input;
    store
        .inner
        .index
        .change(move |change| {
            find_upload(change.connection, &upload_id, &bucket, &key)?;
            change.remove_upload(&upload_id)
        })
        .await?;
    Ok(AbortMultipartUploadOutput::default())
}
