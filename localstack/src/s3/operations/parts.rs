//! `UploadPart`, `UploadPartCopy` and `ListParts`.

use std::ops::Range;

use s3s::{
    S3ErrorCode, S3Request,
    dto::{
        ChecksumAlgorithm, CopyPartResult, ListPartsInput, ListPartsOutput, Part as DtoPart,
        Range as DtoRange, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
    },
};

use super::{
    etag, invalid, page_size,
    receive::{Incoming, Received, Small},
    size,
    source::{hash, source},
    timestamp, with_checksums,
};
use crate::s3::{
    checksums::{Algorithm, Checksums, Hasher},
    conditions::ReadConditions,
    data::{self, NewFile, Segment, Sink},
    error::Error,
    index::{Body, Object, Part, Upload, find, find_upload, list_parts as parts_of},
    limits::{MAX_COPY_BYTES, MAX_PART_NUMBER},
    store::Store,
};

pub(super) async fn upload_part(
    store: &Store,
    mut request: S3Request<UploadPartInput>,
) -> Result<UploadPartOutput, Error> {
    let input = &mut request.input;
    let target = Target::new(&input.upload_id, &input.bucket, &input.key, input.part_number)?;
    let incoming =
        Incoming::new(input.body.take(), input.content_length, &request.headers, request.trailing_headers)?;
    let upload = target.upload(store).await?;
    let received = incoming.receive(store, Small::File, upload.algorithm).await?;
    let part = put_part(store, target, received).await?;
    Ok(with_checksums!(
        &part.checksums,
        UploadPartOutput { e_tag: Some(etag(&part.etag)), ..Default::default() }
    ))
}

/// The upload and the number that a part goes to.
#[derive(Clone)]
struct Target {
    upload_id: String,
    bucket: String,
    key: String,
    number: i32,
}

impl Target {
    fn new(upload_id: &str, bucket: &str, key: &str, number: i32) -> Result<Self, Error> {
        if !(1..=MAX_PART_NUMBER).contains(&number) {
            return Err(invalid("the part number must be between 1 and 10000"));
        }
        let (upload_id, bucket, key) = (upload_id.to_owned(), bucket.to_owned(), key.to_owned());
        Ok(Self { upload_id, bucket, key, number })
    }

    async fn upload(&self, store: &Store) -> Result<Upload, Error> {
        let Self { upload_id, bucket, key, .. } = self.clone();
        store.inner.index.read(move |connection| find_upload(connection, &upload_id, &bucket, &key)).await
    }
}

async fn put_part(store: &Store, target: Target, received: Received) -> Result<Part, Error> {
    let Body::Files(segments) = received.body else { return Err(invalid("a part must be a file")) };
    let part = Part {
        number: target.number,
        size_bytes: received.size_bytes,
        etag: store.new_id(),
        created_ms: store.now_ms(),
        checksums: received.checksums,
        segments,
    };
    let work = move |change: &mut crate::s3::index::Change<'_>| {
        find_upload(change.connection, &target.upload_id, &target.bucket, &target.key)?;
        change.put_part(&target.upload_id, &part)?;
        change.keep(received.files);
        Ok(part)
    };
    store.inner.index.change(work).await
}

/// A part that is a stretch of another object: a row that names its files, unless the object is small enough to have
/// none, or the upload wants a checksum, for which the stretch is read.
pub(super) async fn upload_part_copy(
    store: &Store,
    request: S3Request<UploadPartCopyInput>,
) -> Result<UploadPartCopyOutput, Error> {
    let input = request.input;
    let target = Target::new(&input.upload_id, &input.bucket, &input.key, input.part_number)?;
    let upload = target.upload(store).await?;
    let (bucket, key) = source(&input.copy_source)?;
    let conditions = ReadConditions {
        if_match: input.copy_source_if_match,
        if_none_match: input.copy_source_if_none_match,
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let asked_for = input.copy_source_range;
    let _lease = store.inner.leases.begin();
    let read = move |connection: &_| {
        let object = find(connection, &bucket, &key)?;
        conditions.check_source(object.version())?;
        let range = copied_range(asked_for.as_deref(), object.size_bytes)?;
        Ok((object, range))
    };
    let (object, range) = store.inner.index.read(read).await?;
    let received = copied(store, object, range, upload.algorithm).await?;
    let part = put_part(store, target, received).await?;
    let result = with_checksums!(
        &part.checksums,
        CopyPartResult {
            e_tag: Some(etag(&part.etag)),
            last_modified: Some(timestamp(part.created_ms)),
            ..Default::default()
        }
    );
    Ok(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() })
}

/// Unlike the range of a read, this one must lie within the source.
fn copied_range(header: Option<&str>, size_bytes: u64) -> Result<Range<u64>, Error> {
    let range = match header.map(DtoRange::parse) {
        None => 0..size_bytes,
        Some(Ok(DtoRange::Int { first, last: Some(last) })) if last < size_bytes => first..last + 1,
        Some(Ok(DtoRange::Int { last: Some(_), .. })) => {
            return Err(Error::refused(
                S3ErrorCode::InvalidRange,
                "the range does not lie within the source",
            ));
        }
        Some(_) => return Err(invalid("the range must be bytes=<first>-<last>")),
    };
    if range.end - range.start > MAX_COPY_BYTES {
        return Err(Error::refused(S3ErrorCode::InvalidRequest, "the range is larger than 5 GiB"));
    }
    Ok(range)
}

async fn copied(
    store: &Store,
    object: Object,
    range: Range<u64>,
    algorithm: Option<Algorithm>,
) -> Result<Received, Error> {
    let size_bytes = range.end - range.start;
    let data = store.inner.data.clone();
    match object.body {
        Body::Inline(bytes) => {
            let (start, end) = (usize::try_from(range.start), usize::try_from(range.end));
            let bytes = bytes.slice(start.unwrap_or_default()..end.unwrap_or_default());
            let hasher = Hasher::new(algorithm.into_iter().chain([Algorithm::Crc64Nvme]));
            let (file, computed) =
                Sink::start(data, store.new_file_id(), hasher, vec![bytes]).finish().await?;
            Ok(Received { checksums: computed.checksums, ..named(file, size_bytes) })
        }
        Body::Files(segments) => {
            let whole = size_bytes == object.size_bytes && !object.checksums.composite;
            let body = Body::Files(data::slice(&segments, range));
            let checksums = match algorithm {
                _ if whole && algorithm.is_none_or(|algorithm| object.checksums.get(algorithm).is_some()) => {
                    object.checksums
                }
                Some(_) => hash(data, body.clone(), algorithm).await?,
                None => Checksums::default(),
            };
            Ok(Received { body, files: Vec::new(), size_bytes, checksums })
        }
    }
}

fn named(file: NewFile, size_bytes: u64) -> Received {
    let segment = Segment { file: file.id().clone(), offset: 0, length: size_bytes };
    Received {
        body: Body::Files(vec![segment]),
        files: vec![file],
        size_bytes,
        checksums: Checksums::default(),
    }
}

pub(super) async fn list_parts(
    store: &Store,
    request: S3Request<ListPartsInput>,
) -> Result<ListPartsOutput, Error> {
    let input = request.input;
    let (max_parts, limit) = page_size(input.max_parts);
    let after = input.part_number_marker.unwrap_or_default();
    let (upload_id, bucket, key) = (input.upload_id.clone(), input.bucket.clone(), input.key.clone());
    let read = move |connection: &_| {
        let upload = find_upload(connection, &upload_id, &bucket, &key)?;
        Ok((upload, parts_of(connection, &upload_id, after, limit + 1)?))
    };
    let (upload, mut parts) = store.inner.index.read(read).await?;
    let is_truncated = limit > 0 && parts.len() > limit;
    parts.truncate(limit);
    Ok(ListPartsOutput {
        is_truncated: Some(is_truncated),
        next_part_number_marker: parts.last().map(|part| part.number),
        parts: Some(parts.iter().map(describe).collect()),
        max_parts: Some(max_parts),
        checksum_algorithm: upload
            .algorithm
            .map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: input.part_number_marker,
        ..Default::default()
    })
}

fn describe(part: &Part) -> DtoPart {
    with_checksums!(
        &part.checksums,
        DtoPart {
            part_number: Some(part.number),
            size: Some(size(part.size_bytes)),
            e_tag: Some(etag(&part.etag)),
            last_modified: Some(timestamp(part.created_ms)),
            ..Default::default()
        }
    )
}
