//! `CompleteMultipartUpload`: a row that names the files of the parts.

use std::collections::BTreeMap;

use s3s::{
    S3ErrorCode, S3Request,
    dto::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart},
};

use super::{etag, with_checksums};
use crate::s3::{
    checksums::{Algorithm, Checksums},
    conditions::WriteConditions,
    error::Error,
    index::{Body, Change, Object, Part, Upload, find_upload, list_parts},
    limits::{MAX_PART_NUMBER, MIN_PART_BYTES},
    store::Store,
};

/// The object appears and the upload goes in one commit. Parts that the request does not name are dropped.
pub(super) async fn complete_multipart_upload(
    store: &Store,
    request: S3Request<CompleteMultipartUploadInput>,
) -> Result<CompleteMultipartUploadOutput, Error> {
    let input = request.input;
    let (bucket, key) = (Some(input.bucket.clone()), Some(input.key.clone()));
    let (id, created_ms) = (store.new_id(), store.now_ms());
    let object = store.inner.index.change(move |change| complete(change, input, &id, created_ms)).await?;
    Ok(with_checksums!(
        &object.checksums,
        CompleteMultipartUploadOutput {
            bucket,
            key,
            e_tag: Some(etag(&object.etag)),
            checksum_type: super::get::checksum_type(&object.checksums),
            ..Default::default()
        }
    ))
}

fn complete(
    change: &mut Change<'_>,
    input: CompleteMultipartUploadInput,
    id: &str,
    created_ms: u64,
) -> Result<Object, Error> {
    let upload = find_upload(change.connection, &input.upload_id, &input.bucket, &input.key)?;
    let uploaded =
        list_parts(change.connection, &upload.id, 0, usize::try_from(MAX_PART_NUMBER).unwrap_or_default())?;
    let named = input.multipart_upload.as_ref().and_then(|named| named.parts.as_deref()).unwrap_or_default();
    let parts = select(named, uploaded)?;
    let object = Object {
        size_bytes: parts.iter().map(|part| part.size_bytes).sum(),
        etag: format!("{id}-{}", parts.len()),
        created_ms,
        checksums: checksums(&upload, &parts),
        body: Body::Files(parts.into_iter().flat_map(|part| part.segments).collect()),
        attributes: upload.attributes,
    };
    check_declared(&input, &object)?;
    let conditions = WriteConditions { if_match: input.if_match, if_none_match: input.if_none_match };
    let event_name = "ObjectCreated:CompleteMultipartUpload";
    change.put_object(&input.bucket, &input.key, &object, &conditions, event_name)?;
    change.remove_upload(&upload.id)?;
    Ok(object)
}

/// The parts that the request names, in its order, which must be ascending.
fn select(named: &[CompletedPart], uploaded: Vec<Part>) -> Result<Vec<Part>, Error> {
    let mut uploaded: BTreeMap<i32, Part> = uploaded.into_iter().map(|part| (part.number, part)).collect();
    let mut parts: Vec<Part> = Vec::with_capacity(named.len());
    for named in named {
        let number = named.part_number.ok_or_else(no_such_part)?;
        if parts.last().is_some_and(|before| before.number >= number) {
            return Err(Error::refused(S3ErrorCode::InvalidPartOrder, "the part numbers do not ascend"));
        }
        let part = uploaded.remove(&number).filter(|part| is_same(named, part)).ok_or_else(no_such_part)?;
        parts.push(part);
    }
    let Some((_, all_but_last)) = parts.split_last() else {
        return Err(Error::refused(S3ErrorCode::MalformedXML, "the request names no part"));
    };
    if all_but_last.iter().any(|part| part.size_bytes < MIN_PART_BYTES) {
        return Err(Error::refused(
            S3ErrorCode::EntityTooSmall,
            "only the last part may be smaller than 5 MiB",
        ));
    }
    Ok(parts)
}

fn is_same(named: &CompletedPart, part: &Part) -> bool {
    let declared = [
        (Algorithm::Crc32, &named.checksum_crc32),
        (Algorithm::Crc32c, &named.checksum_crc32c),
        (Algorithm::Crc64Nvme, &named.checksum_crc64nvme),
        (Algorithm::Sha1, &named.checksum_sha1),
        (Algorithm::Sha256, &named.checksum_sha256),
    ];
    let same_checksum = |(algorithm, value): (Algorithm, &Option<String>)| {
        value.as_deref().is_none_or(|value| part.checksums.get(algorithm) == Some(value))
    };
    named.e_tag.as_ref().is_none_or(|etag| etag.value() == part.etag)
        && declared.into_iter().all(same_checksum)
}

fn checksums(upload: &Upload, parts: &[Part]) -> Checksums {
    let parts: Vec<_> = parts.iter().map(|part| (&part.checksums, part.size_bytes)).collect();
    match upload.algorithm {
        Some(algorithm) if upload.composite => Checksums::composite(algorithm, &parts),
        Some(algorithm) => Checksums::combined(algorithm, &parts),
        None => Checksums::combined(Algorithm::Crc64Nvme, &parts),
    }
}

/// Compares what the request says of the whole object with what its parts make.
fn check_declared(input: &CompleteMultipartUploadInput, object: &Object) -> Result<(), Error> {
    if input.mpu_object_size.is_some_and(|size| u64::try_from(size) != Ok(object.size_bytes)) {
        return Err(Error::refused(S3ErrorCode::InvalidRequest, "the parts together have another size"));
    }
    let declared = [
        (Algorithm::Crc32, &input.checksum_crc32),
        (Algorithm::Crc32c, &input.checksum_crc32c),
        (Algorithm::Crc64Nvme, &input.checksum_crc64nvme),
        (Algorithm::Sha1, &input.checksum_sha1),
        (Algorithm::Sha256, &input.checksum_sha256),
    ];
    let differs = |(algorithm, value): (Algorithm, &Option<String>)| {
        let known = object.checksums.get(algorithm);
        value.as_deref().zip(known).is_some_and(|(declared, known)| declared != known)
    };
    if declared.into_iter().any(differs) {
        return Err(Error::refused(S3ErrorCode::BadDigest, "the parts together have another checksum"));
    }
    Ok(())
}

fn no_such_part() -> Error {
    Error::refused(S3ErrorCode::InvalidPart, "a named part was not uploaded, or is another")
}
