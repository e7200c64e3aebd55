//! `PutObject`.

use s3s::{
    S3Request,
    dto::{PutObjectInput, PutObjectOutput},
};

use super::{
    etag,
    receive::{Incoming, Small},
    with_checksums,
};
use crate::s3::{
    attributes::attributes, conditions::WriteConditions, error::Error, index::Object, store::Store,
};

/// The object appears, complete and checked, or the one before it stays.
pub(super) async fn put_object(
    store: &Store,
    mut request: S3Request<PutObjectInput>,
) -> Result<PutObjectOutput, Error> {
    let input = &mut request.input;
    let attributes = attributes!(input)?;
    let incoming =
        Incoming::new(input.body.take(), input.content_length, &request.headers, request.trailing_headers)?;
    let received = incoming.receive(store, Small::Inline, None).await?;
    let object = Object {
        size_bytes: received.size_bytes,
        etag: received.files.first().map_or_else(|| store.new_id(), |file| file.id().0.clone()),
        created_ms: store.now_ms(),
        checksums: received.checksums,
        attributes,
        body: received.body,
    };
    let object = store
        .inner
        .index
        .change(move |change| {
            let PutObjectInput { bucket, key, if_match, if_none_match, .. } = request.input;
            let conditions = WriteConditions { if_match, if_none_match };
            change.put_object(&bucket, &key, &object, &conditions, "ObjectCreated:Put")?;
            change.keep(received.files);
            Ok(object)
        })
        .await?;
    Ok(with_checksums!(
        &object.checksums,
        PutObjectOutput {
            e_tag: Some(etag(&object.etag)),
            checksum_type: super::get::checksum_type(&object.checksums),
            ..Default::default()
        }
    ))
}
