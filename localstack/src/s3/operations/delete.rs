//! `DeleteObject` and `DeleteObjects`.

use s3s::{
    S3Error, S3ErrorCode, S3Request,
    dto::{
        DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
        ETagCondition, Error as Failure, ObjectIdentifier,
    },
};

use crate::s3::{conditions::WriteConditions, error::Error, index::Change, limits::MAX_PAGE, store::Store};

/// That the object does not exist is a success.
pub(super) async fn delete_object(
    store: &Store,
    request: S3Request<DeleteObjectInput>,
) -> Result<DeleteObjectOutput, Error> {
    let DeleteObjectInput { bucket, key, if_match, .. } = request.input;
    let conditions = WriteConditions { if_match, if_none_match: None };
    store.inner.index.change(move |change| change.delete_object(&bucket, &key, &conditions)).await?;
    Ok(DeleteObjectOutput::default())
}

/// Deletes each object by itself: one that is refused does not keep the others.
pub(super) async fn delete_objects(
    store: &Store,
    request: S3Request<DeleteObjectsInput>,
) -> Result<DeleteObjectsOutput, Error> {
    let DeleteObjectsInput { bucket, delete, .. } = request.input;
    if i32::try_from(delete.objects.len()).is_ok_and(|count| count > MAX_PAGE) {
        return Err(Error::refused(S3ErrorCode::MalformedXML, "one request may delete at most 1000 objects"));
    }
    let work = move |change: &mut Change<'_>| {
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in delete.objects {
            match delete_one(change, &bucket, &object) {
                Ok(()) => deleted.push(DeletedObject { key: Some(object.key), ..Default::default() }),
                Err(error @ Error::Refused { .. }) => errors.push(failure(object.key, error)),
                Err(error) => return Err(error),
            }
        }
        let deleted = Some(deleted).filter(|_| !delete.quiet.unwrap_or_default());
        Ok(DeleteObjectsOutput { deleted, errors: Some(errors), ..Default::default() })
    };
    store.inner.index.change(work).await
}

fn delete_one(change: &mut Change<'_>, bucket: &str, object: &ObjectIdentifier) -> Result<(), Error> {
    let if_match = object.e_tag.clone().map(ETagCondition::ETag);
    change.delete_object(bucket, &object.key, &WriteConditions { if_match, if_none_match: None })
}

fn failure(key: String, error: Error) -> Failure {
    let error = S3Error::from(error);
    Failure {
        code: Some(error.code().as_str().to_owned()),
        key: Some(key),
        message: error.message().map(str::to_owned),
        version_id: None,
    }
}
