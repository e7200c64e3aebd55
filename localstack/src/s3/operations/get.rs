//! `GetObject`, `HeadObject` and `GetObjectAttributes`.

use std::{io, ops::Range};

use bytes::Bytes;
use s3s::{
    Body as HttpBody, S3ErrorCode, S3Request,
    dto::{
        Checksum, ChecksumType, GetObjectAttributesInput, GetObjectAttributesOutput,
        GetObjectAttributesParts, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
        StreamingBlob,
    },
};

use super::{etag, not_implemented, size, timestamp, with_checksums};
use crate::s3::{
    checksums::Checksums,
    conditions::ReadConditions,
    data::{self, DataFolder},
    error::Error,
    index::{Body, Object, find},
    limits::MAX_DIRECT_READ_BYTES,
    store::Store,
};

/// Describes an object in the headers that `GetObject` and `HeadObject` share.
macro_rules! described {
    ($object:expr, $with_checksums:expr, $output:ident) => {{
        let object: Object = $object;
        let checksums = if $with_checksums { object.checksums } else { Checksums::default() };
        with_checksums!(
            &checksums,
            $output {
                accept_ranges: Some("bytes".to_owned()),
                cache_control: object.attributes.cache_control,
                checksum_type: checksum_type(&checksums),
                content_disposition: object.attributes.content_disposition,
                content_encoding: object.attributes.content_encoding,
                content_language: object.attributes.content_language,
                content_length: Some(size(object.size_bytes)),
                content_type: object.attributes.content_type,
                e_tag: Some(etag(&object.etag)),
                last_modified: Some(timestamp(object.created_ms)),
                metadata: object.attributes.metadata,
                ..Default::default()
            }
        )
    }};
}

/// The conditions and the name in a request that reads.
macro_rules! wanted {
    ($input:expr) => {{
        if $input.part_number.is_some() {
            return Err(not_implemented("partNumber is not implemented"));
        }
        let conditions = ReadConditions {
            if_match: $input.if_match,
            if_none_match: $input.if_none_match,
            if_modified_since: $input.if_modified_since,
            if_unmodified_since: $input.if_unmodified_since,
        };
        ($input.bucket, $input.key, conditions)
    }};
}

/// A small answer comes in one buffer from the thread that looked into the index, a large one streams.
pub(super) async fn get_object(
    store: &Store,
    request: S3Request<GetObjectInput>,
) -> Result<GetObjectOutput, Error> {
    let (asked_for, checksum_mode) = (request.input.range, request.input.checksum_mode.is_some());
    let (bucket, key, conditions) = wanted!(request.input);
    let lease = store.inner.leases.begin();
    let data = store.inner.data.clone();
    let read = move |connection: &_| {
        let object = find(connection, &bucket, &key)?;
        conditions.check(object.version())?;
        let range = asked_for.map_or(Ok(0..object.size_bytes), |range| range.check(object.size_bytes));
        let range =
            range.map_err(|_| Error::refused(S3ErrorCode::InvalidRange, "the range is not satisfiable"))?;
        let content = content(&data, &object.body, &range)?;
        Ok((object, range, content))
    };
    let (object, range, content) = store.inner.index.read(read).await?;
    let body = match content {
        Content::Bytes(bytes) => StreamingBlob::from(HttpBody::from(bytes)),
        Content::Segments(segments) => data::stream(store.inner.data.clone(), segments, lease),
    };
    let content_range = asked_for
        .map(|_| format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), object.size_bytes));
    let mut output = described!(object, checksum_mode && asked_for.is_none(), GetObjectOutput);
    output.content_length = Some(size(range.end - range.start));
    output.content_range = content_range;
    output.body = Some(body);
    Ok(output)
}

pub(super) async fn head_object(
    store: &Store,
    request: S3Request<HeadObjectInput>,
) -> Result<HeadObjectOutput, Error> {
    let checksum_mode = request.input.checksum_mode.is_some();
    let (bucket, key, conditions) = wanted!(request.input);
    let read = move |connection: &_| {
        let object = find(connection, &bucket, &key)?;
        conditions.check(object.version())?;
        Ok(object)
    };
    let object = store.inner.index.read(read).await?;
    Ok(described!(object, checksum_mode, HeadObjectOutput))
}

/// Answers the attributes that were asked for. Of the parts only their count is known.
pub(super) async fn get_object_attributes(
    store: &Store,
    request: S3Request<GetObjectAttributesInput>,
) -> Result<GetObjectAttributesOutput, Error> {
    let GetObjectAttributesInput { bucket, key, object_attributes, .. } = request.input;
    let object = store.inner.index.read(move |connection| find(connection, &bucket, &key)).await?;
    let wants = |name: &str| {
        object_attributes
            .iter()
            .flat_map(|names| names.as_str().split(','))
            .any(|wanted| wanted.trim() == name)
    };
    let parts_count = object.parts_count().filter(|_| wants("ObjectParts"));
    let checksum = || {
        let checksum_type = checksum_type(&object.checksums);
        with_checksums!(&object.checksums, Checksum { checksum_type, ..Default::default() })
    };
    Ok(GetObjectAttributesOutput {
        checksum: wants("Checksum").then(checksum),
        e_tag: wants("ETag").then(|| etag(&object.etag)),
        last_modified: Some(timestamp(object.created_ms)),
        object_parts: parts_count
            .map(|count| GetObjectAttributesParts { total_parts_count: Some(count), ..Default::default() }),
        object_size: wants("ObjectSize").then(|| size(object.size_bytes)),
        ..Default::default()
    })
}

/// Whether the checksums are over the content or over the parts' checksums; absent when there are none.
pub(super) fn checksum_type(checksums: &Checksums) -> Option<ChecksumType> {
    let name = if checksums.composite { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT };
    (!checksums.values.is_empty()).then(|| ChecksumType::from_static(name))
}

enum Content {
    Bytes(Bytes),
    Segments(Vec<data::Segment>),
}

fn content(data: &DataFolder, body: &Body, range: &Range<u64>) -> Result<Content, Error> {
    match body {
        Body::Inline(bytes) => {
            let index = |at: u64| usize::try_from(at).ok();
            let slice =
                index(range.start).zip(index(range.end)).and_then(|(start, end)| bytes.get(start..end));
            let slice = slice.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
            Ok(Content::Bytes(bytes.slice_ref(slice)))
        }
        Body::Files(segments) => {
            let segments = data::slice(segments, range.clone());
            if range.end - range.start > MAX_DIRECT_READ_BYTES {
                return Ok(Content::Segments(segments));
            }
            Ok(Content::Bytes(data::read_all(data, &segments)?))
        }
    }
}
