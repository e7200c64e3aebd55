//! `CopyObject`: a new row that names the files of the source.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, header};
use s3s::{
    S3ErrorCode, S3Request,
    dto::{CopyObjectInput, CopyObjectOutput, CopyObjectResult, ETagCondition},
};

use super::{
    etag, invalid,
    source::{hash, source},
    timestamp, with_checksums,
};
use crate::s3::{
    attributes::{Attributes, attributes},
    checksums::{Algorithm, Checksums},
    conditions::{ReadConditions, WriteConditions},
    error::Error,
    index::{Change, Object, find},
    limits::MAX_COPY_BYTES,
    store::Store,
};

/// A copy that was asked for.
struct Copy {
    source: (String, String),
    source_conditions: ReadConditions,
    target: (String, String),
    target_conditions: WriteConditions,
    /// Replace those of the source.
    attributes: Option<Attributes>,
    /// The copy must have this checksum over its whole content.
    algorithm: Option<Algorithm>,
    created_ms: u64,
    /// The entity tag of the copy of a source that came in parts.
    etag: String,
}

/// How one attempt went.
enum Attempt {
    Done(Object),
    /// The source has to be read first.
    Unhashed(Object),
}

/// Checksums that were computed for one version of the source.
#[derive(Clone)]
struct Hashed {
    etag: String,
    checksums: Checksums,
}

/// Reads the source only when a checksum is asked for that is not known. When the source is replaced meanwhile, the
/// copy starts over with the new one.
pub(super) async fn copy_object(
    store: &Store,
    request: S3Request<CopyObjectInput>,
) -> Result<CopyObjectOutput, Error> {
    let copy = Arc::new(Copy::of(store, request)?);
    let _lease = store.inner.leases.begin();
    let mut hashed = None;
    loop {
        let (attempt, known) = (copy.clone(), hashed.clone());
        match store.inner.index.change(move |change| attempt.attempt(change, known)).await? {
            Attempt::Done(object) => return Ok(answer(&object)),
            Attempt::Unhashed(source) => {
                let checksums = hash(store.inner.data.clone(), source.body, copy.algorithm).await?;
                hashed = Some(Hashed { etag: source.etag, checksums });
            }
        }
    }
}

impl Copy {
    fn of(store: &Store, mut request: S3Request<CopyObjectInput>) -> Result<Self, Error> {
        let input = &mut request.input;
        let replace =
            input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == "REPLACE");
        let attributes = attributes!(input)?;
        let algorithm =
            input.checksum_algorithm.as_ref().map(|name| Algorithm::parse(name.as_str())).transpose()?;
        let source_conditions = ReadConditions {
            if_match: input.copy_source_if_match.take(),
            if_none_match: input.copy_source_if_none_match.take(),
            if_modified_since: input.copy_source_if_modified_since.take(),
            if_unmodified_since: input.copy_source_if_unmodified_since.take(),
        };
        // The generated input does not have the conditions on the target yet.
        let target_conditions = WriteConditions {
            if_match: condition(&request.headers, &header::IF_MATCH)?,
            if_none_match: condition(&request.headers, &header::IF_NONE_MATCH)?,
        };
        Ok(Self {
            source: source(&input.copy_source)?,
            source_conditions,
            target: (request.input.bucket, request.input.key),
            target_conditions,
            attributes: Some(attributes).filter(|_| replace),
            algorithm,
            created_ms: store.now_ms(),
            etag: store.new_id(),
        })
    }

    fn attempt(&self, change: &mut Change<'_>, hashed: Option<Hashed>) -> Result<Attempt, Error> {
        let source = find(change.connection, &self.source.0, &self.source.1)?;
        self.source_conditions.check_source(source.version())?;
        if source.size_bytes > MAX_COPY_BYTES {
            return Err(Error::refused(S3ErrorCode::InvalidRequest, "the source is larger than 5 GiB"));
        }
        let checksums = match hashed.filter(|hashed| hashed.etag == source.etag) {
            Some(hashed) => hashed.checksums,
            None if self.is_known(&source.checksums) => source.checksums.clone(),
            None => return Ok(Attempt::Unhashed(source)),
        };
        let object = Object {
            etag: if source.parts_count().is_some() { self.etag.clone() } else { source.etag },
            created_ms: self.created_ms,
            checksums,
            attributes: self.attributes.clone().unwrap_or(source.attributes),
            ..source
        };
        let (bucket, key) = &self.target;
        change.put_object(bucket, key, &object, &self.target_conditions, "ObjectCreated:Copy")?;
        Ok(Attempt::Done(object))
    }

    fn is_known(&self, checksums: &Checksums) -> bool {
        self.algorithm.is_none_or(|algorithm| !checksums.composite && checksums.get(algorithm).is_some())
    }
}

fn condition(headers: &HeaderMap, name: &HeaderName) -> Result<Option<ETagCondition>, Error> {
    let parse = |value: &http::HeaderValue| ETagCondition::parse_http_header(value.as_bytes());
    headers.get(name).map(parse).transpose().map_err(|_| invalid("the condition is not an entity tag"))
}

fn answer(object: &Object) -> CopyObjectOutput {
    let result = with_checksums!(
        &object.checksums,
        CopyObjectResult {
            checksum_type: super::get::checksum_type(&object.checksums),
            e_tag: Some(etag(&object.etag)),
            last_modified: Some(timestamp(object.created_ms)),
            ..Default::default()
        }
    );
    CopyObjectOutput { copy_object_result: Some(result), ..Default::default() }
}
